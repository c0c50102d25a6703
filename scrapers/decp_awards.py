"""Items of French award data, of whatever shape, to awards: one per contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from scrapers.base import Award, Read
from scrapers.decp_files import is_release
from scrapers.decp_mapping import award, key_of
from scrapers.decp_rows import Contract, contract, is_contract
from scrapers.errors import RecordRejected
from scrapers.french_firms import firm_name
from scrapers.loose_json import Json, line, objects, without_empty
from scrapers.ocds_awards import award_fields


def awards(items: Iterable[object]) -> Iterator[Read]:
    """An award per contract, in the order of their first rows; what is none is refused alone."""
    groups: dict[str, list[Contract]] = {}
    for item in items:
        if isinstance(item, RecordRejected):
            yield item
        elif is_release(item):
            yield from _of_release(item)  # type: ignore[arg-type]
        elif not isinstance(item, dict) or not is_contract(item):
            yield RecordRejected("decp.no_contract", "an item that is no contract")
        else:
            one = contract(item)
            try:
                groups.setdefault(key_of(one), []).append(one)
            except RecordRejected as refusal:
                yield refusal
    for group in groups.values():
        yield award(group)


def ref_of(row: Json) -> str:
    """The identity of a row: its contract and, where it tells of one, its modification; "" where it has none."""
    one = contract(row)
    try:
        key = key_of(one)
    except RecordRejected:
        return ""
    number = next((line(change.number, most=40) for change in one.changes), "")
    return f"{key}#{number}" if number else key


def _of_release(release: Json) -> Iterator[Award]:
    """The awards of an OCDS export, which names its buyer among the parties only."""
    parties = [party for party in objects(release, "parties") if "buyer" in str(party.get("roles"))]
    buyer = without_empty({key: line(parties[0], key, most=200) for key in ("id", "name")}) if parties else None
    for fields in award_fields(release):
        told = objects(fields.get("winners"))
        named = [without_empty({**one, "name": firm_name(line(one, "name"))}) for one in told]
        yield Award({**({"buyer": buyer} if buyer else {}), **fields, "winners": named})
