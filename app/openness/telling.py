"""Counts as buyers may see them.

A buyer knows who is listed, and writes the clauses: with counts of one or two it could read a startup's turnover out of
the mirror by asking for a little more each time. So counts of 1 and 2 are not told, nor a count that would tell one by
subtraction. Equal treatment asks for no more than this: how open the call is.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from app.openness.schemas import LEAST_TOLD, ChangeOut, ClauseOut, CountsOut
from app.requirements.findings import is_prose
from matching.openness.mirror import Change, ClauseCounts, Counts, Mirror


def few(count: int) -> bool:
    """Whether a count is about somebody."""
    return 0 < count < LEAST_TOLD


def told(count: int) -> int | None:
    """A count, unless it is about somebody."""
    return None if few(count) else count


Name = TypeVar("Name", bound=Hashable)


def told_parts(parts: Mapping[Name, int]) -> dict[Name, int | None]:
    """Counts whose sum is known: where one is not told, neither is the smallest other that is not 0."""
    hidden = {name for name, count in parts.items() if few(count)}
    if len(hidden) == 1:
        others = sorted((count, str(name), name) for name, count in parts.items() if name not in hidden and count > 0)
        hidden |= {others[0][2]} if others else set()
    return {name: None if name in hidden else count for name, count in parts.items()}


def counts_out(counts: Counts) -> CountsOut:
    """Three counts as they may be told."""
    return CountsOut(**told_parts({"passed": counts.passed, "failed": counts.failed, "unknown": counts.unknown}))


def clause_out(each: ClauseCounts) -> ClauseOut:
    """A clause with its counts."""
    clause = each.clause
    return ClauseOut(
        id=clause.id if clause else None,
        rule=each.rule,
        kind=clause.kind if clause else None,
        lot=clause.lot if clause else None,
        quote=clause.quote if clause and is_prose(clause.field) else "",
        field=clause.field if clause else None,
        confidence=clause.confidence if clause else None,
        counts=counts_out(each.counts),
        alone=told(each.alone),
    )


def change_out(each: Change, mirror: Mirror) -> ChangeOut:
    """A change with its counts; none where the difference to the counts before would be about somebody."""
    before, after = mirror.counts, each.counts
    moved = (after.passed - before.passed, after.failed - before.failed, after.unknown - before.unknown)
    hidden = any(few(abs(difference)) for difference in (*moved, each.let_in, each.no_more_out))
    counts = CountsOut(passed=None, failed=None, unknown=None) if hidden else counts_out(after)
    return ChangeOut(
        how=each.how, clauses=list(each.clauses), lots=each.lots, counts=counts, let_in=told(each.let_in),
        no_more_out=told(each.no_more_out),
    )  # fmt: skip
