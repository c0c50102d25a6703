"""A collection ranked part by part gives what it gives as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.files.to_matching import startup_doc, tender_doc
from app.kit.clock import utc_now
from app.sample import sample_startups, sample_tenders
from matching import Matcher
from matching.partition import (
    Best,
    basis_of,
    best_of_part,
    lengths_of,
    merge_bases,
    merge_bests,
    result,
    with_lengths,
)  # fmt: skip
from matching.types import Gates, Grade, Ranking, StartupDoc
from matching.vectorizer import Basis

TENDERS = [tender_doc(record) for record in sample_tenders(utc_now())][:12]
STARTUPS = [startup_doc(record) for record in sample_startups()]
TOP = 8


def fitted(parts: Sequence[Sequence[StartupDoc]]) -> Basis:
    merged = merge_bases([*(basis_of(startups=part) for part in parts), basis_of(tenders=TENDERS)])
    return with_lengths(merged, [lengths_of(Matcher(basis=merged), part) for part in parts])


def in_parts(parts: Sequence[Sequence[StartupDoc]], gates: Gates) -> list[Ranking]:
    basis = fitted(parts)
    bests: list[Best] = []
    first = 0
    for part in parts:
        found = best_of_part(Matcher(basis=basis), TENDERS, part, first, TOP, gates)
        bests = [merge_bests(*pair, TOP) for pair in zip(bests, found, strict=True)] if bests else found
        first += len(part)
    everyone = [startup for part in parts for startup in part]
    rankings = []
    for tender, best in zip(TENDERS, bests, strict=True):
        matcher = Matcher(basis=basis)
        matcher.load(startups=[everyone[row] for _, _, row in best.keys])
        rankings.append(result(matcher, tender, best, gates, with_reasons=True))
    return rankings


def whole(gates: Gates) -> list[Ranking]:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    return [matcher.startups_for(tender, k=TOP, gates=gates) for tender in TENDERS]


def same(one: Ranking, other: Ranking) -> None:
    assert [item.startup_id for item in one.items] == [item.startup_id for item in other.items]
    assert (one.considered, dict(one.gated), one.algorithm) == (other.considered, dict(other.gated), other.algorithm)
    for mine, theirs in zip(one.items, other.items, strict=True):
        assert mine.score == pytest.approx(theirs.score, abs=1e-9)
        assert (mine.grade, mine.lot_id, mine.unknown) == (theirs.grade, theirs.lot_id, theirs.unknown)
        assert sum(reason.contribution for reason in mine.reasons) == pytest.approx(mine.score, abs=1e-9)
        for a, b in zip(mine.reasons, theirs.reasons, strict=True):
            assert a.contribution == pytest.approx(b.contribution, abs=1e-9)
            assert a._replace(contribution=0.0) == b._replace(contribution=0.0)


@pytest.mark.parametrize("size", [1, 7, len(STARTUPS)])
def test_parts_of_any_size_give_the_ranking_of_the_whole(size: int) -> None:
    parts = [STARTUPS[start : start + size] for start in range(0, len(STARTUPS), size)]
    for mine, theirs in zip(in_parts(parts, Gates()), whole(Gates()), strict=True):
        same(mine, theirs)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(1, len(STARTUPS) - 1), max_size=4, unique=True).map(sorted))
def test_wherever_it_is_cut_the_ranking_stays(cuts: list[int]) -> None:
    parts = [STARTUPS[start:stop] for start, stop in pairwise([0, *cuts, len(STARTUPS)])]
    gates = Gates(as_of=utc_now(), same_country=False, min_grade=Grade.POSSIBLE)
    for mine, theirs in zip(in_parts(parts, gates), whole(gates), strict=True):
        same(mine, theirs)


def test_the_merged_feature_space_is_that_of_the_whole() -> None:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    merged, basis = fitted([STARTUPS[:5], STARTUPS[5:]]), matcher.basis
    assert (merged.terms, merged.document_frequency, merged.documents) == (
        basis.terms, basis.document_frequency, basis.documents,
    )  # fmt: skip
    assert merged.lengths == pytest.approx(basis.lengths, rel=1e-12)


def test_equals_are_ordered_by_id_whichever_part_they_stood_in() -> None:
    one = Best(((-1.0, "b", 0), (-0.5, "x", 1)), 2, {"country": 1}, "a-1")
    other = Best(((-1.0, "a", 2), (-1.0, "c", 3)), 2, {"country": 2, "deadline": 1}, "a-1")
    merged = merge_bests(one, other, 3)
    assert merged == merge_bests(other, one, 3)
    assert [startup for _, startup, _ in merged.keys] == ["a", "b", "c"]
    assert (merged.considered, merged.gated) == (4, {"country": 3, "deadline": 1})
