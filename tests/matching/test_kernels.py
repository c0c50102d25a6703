"""The compiled loops against plain numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.kernels.pairs import HALF_LIFE_DAYS, pair_signals

FEATURES = 30


def random_rows(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A sparse matrix as (ptr, ids, values) and dense."""
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((rows, FEATURES)) < 0.2, rng.integers(1, 9, (rows, FEATURES)) / 8, 0).astype(np.float32)
    ptr = np.concatenate([[0], np.cumsum((dense > 0).sum(axis=1))]).astype(np.int64)
    _, ids = np.nonzero(dense)
    return ptr, ids.astype(np.int32), dense[dense > 0], dense


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
