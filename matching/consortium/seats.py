"""Who leads, who carries out which lot, what only a member brings, and the shares that follow from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from matching.consortium.types import NOTHING, Candidate, Consortium, Need, Seat, Together


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be covered. ``lot_values``: whole dirhams by lot; a lot that is not in it has no known value."""

    needs: tuple[Need, ...]
    lot_values: Mapping[str, int] = field(default_factory=lambda: NOTHING)


def seated(ask: Ask, members: Sequence[Candidate]) -> Consortium:
    """The members with their seats, the lead first."""
    lead, lead_by = _lead(ask, members)
    lots = _lots(ask, members)
    weights, shares_by = _weights(ask, members, lots)
    shares = _percents(weights)
    ordered = sorted(range(len(members)), key=lambda n: (n != lead, -shares[n], members[n].id))
    seats = tuple(
        Seat(
            id=members[n].id,
            relevance=members[n].relevance,
            brings=tuple(need.id for need in ask.needs if _brings(need, members[n])),
            alone=tuple(need.id for need in ask.needs if _only(need, members, n)),
            lots=tuple(lots[n]),
            share=shares[n],
            lead=n == lead,
        )
        for n in ordered
    )
    return Consortium(seats, lead_by, shares_by)


def _brings(need: Need, member: Candidate) -> bool:
    if need.together is Together.SUM:
        return member.amounts.get(need.id, 0) > 0
    return need.id in member.holds


def _only(need: Need, members: Sequence[Candidate], number: int) -> bool:
    """Whether the set would miss the need without this member."""
    others = [each for n, each in enumerate(members) if n != number]
    match need.together:
        case Together.EVERY:
            return False
        case Together.ANY:
            return not any(need.id in each.holds for each in others)
        case Together.SUM:
            return sum(each.amounts.get(need.id, 0) for each in others) < need.amount


def _lead(ask: Ask, members: Sequence[Candidate]) -> tuple[int, str]:
    """The strongest in the trade; where no strength is known, who brings most. Then the most relevant, then by id."""
    if len(members) == 1:
        return 0, "only"
    known = [n for n, each in enumerate(members) if each.strength is not None]
    if known:
        return min(known, key=lambda n: (-(members[n].strength or 0), -members[n].relevance, members[n].id)), "strength"
    brings = [sum(_brings(need, each) for need in ask.needs) for each in members]
    return min(range(len(members)), key=lambda n: (-brings[n], -members[n].relevance, members[n].id)), "needs"


def _lots(ask: Ask, members: Sequence[Candidate]) -> list[list[str]]:
    """The lots each would carry out: lots that few can do first, to whoever has the fewest so far."""
    taken: list[list[str]] = [[] for _ in members]
    able = {
        need.lot: [n for n, each in enumerate(members) if need.id in each.holds]
        for need in ask.needs
        if need.work and need.lot is not None
    }
    for lot in sorted(able, key=lambda each: (len(able[each]), each)):
        taken[min(able[lot], key=lambda n: (len(taken[n]), -members[n].relevance, members[n].id))].append(lot)
    return [sorted(each) for each in taken]


def _weights(ask: Ask, members: Sequence[Candidate], lots: Sequence[Sequence[str]]) -> tuple[list[Fraction], str]:
    if all(lots):
        if all(ask.lot_values.get(lot, 0) > 0 for each in lots for lot in each):
            return [Fraction(sum(ask.lot_values[lot] for lot in each)) for each in lots], "lot_values"
        return [Fraction(len(each)) for each in lots], "lots"
    return [sum((_part(need, members, each) for need in ask.needs), Fraction(0)) for each in members], "needs"


def _part(need: Need, members: Sequence[Candidate], member: Candidate) -> Fraction:
    """How much of a need a member brings, all of them together being 1."""
    if need.together is Together.SUM:
        total = sum(each.amounts.get(need.id, 0) for each in members)
        return Fraction(member.amounts.get(need.id, 0), total) if total else Fraction(0)
    if need.together is Together.EVERY or need.id not in member.holds:
        return Fraction(0)
    return Fraction(1, sum(need.id in each.holds for each in members))


def _percents(weights: Sequence[Fraction]) -> list[int]:
    """Whole percents that sum to 100, by the largest remainders."""
    total = sum(weights, Fraction(0))
    exact = [100 * each / total if total else Fraction(100, len(weights)) for each in weights]
    whole = [int(each) for each in exact]
    by_remainder = sorted(range(len(exact)), key=lambda n: (whole[n] - exact[n], n))
    for n in by_remainder[: 100 - sum(whole)]:
        whole[n] += 1
    return whole
