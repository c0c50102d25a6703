"""The shapes in which one French contract is published, brought to one.

Nested as the official schemas say (2019, 2022), where lists are wrapped or not and sometimes nested twice; flat with
numbered slots as the interface gives it; or a row per supplier or per modification in files others have consolidated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import lru_cache

from scrapers.loose_json import Json

_MARKS = frozenset({
    "acheteur", "acheteur_id", "autoriteconcedante", "autoriteconcedante_id", "titulaires", "concessionnaires",
    "titulaire_id", "titulaire_id_1", "codecpv",
})  # fmt: skip
_WRAPPERS = frozenset({"titulaire", "concessionnaire"})
_MOST_SLOTS = 50


@dataclass(frozen=True, slots=True)
class Party:
    """A buyer or a supplier as written."""

    id: object = None
    kind: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """A modification as written; what it does not change is None or empty."""

    number: object = None
    signed: object = None
    published: object = None
    months: object = None
    amount: object = None
    suppliers: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract as written. ``plain`` holds its simple fields by folded name ("codecpv")."""

    plain: Json
    buyer: Party
    suppliers: tuple[Party, ...]
    changes: tuple[Change, ...]
    concession: bool


def is_contract(item: object) -> bool:
    """Whether an object is a contract of this data."""
    return isinstance(item, dict) and not _MARKS.isdisjoint(_folded(item))


def contract(item: Json) -> Contract:
    """One item, of whatever shape."""
    plain = _folded(item)
    concession = bool(plain.get("autoriteconcedante") or plain.get("concessionnaires"))
    named = plain.get("autoriteconcedante") or plain.get("acheteur")
    buyer = next(_parties(named), None) or Party(plain.get("acheteur_id"), "SIRET", _said(plain.get("acheteur_nom")))
    suppliers = tuple(_parties(plain.get("titulaires"))) or tuple(_parties(plain.get("concessionnaires")))
    told = map(_change, _objects(plain.get("modifications"), {"modification"}))
    changes = tuple(told) or tuple(_change_of_row(plain))
    return Contract(plain, buyer, suppliers or tuple(_slots(plain)), changes, concession)


def _folded(item: Json) -> dict[str, object]:
    return {_key(key): value for key, value in item.items()}


@lru_cache(maxsize=2_048)
def _key(written: object) -> str:
    return str(written).casefold().replace(".", "_")


def _said(value: object) -> str:
    return value if isinstance(value, str) else ""


def _objects(value: object, wrappers: AbstractSet[str]) -> Iterator[Json]:
    """Objects out of lists, lists of lists, wrapped ones and bare ones; a text in their place is none."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(reversed(one))
        elif isinstance(one, dict):
            wrapped = [one[name] for name in wrappers & one.keys()]
            if wrapped:
                stack.extend(wrapped)
            elif one:
                yield one


def _parties(value: object) -> Iterator[Party]:
    for one in _objects(value, _WRAPPERS):
        name = one.get("denominationSociale") or one.get("nom")
        yield Party(one.get("id"), _said(one.get("typeIdentifiant")), _said(name))


def _slots(row: Json) -> Iterator[Party]:
    """``titulaire_id_1`` and its neighbours, or the one supplier of a row."""
    for slot in ("", *(f"_{number}" for number in range(1, _MOST_SLOTS))):
        keys = [f"titulaire_{name}{slot}" for name in ("id", "typeidentifiant", "denominationsociale", "nom")]
        if not slot and keys[0] not in row:
            continue
        if slot and keys[0] not in row and keys[2] not in row:
            return
        written, kind, name, other = (row.get(key) for key in keys)
        yield Party(written, _said(kind), _said(name) or _said(other))


def _change(one: Json) -> Change:
    held = _folded(one)
    return Change(
        held.get("id"),
        _first(held, ("datenotificationmodification", "datesignaturemodification")),
        held.get("datepublicationdonneesmodification"),
        held.get("dureemois"),
        _first(held, ("montant", "valeurglobale")),
        tuple(_parties(held.get("titulaires"))),
    )


def _change_of_row(row: Json) -> Iterator[Change]:
    """The modification that a flat row carries beside its contract."""
    number = row.get("idmodification")
    amount = row.get("montantmodification")
    signed = _first(row, ("datenotificationmodificationmodification", "datenotificationmodification"))
    if number is None and amount is None and signed is None:
        return
    supplier = Party(row.get("idtitulairemodification"), _said(row.get("typeidentifianttitulairemodification")))
    months, told = row.get("dureemoismodification"), row.get("datepublicationdonneesmodificationmodification")
    yield Change(number, signed, told, months, amount, (supplier,) if supplier.id is not None else ())


def _first(holder: Mapping[str, object], names: Sequence[str]) -> object:
    return next((holder[name] for name in names if holder.get(name) is not None), None)
