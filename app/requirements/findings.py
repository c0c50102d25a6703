"""Findings as rows, where each was found, and which of them count where they differ."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from app.models.tender_requirement import RequirementCorrection, TenderRequirement
from matching.eligibility.asked import clause_id
from matching.requirements.findings import Finding, Kind
from matching.requirements.unwire import value_from

Origin: TypeAlias = Literal["owner", "document", "field", "text"]
_ORDER: Final[tuple[Origin, ...]] = ("text", "field", "document", "owner")
"""Whose word counts against whose: the last one's. A notice is a summary of its documents."""
_PROSE: Final = ("title", "description")


@dataclass(frozen=True, slots=True)
class Asked:
    """A finding with where it comes from. ``clause``: what it is about, the same for all that tell of one thing."""

    finding: Finding
    origin: Origin
    clause: str
    document_id: uuid.UUID | None = None
    page: int | None = None
    counts: bool = True


def asked_of(rows: Iterable[TenderRequirement], corrections: Iterable[RequirementCorrection]) -> list[Asked]:
    """All that is known of a call's requirements, kind by kind, and which of it counts.

    The owner's word replaces all that was found of a kind. Else, of what tells of one thing, documents count before
    fields, these before what was read in a notice's prose, and the surer before the less sure.
    """
    told = {Kind(one.kind): [value_from(Kind(one.kind), value) for value in one.told] for one in corrections}
    found = [_asked(row) for row in rows]
    best = _best(found)
    kept = [replace(one, counts=best[one.clause] is one and one.finding.kind not in told) for one in found]
    said = [
        _with_clause(Finding(kind, value, "", 0, 0, 1.0), "owner") for kind, values in told.items() for value in values
    ]
    order = list(Kind)
    return sorted([*said, *kept], key=lambda one: (order.index(one.finding.kind), not one.counts))


def counting(asked: Iterable[Asked]) -> tuple[Finding, ...]:
    """The findings that count: what clauses are made of (``matching.eligibility.asked.clauses_of``)."""
    return tuple(one.finding for one in asked if one.counts)


def origin_of(finding: Finding, document_id: uuid.UUID | None) -> Origin:
    """Where a finding comes from: a document, the prose of a notice, or a field of it."""
    if document_id is not None:
        return "document"
    return "text" if _column(finding.field) in _PROSE else "field"


def is_prose(field: str | None) -> bool:
    """Whether a field of a notice holds sentences: what was read elsewhere is a value, and quotes nothing."""
    return _column(field) in (*_PROSE, "conditions")


def _column(field: str | None) -> str:
    return (field or _PROSE[0]).rpartition(".")[2]


def finding_of(row: TenderRequirement) -> Finding:
    """The finding that a row keeps."""
    kind = Kind(row.kind)
    value = value_from(kind, row.value)
    return Finding(kind, value, row.quote, row.start_at, row.end_at, row.confidence, row.field)


def unknown_kinds(asked: Iterable[Asked]) -> list[Kind]:
    """The kinds of which nothing is known. That an owner dismissed what was found makes them no better known."""
    known = {one.finding.kind for one in asked if one.counts}
    return [kind for kind in Kind if kind not in known]


def _asked(row: TenderRequirement) -> Asked:
    finding = finding_of(row)
    return replace(_with_clause(finding, origin_of(finding, row.document_id)),
                   document_id=row.document_id, page=row.page)  # fmt: skip


def _with_clause(finding: Finding, origin: Origin) -> Asked:
    return Asked(finding, origin, clause_id(finding))


def _best(found: Iterable[Asked]) -> Mapping[str, Asked]:
    best: dict[str, Asked] = {}
    for one in found:
        known = best.setdefault(one.clause, one)
        if _weight(one) > _weight(known):
            best[one.clause] = one
    return best


def _weight(one: Asked) -> tuple[int, float]:
    return _ORDER.index(one.origin), one.finding.confidence
