"""From needs and candidates to proposals: who may be a member at all, then the search."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from matching.consortium.search import Pool, Search, foremost, pool_of, taken_of
from matching.consortium.seats import Ask, seated
from matching.consortium.types import Candidate, Need, Proposals, Together, Wish

MOST_STEPS = 20_000
"""Steps of the search before it is cut short; a step looks at every candidate once."""


def propose(ask: Ask, candidates: Sequence[Candidate], wish: Wish | None = None, steps: int = MOST_STEPS) -> Proposals:
    """The ``wish.count`` best of the smallest sets that meet all needs: by size, then by the sum of relevance.

    Raises:
        TooManyNeeds: more than 62 needs tell the candidates apart.
        ValueError: ``wish`` asks for no member or for no set.
    """
    wish = wish or Wish()
    if wish.most < 1 or wish.count < 1:
        raise ValueError("a proposal has at least one member and one set")
    fit = [each for each in candidates if each.id not in wish.without and not barred(ask.needs, each)]
    nobody = _nobody(ask.needs, candidates, fit, wish.most)
    kept_out = tuple(need for each in candidates if each.id == wish.including for need in barred(ask.needs, each))
    wished_is_there = wish.including is None or any(each.id == wish.including for each in fit)
    if nobody or not fit or not wished_is_there:
        return Proposals((), nobody, kept_out, considered=len(fit))
    search = Search(_searched(pool_of(ask.needs, fit), wish), wish, steps)
    proven = search.run()
    chosen = [[search.pool.candidates[row] for row in rows] for _, rows in search.found]
    sets = tuple(seated(ask, members) for members in chosen)
    return Proposals(sets, proven=proven, considered=len(fit))


def barred(needs: Sequence[Need], candidate: Candidate) -> tuple[str, ...]:
    """What keeps a candidate out: needs that every member must meet, lots that it already bids for by itself."""
    return tuple(
        need.id
        for need in needs
        if (need.together is Together.EVERY and need.id not in candidate.holds)
        or (need.work and need.lot in candidate.apart)
    )


def _nobody(
    needs: Sequence[Need], candidates: Sequence[Candidate], fit: Sequence[Candidate], most: int
) -> tuple[str, ...]:
    """The needs that can't be met, whoever comes together."""
    return tuple(need.id for need in needs if not _met(need, candidates, fit, most))


def _met(need: Need, candidates: Sequence[Candidate], fit: Sequence[Candidate], most: int) -> bool:
    match need.together:
        case Together.EVERY:
            return any(need.id in each.holds for each in candidates)
        case Together.ANY:
            return any(need.id in each.holds for each in fit)
        case Together.SUM:
            return sum(sorted((each.amounts.get(need.id, 0) for each in fit), reverse=True)[:most]) >= need.amount


def _searched(pool: Pool, wish: Wish) -> Pool:
    """The candidates that one of the best sets can have, and the one that is wished for."""
    rows = foremost(pool, wish.most + wish.count - 1)
    wished = [row for row, each in enumerate(pool.candidates) if each.id == wish.including]
    return taken_of(pool, np.unique(np.concatenate([rows, np.array(wished, dtype=np.intp)])))
