"""One ranking made of parts: a collection larger than memory is counted, measured and ranked part by part.

What a part of the startups says is merged in the order of the parts, so that the result is that of a matcher which
holds them all: ``merge_bases`` makes the feature space, ``with_lengths`` fits it, ``best_of_part`` ranks one part in it
and ``merge_bests`` keeps the best of two parts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from matching.cpv import CpvTable
from matching.matcher import Matcher
from matching.types import Gates, Grade, Ranking, StartupDoc, TenderDoc
from matching.vectorizer import CHANNEL_COUNT, Basis, Lengths

Key: TypeAlias = tuple[float, str, int]
"""A ranked startup as it sorts: minus its score, its id, and where it stands in the whole collection."""


@dataclass(frozen=True, slots=True)
class Best:
    """The best startups for one tender among those of some parts, best first, and what the gates did there.

    ``algorithm`` names the score; it is the same for all parts.
    """

    keys: tuple[Key, ...]
    considered: int
    gated: Mapping[str, int]
    algorithm: str


def basis_of(
    *, startups: Iterable[StartupDoc] = (), tenders: Iterable[TenderDoc] = (), cpv: CpvTable | None = None
) -> Basis:
    """The feature space of a part by itself."""
    matcher = Matcher(cpv=cpv)
    matcher.load(tenders=tenders, startups=startups)
    return matcher.basis


def merge_bases(parts: Iterable[Basis]) -> Basis:
    """The feature space of all parts together, its profile lengths still to be measured in it.

    Features are numbered as they first come, as a matcher does that is given the documents in the same order.
    """
    frequency: Counter[str] = Counter()
    documents = 0
    for part in parts:
        documents += part.documents
        for term, count in zip(part.terms, part.document_frequency, strict=True):
            frequency[term] += count
    return Basis(tuple(frequency), tuple(frequency.values()), documents)


def lengths_of(matcher: Matcher, startups: Iterable[StartupDoc]) -> Lengths:
    """How long the profiles of a part are in the merged feature space, which an empty matcher was given."""
    matcher.load(startups=startups)
    return matcher.profile_lengths()


def with_lengths(basis: Basis, parts: Iterable[Lengths]) -> Basis:
    """The merged feature space, fitted: what a matcher needs to score any part as it would the whole."""
    totals, rows = np.zeros(CHANNEL_COUNT), np.zeros(CHANNEL_COUNT, np.int64)
    for part in parts:
        totals, rows = totals + part.totals, rows + part.rows
    return replace(basis, lengths=tuple(Lengths(totals, rows).mean.tolist()))


def best_of_part(
    matcher: Matcher, tenders: Sequence[TenderDoc], startups: Sequence[StartupDoc], first: int, k: int, gates: Gates
) -> list[Best]:
    """The best ``k`` startups of a part for each tender; ``first`` is where the part begins in the collection.

    ``matcher``: an empty one that was given the fitted feature space.
    """
    matcher.load(startups=startups)
    place = {startup.id: first + n for n, startup in enumerate(startups)}
    open_to_all = replace(gates, min_grade=Grade.NONE)
    return [
        _best(matcher.startups_for(tender, k=k, gates=open_to_all, with_reasons=False), place) for tender in tenders
    ]


def _best(ranking: Ranking, place: Mapping[str, int]) -> Best:
    keys = tuple((-item.score, item.startup_id, place[item.startup_id]) for item in ranking.items)
    return Best(keys, ranking.considered, dict(ranking.gated), ranking.algorithm)


def merge_bests(one: Best, other: Best, k: int) -> Best:
    """The best ``k`` of two; of equal scores the smaller id comes first, whichever part it stood in."""
    keys = tuple(sorted((*one.keys, *other.keys))[:k])
    gated = Counter(one.gated) + Counter(other.gated)
    return Best(keys, one.considered + other.considered, dict(gated), one.algorithm)


def result(matcher: Matcher, tender: TenderDoc, best: Best, gates: Gates, *, with_reasons: bool) -> Ranking:
    """The ranking that merged parts amount to; ``matcher`` has their basis and holds the startups that won."""
    winners = frozenset(startup for _, startup, _ in best.keys)
    ranking = matcher.startups_for(
        tender, k=len(winners), gates=replace(gates, only=winners), with_reasons=with_reasons
    )
    gated = dict(best.gated)
    if "grade" in ranking.gated:
        gated["grade"] = ranking.gated["grade"]
    return replace(ranking, considered=best.considered, gated=gated, algorithm=best.algorithm)
