"""Exact top-k over postings, against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import postings as blocked
from matching.kernels.retrieval import scores_of_rows, top_scored
from matching.postings import Postings
from matching.vectorizer import Rows
from tests.matching.test_kernels import FEATURES, random_rows

seeds = st.integers(0, 10_000)


def rows_of(seed: int, count: int) -> tuple[Rows, np.ndarray]:
    """Random weighted rows, and the same as a dense matrix."""
    ptr, ids, values, dense = random_rows(seed, count)
    return Rows(ptr, ids, values, values, np.empty((count, 0))), dense


def best_of(products: np.ndarray, k: int, allowed: np.ndarray | None = None) -> list[int]:
    eligible = [n for n, p in enumerate(products) if p > 0 and (allowed is None or allowed[n])]
    return sorted(eligible, key=lambda n: (-products[n], n))[:k]


@settings(max_examples=60, deadline=None)
@given(seed=seeds, count=st.integers(0, 60), k=st.integers(0, 70), gated=st.booleans(), small=st.booleans())
def test_the_best_rows_are_those_of_the_full_product(seed: int, count: int, k: int, gated: bool, small: bool) -> None:
    rows, dense = rows_of(seed, count)
    queries, asked = rows_of(seed + 1, 4)
    allowed = (np.random.default_rng(seed).random(count) < 0.6).astype(np.uint8) if gated else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked, "BLOCK", 7 if small else 65_536)
        postings = Postings.of(rows, FEATURES)
    assert postings.starts.size - 1 == -(-count // (7 if small else 65_536))
    many, products = postings.top_many(queries, k, threads=2)
    assert many.shape == products.shape == (4, k)
    for n in range(4):
        exact = dense @ asked[n]
        found, scores = postings.top(*queries.row(n), k, allowed)
        assert found.tolist() == best_of(exact, k, allowed)
        assert np.allclose(scores, exact[found])
        expected = best_of(exact, k)
        assert many[n].tolist() == expected + [-1] * (k - len(expected))
        assert np.allclose(products[n, : len(expected)], exact[expected])


def test_a_batch_gives_the_very_numbers_of_single_queries() -> None:
    rows, _ = rows_of(1, 500)
    queries, _ = rows_of(2, 150)
    postings = Postings.of(rows, FEATURES)
    items, scores = postings.top_many(queries, 7, threads=3)
    for n in range(len(queries)):
        found, products = postings.top(*queries.row(n), 7)
        assert items[n, : found.size].tolist() == found.tolist()
        assert scores[n, : found.size].tobytes() == products.tobytes()


def test_ties_go_to_lower_rows_over_block_borders() -> None:
    count = blocked.BLOCK + 500
    ptr = np.arange(count + 1, dtype=np.int64)
    values = np.full(count, 0.5, np.float32)
    values[-3] = 0.75
    rows = Rows(ptr, np.zeros(count, np.int32), values, values, np.empty((count, 0)))
    postings = Postings.of(rows, 1)
    assert postings.starts.tolist() == [0, blocked.BLOCK, count]
    found, scores = postings.top(np.zeros(1, np.int32), np.ones(1, np.float32), 4)
    assert found.tolist() == [count - 3, 0, 1, 2]
    assert scores.tolist() == [0.75, 0.5, 0.5, 0.5]


def test_features_newer_than_the_postings_are_passed_over() -> None:
    values = np.ones(1, np.float32)
    postings = Postings.of(Rows(np.array([0, 1]), np.zeros(1, np.int32), values, values, np.empty((1, 0))), 1)
    found, scores = postings.top(np.array([0, 7], np.int32), np.array([0.5, 9.0], np.float32), 1)
    assert (found.tolist(), scores.tolist()) == ([0], [0.5])


def test_groups_stay_in_one_block(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocked, "BLOCK", 4)
    rows, _ = rows_of(3, 9)
    assert Postings.of(rows, FEATURES, np.array([0, 3, 5, 6, 9])).starts.tolist() == [0, 3, 6, 9]
    with pytest.raises(ValueError, match="more than 4 rows"):
        Postings.of(rows, FEATURES, np.array([0, 5, 9]))


@settings(max_examples=80, deadline=None)
@given(seed=seeds, count=st.integers(1, 60), best=st.integers(1, 70), grouped=st.booleans(), small=st.booleans())
def test_scored_rows_are_the_weighted_roots_of_each_channel_in_postings_as_in_a_tail(
    seed: int, count: int, best: int, grouped: bool, small: bool
) -> None:
    rng = np.random.default_rng(seed)
    rows, dense = rows_of(seed, count)
    channels = (np.arange(FEATURES) % 3).astype(np.uint8)
    asked = np.where(rng.random(FEATURES) < 0.4, rng.random(FEATURES), 0).astype(np.float32)
    order = np.argsort(channels[asked > 0], kind="stable")
    ids = np.flatnonzero(asked)[order].astype(np.int32)
    query = (ids, asked[ids], np.searchsorted(channels[ids], np.arange(4)).astype(np.int64))
    weights = np.array([2, 0.5, -1], np.float32)
    starts = rng.random(count) < 0.6 if grouped else np.ones(count, bool)
    starts[0] = True
    group = np.cumsum(starts) - 1
    group_ptr = np.append(np.flatnonzero(starts), count)
    one_each = group_ptr.size == count + 1
    prior, slopes = np.empty(0, np.float32), np.empty((3, 0), np.float32)
    if one_each:
        prior, slopes = rng.random(count).astype(np.float32), rng.random((3, count)).astype(np.float32)
    allowed = (rng.random(group[-1] + 1) < 0.8).astype(np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocked, "BLOCK", 11 if small else 65_536)
        postings = Postings.of(rows, FEATURES, group_ptr if max(np.diff(group_ptr)) <= 11 else None)
    if not one_each and postings.starts.size > 2 and max(np.diff(group_ptr)) > 11:
        return  # a group of more rows than the small block: refused elsewhere
    owners = np.empty(0, np.int32) if one_each else group.astype(np.int32)

    plain = scores_of_rows(rows.flat(), channels, query, weights, (prior, slopes))
    found, scores = top_scored(
        postings.parts, postings.starts, owners, query, weights, (prior, slopes), allowed, min(best, allowed.size)
    )

    roots = np.sqrt(np.array([dense[:, channels == c] @ asked[channels == c] for c in range(3)]))
    exact = prior + (slopes * roots).sum(axis=0) if one_each else weights @ roots
    assert np.allclose(plain, exact, atol=1e-5)
    of_group = np.array([plain[group == g].max() for g in range(allowed.size)])
    order = sorted((g for g in range(allowed.size) if allowed[g]), key=lambda g: (-of_group[g], g))
    assert found.tolist() == order[:best]
    assert scores.tobytes() == of_group[found].tobytes()


@settings(max_examples=30, deadline=None)
@given(seed=seeds, count=st.integers(1_000, 4_000), k=st.integers(1, 40), values=st.integers(1, 30))
def test_ties_go_to_lower_rows_over_many_chunks(seed: int, count: int, k: int, values: int) -> None:
    chance = np.random.default_rng(seed)
    ids = chance.integers(0, 3, count).astype(np.int32)
    weights = (chance.integers(1, values + 1, count) / np.float32(values)).astype(np.float32)
    rows = Rows(np.arange(count + 1), ids, weights, weights, np.empty((count, 0)))
    postings = Postings.of(rows, 3)
    products = np.where(ids < 2, weights, np.float32(0.0))
    found, scores = postings.top(np.array([0, 1], np.int32), np.ones(2, np.float32), k)
    assert found.tolist() == best_of(products, k)
    assert scores.tolist() == products[found].tolist()
