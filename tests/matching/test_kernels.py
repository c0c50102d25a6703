"""The compiled loops against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.kernels import postings as kernel
from matching.kernels.pairs import HALF_LIFE_DAYS, pair_signals
from matching.kernels.postings import invert, top_groups

FEATURES = 30


def random_rows(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A sparse matrix as (ptr, ids, values) and dense."""
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((rows, FEATURES)) < 0.2, rng.integers(1, 9, (rows, FEATURES)) / 8, 0).astype(np.float32)
    ptr = np.concatenate([[0], np.cumsum((dense > 0).sum(axis=1))]).astype(np.int64)
    _, ids = np.nonzero(dense)
    return ptr, ids.astype(np.int32), dense[dense > 0], dense


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10_000), rows=st.integers(1, 60), best=st.integers(1, 70), groups=st.booleans())
def test_the_best_groups_are_those_of_the_full_product(seed: int, rows: int, best: int, groups: bool) -> None:
    ptr, ids, values, dense = random_rows(seed, rows)
    rng = np.random.default_rng(seed + 1)
    starts = rng.random(rows) < 0.6 if groups else np.ones(rows, bool)
    starts[0] = True
    group = (np.cumsum(starts) - 1).astype(np.int32)
    allowed = (rng.random(group[-1] + 1) < 0.8).astype(np.uint8)
    query = np.where(rng.random(FEATURES) < 0.4, 0.5, 0).astype(np.float32)
    query_ids = np.flatnonzero(query).astype(np.int32)

    found, scores = top_groups(invert(ptr, ids, values, FEATURES), query_ids, query[query_ids], group, allowed, best)

    product = dense @ query
    exact = np.array([product[group == g].max() for g in range(group[-1] + 1)])
    order = sorted((g for g in range(group[-1] + 1) if allowed[g]), key=lambda g: (-exact[g], g))[:best]
    assert sorted(found.tolist()) == sorted(order)
    assert np.allclose(np.sort(scores), np.sort(exact[order]))


def test_rows_beyond_one_block_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = kernel.BLOCK + 10
    ptr = np.arange(rows + 1, dtype=np.int64)
    ids = np.zeros(rows, np.int32)
    values = np.linspace(0.1, 0.9, rows, dtype=np.float32)
    group = np.arange(rows, dtype=np.int32)
    group[kernel.BLOCK :] -= 1  # the group that begins in the first block goes on in the second
    found, scores = top_groups(
        invert(ptr, ids, values, 1),
        np.zeros(1, np.int32),
        np.ones(1, np.float32),
        group,
        np.ones(rows - 1, np.uint8),
        3,
    )
    assert sorted(found.tolist()) == [rows - 4, rows - 3, rows - 2]
    assert np.isclose(scores.max(), 0.9)


def test_features_newer_than_the_postings_are_passed_over() -> None:
    postings = invert(np.array([0, 1]), np.array([0], np.int32), np.array([1.0], np.float32), 1)
    query = np.array([0, 7], np.int32), np.array([0.5, 9.0], np.float32)
    _, scores = top_groups(postings, *query, np.zeros(1, np.int32), np.ones(1, np.uint8), 1)
    assert scores.tolist() == [0.5]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_pair_signals_are_the_products_of_each_channel_and_the_best_past_win(seed: int) -> None:
    tenders, startups, wins = random_rows(seed, 3), random_rows(seed + 1, 2), random_rows(seed + 2, 5)
    reference_ptr = np.array([0, 2, 5])
    channels = (np.arange(FEATURES) % 3).astype(np.uint8)
    weights = np.array([0.5, 0.25, 0.0])
    pairs = np.array([[t, s] for t in range(3) for s in range(2)])
    amounts = np.log([10.0, np.nan, 1000.0])
    tender_facts = np.column_stack([amounts, [9000.0, 9000.0, np.nan]])
    win_facts = np.column_stack(
        [np.log([10.0, 20.0, 30.0, np.nan, 1000.0]), [9000.0, 9000 - HALF_LIFE_DAYS, 1, np.nan, 9999]]
    )
    cosines, best, number, nearest = pair_signals(
        pairs, tenders[:3], startups[:3], wins[:3], reference_ptr, tender_facts, win_facts, channels, weights
    )
    for n, (t, s) in enumerate(pairs):
        product = tenders[3][t].astype(float) * startups[3][s].astype(float)
        assert np.allclose(cosines[n], [product[channels == c].sum() for c in range(3)])
        own = wins[3][reference_ptr[s] : reference_ptr[s + 1]].astype(float)
        chosen = slice(reference_ptr[s], reference_ptr[s + 1])
        age = np.nan_to_num(np.maximum(tender_facts[t, 1] - win_facts[chosen, 1], 0) / HALF_LIFE_DAYS, nan=0)
        similar = own @ (tenders[3][t] * weights[channels]) * 0.5**age
        near = np.exp(-np.abs(tender_facts[t, 0] - win_facts[chosen, 0]))
        assert np.isclose(nearest[n], np.nan_to_num(near, nan=0).max())
        assert np.isclose(best[n], similar.max())
        assert number[n] == (-1 if similar.max() == 0 else similar.argmax())
