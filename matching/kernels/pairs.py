"""Exact signals of tender-startup pairs, by merging their sorted rows. One kernel for every direction, so that a pair
has the same numbers whoever asks.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from matching.kernels.compiling import compiled
from matching.vectorizer import F32, F64, I32, I64, U8

HALF_LIFE_DAYS: Final = 8 * 365.25
"""How long it takes a past win to count half."""


@compiled
def _add_products(dense: F32, ids: I32, values: F32, channels: U8, sums: F64) -> None:
    """Add the products of a row with a dense one to the sum of their channel, in feature order."""
    for position in range(ids.size):
        other = dense[ids[position]]
        if other != 0.0:
            sums[channels[ids[position]]] += np.float64(other) * np.float64(values[position])


@compiled
def _closeness(one: float, other: float) -> float:
    """1 for equal amounts, less by a factor e for each factor e between them, 0 where either is unknown."""
    gap = abs(one - other)
    return math.exp(-gap) if gap == gap else 0.0  # noqa: PLR0124 - NaN, and numba reads it fastest so


@compiled
def _recency(tender_day: float, win_day: float) -> float:
    """1 for a win of the tender's own days, half of it each ``HALF_LIFE_DAYS`` earlier, 1 where a date is unknown."""
    age = tender_day - win_day
    return 0.5 ** (max(age, 0.0) / HALF_LIFE_DAYS) if age == age else 1.0  # noqa: PLR0124 - NaN


@compiled
def pair_signals(  # noqa: PLR0913, PLR0917 - the arrays of both collections, as flat as the kernel reads them
    pairs: I64,
    tenders: tuple[I64, I32, F32],
    startups: tuple[I64, I32, F32],
    references: tuple[I64, I32, F32],
    reference_ptr: I64,
    tender_facts: F64,
    reference_facts: F64,
    channels: U8,
    reference_weights: F64,
) -> tuple[F64, F64, I64, F64]:
    """For each pair (tender row, startup): the cosine of every channel, the best past win's similarity and its number
    (-1: none), and how near the amount of the nearest past win is.

    A past win's similarity is the sum of its channels' cosines weighted by ``reference_weights``, times its recency.
    Facts are (scaled logarithm of the amount, day), NaN where unknown.
    """
    tender_ptr, tender_ids, tender_values = tenders
    startup_ptr, startup_ids, startup_values = startups
    win_ptr, win_ids, win_values = references
    count = reference_weights.size
    cosines = np.zeros((pairs.shape[0], count), np.float64)
    best_similarity = np.zeros(pairs.shape[0], np.float64)
    best_reference = np.full(pairs.shape[0], -1, np.int64)
    nearest = np.zeros(pairs.shape[0], np.float64)
    sums = np.empty(count, np.float64)
    dense = np.zeros(channels.size, np.float32)
    spread = np.int64(-1)  # the tender row that stands in ``dense``
    for number in range(pairs.shape[0]):
        tender, startup = pairs[number, 0], pairs[number, 1]
        if tender != spread:
            if spread >= 0:
                dense[tender_ids[tender_ptr[spread] : tender_ptr[spread + 1]]] = 0.0
            for position in range(tender_ptr[tender], tender_ptr[tender + 1]):
                dense[tender_ids[position]] = tender_values[position]
            spread = tender
        begin, end = startup_ptr[startup], startup_ptr[startup + 1]
        _add_products(dense, startup_ids[begin:end], startup_values[begin:end], channels, cosines[number])
        for win in range(reference_ptr[startup], reference_ptr[startup + 1]):
            sums[:] = 0.0
            begin, end = win_ptr[win], win_ptr[win + 1]
            _add_products(dense, win_ids[begin:end], win_values[begin:end], channels, sums)
            similarity = 0.0
            for channel in range(count):
                similarity += sums[channel] * reference_weights[channel]
            similarity *= _recency(tender_facts[tender, 1], reference_facts[win, 1])
            nearest[number] = max(nearest[number], _closeness(tender_facts[tender, 0], reference_facts[win, 0]))
            if similarity > best_similarity[number]:
                best_similarity[number] = similarity
                best_reference[number] = win - reference_ptr[startup]
    return cosines, best_similarity, best_reference, nearest
