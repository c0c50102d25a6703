"""Findings to counted features.

The compiled twin of ``matching.extraction``, which specifies it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels.compiling import compiled, inlined
from matching.vectorizer import F64, I32, I64, U8

WORD: Final = 0
CONCEPT: Final = 1
INTENT: Final = 5
TRADE: Final = 6

# Kinds of findings besides those named like their channels (see ``kernels.phrases``).
POINTED_AT: Final = 8
LOOSELY_FOUND: Final = 9
CONTEXT_MET: Final = 10
DETAIL_FOUND: Final = 11

CHANNEL_SHIFT: Final = 27
"""A feature is coded as its channel above this bit and its symbol below."""

PLAIN: Final = 0
"""What is made of a unit: words and concepts as often as they stand, nothing else."""

WIN: Final = 1
"""Words, concepts with the broader ones, and codes."""

STARTUP: Final = 2
"""Every feature; the share of what it tells of itself tempers concepts and trades of sectors."""

TENDER: Final = 3
"""Every feature, and the concepts related to those named; intents choose how far each trade counts."""


class Lent(NamedTuple):
    """Concepts that each lends weight to, with the shares: those of concept ``n`` are ``ptr[n]:ptr[n + 1]``."""

    ptr: I32
    concept: I32
    factor: F64


class LentBy(NamedTuple):
    """What concepts lend on each side."""

    startups: Lent
    tenders: Lent


class Supply(NamedTuple):
    """The trades of each concept with their weights (``ptr[n]:ptr[n + 1]``) and what the trades are."""

    ptr: I32
    trade: I32
    weight: F64
    sector: U8
    of_sectors: U8
    intents: U8
    factors: F64


class Units(NamedTuple):
    """What is made of each unit, the share it tells of itself, and features known without reading: those of unit ``n``
    are ``extra_ptr[n]:extra_ptr[n + 1]``, a coded feature with its count.
    """

    kind: U8
    share: F64
    extra_ptr: I64
    extra_code: I32
    extra_count: F64


class _Counts(NamedTuple):
    """Scratch of one unit: words by hash, the others by number; ``seen`` lists concepts in the order they came."""

    slots: I32
    slot_of: I32
    codes: I32
    words: F64
    concepts: F64
    seen: I32
    intents: F64
    asked: U8
    trades: F64


@inlined
def _count_word(counts: _Counts, size: int, code: int, weight: float) -> int:
    """Count a coded feature; returns how many there are then."""
    mask = counts.slots.size - 1
    slot = (code * 0x9E3779B1 >> 7) & mask
    while counts.slots[slot] >= 0:
        at = counts.slots[slot]
        if counts.codes[at] == code:
            counts.words[at] += weight
            return size
        slot = (slot + 1) & mask
    counts.slots[slot] = size
    counts.slot_of[size] = slot
    counts.codes[size] = code
    counts.words[size] = weight
    return size + 1


@inlined
def _count_concept(counts: _Counts, size: int, number: int, weight: float) -> int:
    """Count a concept; returns how many were seen then."""
    if counts.concepts[number] == 0.0:
        counts.seen[size] = number
        size += 1
    counts.concepts[number] += weight
    return size


@inlined
def _count_with_others(counts: _Counts, size: int, number: int, weight: float, lent: Lent) -> int:
    size = _count_concept(counts, size, number, weight)
    for at in range(lent.ptr[number], lent.ptr[number + 1]):
        size = _count_concept(counts, size, lent.concept[at], weight * lent.factor[at])
    return size


@inlined
def _rate(trade: int, kind: int, share: float, counts: _Counts, supply: Supply) -> float:
    """How far a trade counts: what a profile tells of it, or what a buyer with these intents wants of it."""
    if kind == STARTUP:
        return 1.0 - (1.0 - supply.factors[0]) * share if supply.sector[trade] else 1.0
    asked = False
    for intent in range(counts.intents.size):
        if counts.asked[intent]:
            if supply.intents[trade, intent]:
                return 1.0
            asked = True
    return supply.factors[2] if asked else 1.0


@inlined
def _count_trades(counts: _Counts, seen: int, kind: int, share: float, supply: Supply) -> None:
    for at in range(seen):
        number = counts.seen[at]
        if kind == STARTUP and supply.of_sectors[number]:
            counts.concepts[number] *= 1.0 - (1.0 - supply.factors[1]) * share
        for link in range(supply.ptr[number], supply.ptr[number + 1]):
            trade = supply.trade[link]
            rate = _rate(trade, kind, share, counts, supply)
            counts.trades[trade] += counts.concepts[number] * supply.weight[link] * rate


@inlined
def _written(table: F64, first: int, codes: I32, values: F64, count: int) -> int:
    """Write what a table has counted after the others; ``first`` is the code of its first entry."""
    for number in range(table.size):
        if table[number] > 0.0:
            codes[count] = first + number
            values[count] = table[number]
            count += 1
    return count


@inlined
def _emptied(counts: _Counts, sizes: tuple[int, int], kind: int, codes: I32, values: F64, count: int) -> int:
    """Write the counts of a unit after the others, and leave the scratch empty."""
    words, seen = sizes
    for at in range(words):
        codes[count] = counts.codes[at]
        values[count] = counts.words[at]
        counts.slots[counts.slot_of[at]] = -1
        count += 1
    for at in range(seen):
        codes[count] = (CONCEPT << CHANNEL_SHIFT) + counts.seen[at]
        values[count] = counts.concepts[counts.seen[at]]
        counts.concepts[counts.seen[at]] = 0.0
        count += 1
    if kind >= STARTUP:
        first = (INTENT << CHANNEL_SHIFT) + counts.concepts.size
        count = _written(counts.intents, first, codes, values, count)
        first = (TRADE << CHANNEL_SHIFT) + counts.concepts.size + counts.intents.size
        count = _written(counts.trades, first, codes, values, count)
    counts.intents[:] = 0.0
    counts.asked[:] = 0
    counts.trades[:] = 0.0
    return count


@compiled
def count(  # noqa: C901, PLR0912 - one kernel, all of whose scratch is made once
    ptr: I64, events: I32, weights: F64, units: Units, lent_by: LentBy, supply: Supply
) -> tuple[I64, I32, F64]:
    """The features of each unit, coded and counted: pointers, codes and counts; in no order within a unit."""
    concepts, intents, trades = supply.ptr.size - 1, supply.intents.shape[1], supply.sector.size
    most = 1
    for unit in range(units.kind.size):
        size = ptr[unit + 1] - ptr[unit] + units.extra_ptr[unit + 1] - units.extra_ptr[unit]
        most = max(most, size)
    slots = 16
    while slots < 2 * most:
        slots *= 2
    counts = _Counts(
        np.full(slots, -1, np.int32), np.empty(most, np.int32), np.empty(most, np.int32), np.empty(most, np.float64),
        np.zeros(concepts), np.empty(concepts, np.int32), np.zeros(intents),
        np.zeros(intents, np.uint8), np.zeros(trades),
    )  # fmt: skip
    out_ptr = np.zeros(units.kind.size + 1, np.int64)
    codes, values = np.empty(most, np.int32), np.empty(most, np.float64)
    total = 0
    for unit in range(units.kind.size):
        kind = units.kind[unit]
        lent = lent_by.tenders if kind == TENDER else lent_by.startups
        words, seen = 0, 0
        for at in range(ptr[unit], ptr[unit + 1]):
            channel, number = events[at, 0], events[at, 1]
            weight = 1.0 if kind == PLAIN else weights[at]
            if channel == POINTED_AT or channel == LOOSELY_FOUND:  # noqa: PLR1714, SIM109 - numba walks a tuple slowly
                channel = CONCEPT
            if channel == CONTEXT_MET:
                continue
            if channel == CONCEPT and kind == PLAIN:
                seen = _count_concept(counts, seen, number, weight)
            elif channel == CONCEPT:
                seen = _count_with_others(counts, seen, number, weight, lent)
            elif channel == INTENT or channel == DETAIL_FOUND:  # noqa: PLR1714, SIM109
                counts.intents[number] += weight
                if channel == INTENT:
                    counts.asked[number] = 1
            else:
                words = _count_word(counts, words, (channel << CHANNEL_SHIFT) + number, weight)
        for at in range(units.extra_ptr[unit], units.extra_ptr[unit + 1]):
            code = units.extra_code[at]
            if code >> CHANNEL_SHIFT == CONCEPT:
                number = code & ((1 << CHANNEL_SHIFT) - 1)
                seen = _count_with_others(counts, seen, number, units.extra_count[at], lent)
            else:
                words = _count_word(counts, words, code, units.extra_count[at])
        if kind >= STARTUP:
            _count_trades(counts, seen, kind, units.share[unit], supply)
        needed = total + words + seen + intents + trades
        if needed > values.size:
            size = max(2 * values.size, needed)
            more_codes, more_values = np.empty(size, np.int32), np.empty(size, np.float64)
            more_codes[:total] = codes[:total]
            more_values[:total] = values[:total]
            codes, values = more_codes, more_values
        total = _emptied(counts, (words, seen), kind, codes, values, total)
        out_ptr[unit + 1] = total
    return out_ptr, codes[:total].copy(), values[:total].copy()
