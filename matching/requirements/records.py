"""The structured fields of a tender's flat record (docs/formats.md), and the texts among them."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from matching.requirements.findings import (
    Certificate,
    Count,
    Finding,
    Kind,
    Money,
    References,
    Reservation,
    ReservedGroup,
    Turnover,
    Value,
)
from matching.requirements.reading import read_text

TOLD = 1.0
"""The confidence of a field of the contract: the source states it as that, and nothing was read out of words."""
_TEXTS = ("title", "description")
_LABELS = {
    "bond": re.compile(r"caution|garantie_?provisoire|bid_?(?:bond|security)", re.IGNORECASE),
    "estimate": re.compile(r"estimat", re.IGNORECASE),
    "qualification": re.compile(r"qualif", re.IGNORECASE),
    "agrement": re.compile(r"agr[ée]ment", re.IGNORECASE),
    "reserved": re.compile(r"r[ée]serv", re.IGNORECASE),
    "visit": re.compile(r"visite", re.IGNORECASE),
    "samples": re.compile(r"[ée]chantillon|sample", re.IGNORECASE),
    "filing": re.compile(r"r[ée]ponse_?type|type_?r[ée]ponse|submission_?method", re.IGNORECASE),
}
_AS_TEXT = {
    "bond": "Caution provisoire", "estimate": "Estimation", "qualification": "Certificat de qualification",
    "agrement": "Agréments", "reserved": "Réservé aux PME", "visit": "Visites des lieux", "samples": "Échantillons",
    "filing": "Dépôt des offres",
}  # fmt: skip
_KNOWN = frozenset({
    "id", "buyer", "sector", "category", "procedure", "activities", "cpv", "place", "country", "value", "bond",
    "published", "published_basis", "deadline", "deadline_basis", "lots", "reserved_sme", "language", "url", *_TEXTS,
})  # fmt: skip
_MAX_EXTRAS = 100
_MAX_LOTS = 500
MAX_CHARACTERS = 200_000
"""How much of a record's texts is read in all, in the order title, description, lots, extras: requests read records,
and a hostile text of millions of characters would keep them busy for minutes.
"""


class _Allowance:
    """What may still be read of a record."""

    def __init__(self) -> None:
        self._left = MAX_CHARACTERS

    def cut(self, text: str) -> str:
        """As much of a text as is left to be read."""
        read = text[: self._left]
        self._left -= len(read)
        return read


def read_record(record: Mapping[str, object]) -> tuple[Finding, ...]:
    """The requirements that a flat tender record tells: its fields first, then its title, description and extras.

    Each names its ``field`` (``lots[2].value``); offsets and quote are those within that field's text. Extra fields of
    a source (``caution_provisoire``, ``qualifications`` ...) count by their names where they hold text. Fields that
    are missing or malformed say nothing: no value is guessed.
    """
    country = record.get("country")
    code = country if isinstance(country, str) and len(country) == 2 else None
    left = _Allowance()
    told = [found for name in _TEXTS for found in _text(record.get(name), name, code, left)]
    return (
        *_money(record.get("value"), Kind.ESTIMATE, "value"),
        *_money(record.get("bond"), Kind.BOND, "bond"),
        *_deadline(record.get("deadline"), record.get("deadline_basis")),
        *_reserved(record.get("reserved_sme")),
        *_lots(record.get("lots"), code, left),
        *told,
        *_extras(record, code, left),
    )


def _told(kind: Kind, value: Value, written: str, field: str) -> Finding:
    return Finding(kind, value, written, 0, len(written), TOLD, field)


def _money(value: object, kind: Kind, field: str, lot: str | None = None) -> Iterator[Finding]:
    if not isinstance(value, Mapping):
        return
    amount, currency = _amount(value.get("amount")), value.get("currency")
    if amount is not None and amount > 0 and isinstance(currency, str):
        yield _told(kind, Money(amount, currency, lot=lot), f"{amount:f} {currency}", field)


def _amount(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _deadline(value: object, basis: object) -> Iterator[Finding]:
    written = value.isoformat() if isinstance(value, dt.date) else value
    if not isinstance(written, str):
        return
    try:
        when: dt.datetime | dt.date = (
            dt.datetime.fromisoformat(written) if len(written) > 10 else dt.date.fromisoformat(written)
        )
    except ValueError:
        return
    if basis == "day" and isinstance(when, dt.datetime):
        when = when.date()  # its hour was made up when the record was read
    yield _told(Kind.DEADLINE, when, written, "deadline")


def _reserved(value: object) -> Iterator[Finding]:
    if isinstance(value, bool):
        groups = (ReservedGroup.SME,) if value else ()
        yield _told(Kind.RESERVED, Reservation(groups), "true" if value else "false", "reserved_sme")


def _lots(value: object, country: str | None, left: _Allowance) -> Iterator[Finding]:
    if isinstance(value, str) or not isinstance(value, Sequence) or not value:
        return
    yield _told(Kind.LOTS, Count(len(value)), str(len(value)), "lots")
    for number, lot in enumerate(value[:_MAX_LOTS]):
        if not isinstance(lot, Mapping):
            continue
        name = str(lot.get("id") or number + 1)
        yield from _money(lot.get("value"), Kind.ESTIMATE, f"lots[{number}].value", name)
        yield from _money(lot.get("bond"), Kind.BOND, f"lots[{number}].bond", name)
        for field in _TEXTS:
            for found in _text(lot.get(field), f"lots[{number}].{field}", country, left):
                yield replace(found, value=_of_lot(found.value, name))


def _of_lot(value: Value, name: str) -> Value:
    """The value with the lot in whose text it stood, where it names none itself."""
    if isinstance(value, Money | Turnover | References | Certificate) and value.lot is None:
        return replace(value, lot=name)
    return value


def _text(value: object, field: str, country: str | None, left: _Allowance) -> Iterator[Finding]:
    if isinstance(value, str) and (read := left.cut(value)):
        for found in read_text(read, country=country):
            yield replace(found, field=field)


def _extras(record: Mapping[str, object], country: str | None, left: _Allowance) -> Iterator[Finding]:
    """Fields beyond the contract whose name says what they hold: read as the line "label: text" of a notice."""
    for name, value in list(record.items())[:_MAX_EXTRAS]:
        if name in _KNOWN or not isinstance(value, str) or not value.strip():
            continue
        what = next((what for what, spelt in _LABELS.items() if spelt.search(name)), None)
        if what is None:
            yield from _text(value, name, country, left) if len(value) > 40 else ()
            continue
        label = f"{_AS_TEXT[what]} : "
        for found in read_text(label + left.cut(value), country=country):
            start, end = max(0, found.start - len(label)), found.end - len(label)
            if end > 0:
                yield replace(found, quote=value[start:end], start=start, end=end, field=name)
