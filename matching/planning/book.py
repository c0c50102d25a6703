"""The dated data that plans rest on: pieces of a bid, and routes with their steps (``matching/data/planning``)."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from typing import Final, TypeAlias, get_args

from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Citation, Confidence
from matching.errors import PlanningError
from matching.requirements.findings import Kind

ANYWHERE: Final = "*"
ALWAYS: Final = "always"
UNION: Final = "EU"
_PIECE: Final = frozenset({"id", "needs", "jurisdictions", "from", "file", "working_days"})
_GUARANTEE: Final = frozenset({"id", "jurisdictions", "percent"})
_SECTIONS: Final = frozenset({"version", "piece", "guarantee", "route"})
_ROUTE: Final = frozenset({"id", "jurisdictions", "steps"})
_CITED: Final = frozenset({"source", "as_of", "confidence"})
_OPTIONAL: Final = frozenset({"article", "document"})
_LONGEST: Final = 250
_WHOLE: Final = 100

CONFIDENCES: Final[tuple[Confidence, ...]] = get_args(Confidence)
Table: TypeAlias = Mapping[str, object]


class RouteKind(StrEnum):
    """The lawful ways in."""

    OTHER_LOT = "other_lot"
    SIMPLIFIED_CALL = "simplified_call"
    PURCHASE_ORDER = "purchase_order"
    RESERVED_CALL = "reserved_call"
    CONSORTIUM = "consortium"
    SUBCONTRACT = "subcontract"
    PILOT = "pilot"
    INNOVATIVE_PURCHASE = "innovative_purchase"
    UNSOLICITED_PROPOSAL = "unsolicited_proposal"


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a bid. ``needs``: the kind of requirement that calls for it, ``None`` for always.

    ``giver`` is who makes it out, ``file`` the part of the bid it goes into, ``document`` the kind of
    ``HeldDocument`` that is this piece, ``working_days`` from asking to having.
    """

    id: str
    needs: Kind | None
    jurisdictions: frozenset[str]
    giver: str
    file: str
    working_days: int
    citation: Citation
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A sum that is bound after the award, in percent of the contract, where the call does not say otherwise."""

    id: str
    jurisdictions: frozenset[str]
    percent: Decimal
    citation: Citation


@dataclass(frozen=True, slots=True)
class RouteForm:
    """A route as the book has it for a jurisdiction: its steps in their order, each with its working days."""

    kind: RouteKind
    jurisdictions: frozenset[str]
    steps: tuple[tuple[str, int], ...]
    citation: Citation


@dataclass(frozen=True, slots=True)
class PlanningBook:
    """All pieces, guarantees and routes. Immutable."""

    pieces: tuple[Piece, ...]
    guarantees: tuple[Guarantee, ...]
    routes: tuple[RouteForm, ...]

    def pieces_for(self, country: str | None, asked: frozenset[Kind]) -> tuple[Piece, ...]:
        """The pieces that a bid in a country takes, given the kinds that the call asks."""
        own = jurisdictions_of(country)
        return tuple(
            piece
            for piece in self.pieces
            if (piece.needs is None or piece.needs in asked) and (piece.jurisdictions & own)
        )

    def guarantee_for(self, name: str, country: str | None) -> Guarantee | None:
        """What is bound after an award in a country, where that is known."""
        own = jurisdictions_of(country)
        return next((one for one in self.guarantees if one.id == name and one.jurisdictions & own), None)

    def route_for(self, kind: RouteKind, country: str | None) -> RouteForm | None:
        """A route as the law of the nearest jurisdiction has it: the country's, the union's, anywhere's."""
        forms = [form for form in self.routes if form.kind is kind]
        for jurisdiction in (country, UNION if _in_union(country) else None, ANYWHERE):
            for form in forms:
                if jurisdiction in form.jurisdictions:
                    return form
        return None


def jurisdictions_of(country: str | None) -> frozenset[str]:
    """The jurisdictions whose rules hold in a country; of an unknown country only those that hold anywhere."""
    if country is None:
        return frozenset({ANYWHERE})
    return frozenset({ANYWHERE, country, UNION} if _in_union(country) else {ANYWHERE, country})


def _in_union(country: str | None) -> bool:
    """Whether the union's pack of rules holds in a country: one list says who its members are."""
    return any(pack.jurisdiction == UNION and pack.holds_in(country) for pack in default_rules().packs)


def parse_book(pieces: bytes, routes: bytes) -> PlanningBook:
    """Read both files. Raises ``PlanningError`` naming the file and the entry."""
    book = PlanningBook(
        tuple(_piece(table) for table in _tables(pieces, "piece")),
        tuple(_guarantee(table) for table in _tables(pieces, "guarantee")),
        tuple(_route(table) for table in _tables(routes, "route")),
    )
    ids = [piece.id for piece in book.pieces]
    if len(ids) != len(set(ids)):
        raise PlanningError("pieces: an id stands twice")
    for kind in RouteKind:
        told = [jurisdiction for form in book.routes if form.kind is kind for jurisdiction in form.jurisdictions]
        if not told or len(told) != len(set(told)):
            raise PlanningError(f"routes: {kind.value!r} must stand once for each jurisdiction, and at least once")
    return book


@lru_cache(maxsize=1)
def default_book() -> PlanningBook:
    """The book that ships."""
    folder = files("matching") / "data" / "planning"
    return parse_book((folder / "pieces.toml").read_bytes(), (folder / "routes.toml").read_bytes())


def _tables(raw: bytes, name: str) -> list[Table]:
    try:
        read = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanningError(f"{name}: {error}") from error
    if unknown := set(read) - _SECTIONS:
        raise PlanningError(f"{name}: doesn't know {sorted(unknown)}")
    tables = read.get(name)
    if not isinstance(tables, list):
        raise PlanningError(f"{name}: the file must hold [[{name}]]")
    return tables


def _piece(table: Table) -> Piece:
    _check_names(table, _PIECE)
    needs = _text(table, "needs")
    if needs != ALWAYS and needs not in set(Kind):
        raise PlanningError(f"{table['id']}: needs {needs!r}, which is no kind of requirement")
    return Piece(
        id=_text(table, "id"),
        needs=None if needs == ALWAYS else Kind(needs),
        jurisdictions=_places(table),
        giver=_text(table, "from"),
        file=_text(table, "file"),
        working_days=_days(table, table["working_days"]),
        citation=_citation(table),
        document=_text(table, "document") if "document" in table else None,
    )


def _guarantee(table: Table) -> Guarantee:
    _check_names(table, _GUARANTEE)
    percent = table["percent"]
    if not isinstance(percent, int) or isinstance(percent, bool) or not 0 < percent <= _WHOLE:
        raise PlanningError(f"{table['id']}: percent is a whole number from 1 to {_WHOLE}")
    return Guarantee(_text(table, "id"), _places(table), Decimal(percent), _citation(table))


def _route(table: Table) -> RouteForm:
    _check_names(table, _ROUTE)
    kind = _text(table, "id")
    steps = table["steps"]
    if kind not in set(RouteKind) or not isinstance(steps, list) or not steps:
        raise PlanningError(f"{kind}: must be a known route with steps")
    return RouteForm(RouteKind(kind), _places(table), tuple(_step(table, step) for step in steps), _citation(table))


def _step(table: Table, step: object) -> tuple[str, int]:
    match step:
        case [str(name), days] if name:
            return name, _days(table, days)
        case _:
            raise PlanningError(f"{table['id']}: a step is a name and its working days")


def _check_names(table: Table, needed: frozenset[str]) -> None:
    missing, unknown = (needed | _CITED) - set(table), set(table) - needed - _CITED - _OPTIONAL
    if missing or unknown:
        raise PlanningError(f"{table.get('id')}: lacks {sorted(missing)}, doesn't know {sorted(unknown)}")


def _text(table: Table, name: str) -> str:
    value = table[name]
    if not isinstance(value, str) or not value.strip():
        raise PlanningError(f"{table.get('id')}: {name} must be a text")
    return value


def _days(table: Table, value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LONGEST:
        raise PlanningError(f"{table['id']}: working days are a whole number up to {_LONGEST}")
    return value


def _places(table: Table) -> frozenset[str]:
    places = table["jurisdictions"]
    if not isinstance(places, list) or not places or not all(isinstance(place, str) for place in places):
        raise PlanningError(f'{table["id"]}: jurisdictions must be a list of codes, or ["*"]')
    return frozenset(places)


def _citation(table: Table) -> Citation:
    as_of = table["as_of"]
    confidence = next((known for known in CONFIDENCES if known == table["confidence"]), None)
    if confidence is None or not isinstance(as_of, dt.date) or isinstance(as_of, dt.datetime):
        raise PlanningError(f"{table['id']}: must have a day `as_of` and a confidence of {CONFIDENCES}")
    return Citation(
        jurisdiction=", ".join(sorted(_places(table))),
        article=_text(table, "article") if "article" in table else None,
        source=_text(table, "source"),
        as_of=as_of,
        confidence=confidence,
    )
