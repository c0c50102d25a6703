"""The exact search: sets of one member, of two and so on, until some cover everything; then the best of that size.

Branch and bound. At each step the uncovered need with the fewest holders is taken, since one of its holders must be in
the set, and holders are tried from the most promising on; a branch that can't beat the sets already found ends. Of the
members that reach a sum together, one brings at least its equal part: that is a need like any other, for each size.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from matching.consortium.bounds import MOST_BITS, Masks, Points, best_tables
from matching.consortium.types import Candidate, Need, Together, Wish

POINTS_OF_ONE = 1_000_000
"""Relevance is added up in millionths, so that equal sums are equal whatever the order."""

_MOST_NEEDS = 62


class TooManyNeeds(ValueError):
    """More needs that tell candidates apart than fit into a mask."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates as columns. ``sums[i]`` is what each brings to the ``i``-th need of ``SUM``, cut at what is needed."""

    candidates: Sequence[Candidate]
    holds: npt.NDArray[np.bool_]
    """Candidates by needs of ``ANY``."""
    points: Points
    sums: npt.NDArray[np.int64]
    needed: npt.NDArray[np.int64]
    against: Mapping[int, frozenset[int]]
    """Rows that can't be with a row; most have none."""


def points_of(relevance: float) -> int:
    """Relevance in millionths."""
    return round(relevance * POINTS_OF_ONE)


def pool_of(needs: Sequence[Need], candidates: Sequence[Candidate]) -> Pool:
    """Candidates as columns; needs that everybody meets, or that another need implies, take no bit.

    Raises:
        TooManyNeeds: more than 62 are left.
    """
    wanted = _telling([need.id for need in needs if need.together is Together.ANY], candidates)
    added = [need for need in needs if need.together is Together.SUM]
    if len(wanted) + len(added) > _MOST_NEEDS:
        raise TooManyNeeds(len(wanted) + len(added))
    needed = np.array([need.amount for need in added], dtype=np.int64)
    holds = np.array([[need in each.holds for need in wanted] for each in candidates], dtype=np.bool_)
    sums = np.array(
        [[min(max(each.amounts.get(need.id, 0), 0), need.amount) for each in candidates] for need in added],
        dtype=np.int64,
    ).reshape(len(added), len(candidates))
    points = np.array([points_of(each.relevance) for each in candidates], dtype=np.int32)
    holds = holds.reshape(len(candidates), len(wanted))
    return Pool(candidates, holds, points, sums, needed, _opponents(candidates))


def against(one: Candidate, other: Candidate) -> bool:
    """Whether two can't be in one consortium: the same owner's, or one excludes the other."""
    same_owner = one.owner is not None and one.owner == other.owner
    return same_owner or other.id in one.excludes or one.id in other.excludes


def _opponents(candidates: Sequence[Candidate]) -> dict[int, frozenset[int]]:
    """:func:`against` for all pairs, without looking at all pairs."""
    row_of = {each.id: row for row, each in enumerate(candidates)}
    by_owner: dict[str, list[int]] = defaultdict(list)
    pairs: dict[int, set[int]] = defaultdict(set)
    for row, each in enumerate(candidates):
        for other in (row_of[id_] for id_ in each.excludes if id_ in row_of):
            pairs[row].add(other)
            pairs[other].add(row)
        if each.owner is not None:
            by_owner[each.owner].append(row)
    for rows in by_owner.values():
        for row in rows:
            pairs[row].update(rows)
    return {row: frozenset(others - {row}) for row, others in pairs.items() if others - {row}}


def _telling(needs: Sequence[str], candidates: Sequence[Candidate]) -> list[str]:
    """The needs that must be looked at, the rarest first: whoever meets a need that few meet may thereby meet another.

    A need whose holders include all holders of another one is met with it.
    """
    holders: dict[str, set[int]] = {need: set() for need in needs}
    for number, each in enumerate(candidates):
        for held in each.holds:
            if held in holders:
                holders[held].add(number)
    kept: list[str] = []
    for need in sorted(holders, key=lambda one: (len(holders[one]), one)):
        if not any(holders[other] <= holders[need] for other in kept):
            kept.append(need)
    return kept


def foremost(pool: Pool, keep: int) -> npt.NDArray[np.intp]:
    """Which candidates can be in one of the best sets: of those that bring the very same and have nothing against
    anybody, the ``keep`` most relevant.
    """
    taken: dict[tuple[int, ...], int] = {}
    chosen: list[int] = []
    order = sorted(range(len(pool.candidates)), key=lambda n: (-int(pool.points[n]), pool.candidates[n].id))
    sides = np.column_stack([pool.holds, pool.sums.T]).tolist()
    for number in order:
        if not pool.against.get(number):
            brings = tuple(sides[number])
            taken[brings] = taken.get(brings, 0) + 1
            if taken[brings] > keep:
                continue
        chosen.append(number)
    return np.array(chosen, dtype=np.intp)


def taken_of(pool: Pool, rows: npt.NDArray[np.intp]) -> Pool:
    """A pool of some of the candidates."""
    candidates = [pool.candidates[row] for row in rows]
    return Pool(
        candidates, pool.holds[rows], pool.points[rows], pool.sums[:, rows], pool.needed, _opponents(candidates)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """A pool seen for sets of one size: needs of sums stand in the masks too, the lowest bit has the fewest holders."""

    masks: Masks
    everything: int
    holders: list[npt.NDArray[np.intp]]
    best: list[Points]


@dataclass(frozen=True, slots=True)
class _Branch:
    """A part of the search: sets of ``size`` with ``chosen`` in them, what they leave ``uncovered`` and ``missing``,
    and how relevant they surely are. ``after``: only later rows may follow.
    """

    chosen: tuple[int, ...]
    uncovered: int
    missing: npt.NDArray[np.int64]
    sure: int
    rest: int
    after: int = -1


@dataclass(slots=True)
class Search:
    """One search over a pool. ``found``: sum of points and rows of each set, the best first."""

    pool: Pool
    wish: Wish
    steps: int
    found: list[tuple[int, tuple[int, ...]]] = field(default_factory=list)
    _seen: set[frozenset[int]] = field(default_factory=set)
    _against: dict[int, npt.NDArray[np.bool_]] = field(default_factory=dict)

    def run(self) -> bool:
        """Look for sets of the least size; whether all was looked at."""
        wanted = self.wish.including
        start = [row for row, each in enumerate(self.pool.candidates) if each.id == wanted]
        for size in range(max(len(start), 1), self.wish.most + 1):
            level = self._level(size)
            branch = _Branch((), level.everything, self.pool.needed, 0, size)
            for row in start:
                branch = self._with(level, branch, row)
            self._extend(level, branch)
            if self.found or self.steps <= 0:
                break
        return self.steps > 0

    def _level(self, size: int) -> _Level:
        pool = self.pool
        parts = [amounts * size >= needed for amounts, needed in zip(pool.sums, pool.needed, strict=True)]
        columns = np.column_stack([pool.holds, *parts])
        columns = columns[:, np.argsort(columns.sum(axis=0), kind="stable")]
        bits = columns.shape[1]
        masks = columns.astype(np.int64) @ (1 << np.arange(bits, dtype=np.int64))
        return _Level(
            masks,
            (1 << bits) - 1,
            [np.flatnonzero(columns[:, bit]) for bit in range(bits)],
            best_tables(masks, pool.points, min(bits, MOST_BITS), size),
        )

    def _with(self, level: _Level, branch: _Branch, row: int) -> _Branch:
        return _Branch(
            (*branch.chosen, row),
            branch.uncovered & ~int(level.masks[row]),
            branch.missing - self.pool.sums[:, row],
            branch.sure + int(self.pool.points[row]),
            branch.rest - 1,
            -1 if branch.uncovered else row,
        )

    def _extend(self, level: _Level, branch: _Branch) -> None:
        """All sets that hold the branch's members and are of its size."""
        if branch.rest == 0:
            if branch.uncovered == 0 and not (branch.missing > 0).any():
                self._keep(branch.sure, branch.chosen)
            return
        self.steps -= 1
        if self.steps <= 0:
            return
        rows = self._open(level, branch)
        table = level.best[branch.rest - 1]
        left = branch.uncovered & ~level.masks[rows]
        hopes = branch.sure + self.pool.points[rows].astype(np.int64) + table[left & (len(table) - 1)]
        promising = hopes > self._least()
        rows, hopes = rows[promising], hopes[promising]
        for at in np.argsort(-hopes, kind="stable"):
            if hopes[at] <= self._least():
                break
            self._extend(level, self._with(level, branch, int(rows[at])))

    def _open(self, level: _Level, branch: _Branch) -> npt.NDArray[np.intp]:
        """Who may be next: holders of the rarest uncovered need that stand against nobody and leave sums reachable.

        Once only sums are missing, members are taken in the order of their rows, so that no set is met twice.
        """
        uncovered = branch.uncovered
        if uncovered:
            rows = level.holders[(uncovered & -uncovered).bit_length() - 1]
        else:
            rows = np.arange(branch.after + 1, len(self.pool.candidates), dtype=np.intp)
        if branch.rest == 1:
            rows = rows[(uncovered & ~level.masks[rows]) == 0]
        for amounts, missing in zip(self.pool.sums, branch.missing, strict=True):
            if missing > 0:
                others = int(amounts.max()) * (branch.rest - 1)
                rows = rows[amounts[rows] >= missing - others]
        for row in branch.chosen:
            rows = rows[~self._conflicts(row)[rows]]
        return rows

    def _conflicts(self, row: int) -> npt.NDArray[np.bool_]:
        """Whom a member can't be with, itself included."""
        known = self._against.get(row)
        if known is None:
            known = np.zeros(len(self.pool.candidates), dtype=np.bool_)
            known[[row, *self.pool.against.get(row, ())]] = True
            self._against[row] = known
        return known

    def _least(self) -> int:
        """What a set must beat."""
        return self.found[-1][0] if len(self.found) >= self.wish.count else -1

    def _keep(self, points: int, chosen: tuple[int, ...]) -> None:
        members = frozenset(chosen)
        if members not in self._seen:
            self._seen.add(members)
            ids = self.pool.candidates
            self.found.append((points, tuple(sorted(chosen))))
            self.found.sort(key=lambda each: (-each[0], sorted(ids[row].id for row in each[1])))
            del self.found[self.wish.count :]
