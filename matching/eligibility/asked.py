"""Findings as clauses: one for each thing that is asked, under an id that stays while the call says the same."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from matching.eligibility.facts import Clause
from matching.requirements.findings import Certificate, Equipment, Finding, Kind, Payment, Team
from matching.text import fold

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 60
_MANY: Final = frozenset({Kind.CERTIFICATE, Kind.TEAM, Kind.EQUIPMENT, Kind.PAYMENT})
"""Kinds of which a call may ask several; of the others the surest finding counts."""


def clauses_of(findings: Iterable[Finding]) -> tuple[Clause, ...]:
    """The clauses of a call, in the order in which they were found."""
    best: dict[str, Finding] = {}
    for found in findings:
        known = best.setdefault(clause_id(found), found)
        if found.confidence > known.confidence:
            best[clause_id(found)] = found
    return tuple(
        Clause(id_, each.kind, each.value, _lot(each), each.quote, each.field, each.confidence)
        for id_, each in best.items()
    )


def _lot(found: Finding) -> str | None:
    lot = getattr(found.value, "lot", None)
    return lot if isinstance(lot, str) else None


def clause_id(found: Finding) -> str:
    """What findings of one thing have in common: ``bond``, ``certificate:iso-9001``, ``turnover@2`` of lot 2."""
    name = str(found.kind)
    if found.kind in _MANY:
        name += ":" + ("-".join(fold(word) for word in _WORD.findall(_named(found)))[:_LONGEST] or "any")
    lot = _lot(found)
    return name if lot is None else f"{name}@{lot}"


def _named(found: Finding) -> str:
    match found.value:
        case Certificate(name=name, sector=sector, grade=grade):
            return " ".join(filter(None, (name, sector, grade)))
        case Team(role=role):
            return role or ""
        case Equipment(what=what):
            return what
        case Payment():
            return " ".join(term for term, told in _terms(found.value) if told is not None)
        case _:
            return ""


def _terms(payment: Payment) -> tuple[tuple[str, object], ...]:
    return (
        ("days", payment.days),
        ("advance", payment.advance_percent),
        ("retention", payment.retention_percent),
        ("definitive bond", payment.definitive_bond_percent),
    )
