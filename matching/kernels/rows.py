"""Words of texts to the rows of units, in one call: a call of a kernel takes microseconds, whatever it does."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.counting import Units, count
from matching.kernels.loosely import find_loose
from matching.kernels.numbering import to_rows
from matching.kernels.packing import Packed, reader_of, supply_of
from matching.kernels.phrases import Passages, read
from matching.kernels.scanning import U32, U64, Table, scan
from matching.kernels.tokens import tokenise
from matching.vectorizer import F32, F64, I32, I64, U8

Words: TypeAlias = tuple[I32, I64, I32]
"""The words of texts: those of text ``n`` are ``records[ptr[n]:ptr[n + 1]]``; then the rows of all surfaces."""

Told: TypeAlias = tuple[I64, I64, F64, U8, F64]
"""The text of each passage, then what ``kernels.phrases.Passages`` holds; names would take longer to hand on."""

Made: TypeAlias = tuple[U8, F64, I64, I32, F64]
"""What ``kernels.counting.Units`` holds."""

Counted: TypeAlias = tuple[I64, I32, F64]
"""The coded features of units with their counts (see ``kernels.counting.count``)."""

Numbered: TypeAlias = tuple[I64, I32, F32, I32]
"""Rows, and the codes that are to be given numbers (see ``kernels.numbering.to_rows``)."""


@compiled
def find_in(words: Words, told: Told, known: Packed) -> tuple[I64, I32, F64]:
    """What units say: by unit, findings and their weights (see ``kernels.phrases.read``)."""
    records, record_ptr, rows = words
    texts, ptr, weight, marks, cue_weight = told
    passages, reader = Passages(ptr, weight, marks, cue_weight), reader_of(known)
    token_ptr, tokens = tokenise(records, record_ptr, rows, texts, marks, reader.markers, reader.most)
    found = read(tokens, token_ptr, passages, reader.forest, reader.pointing, reader.rates)
    if not cue_weight.any():
        return found
    return _by_unit(found, find_loose(tokens, token_ptr, passages, reader.loose, found, reader.loose_rate))


@compiled
def _by_unit(one: tuple[I64, I32, F64], other: tuple[I64, I32, F64]) -> tuple[I64, I32, F64]:
    """Both findings of each unit, one after the other."""
    one_ptr, one_events, one_weights = one
    other_ptr, other_events, other_weights = other
    ptr = one_ptr + other_ptr
    events, weights = np.empty((ptr[-1], one_events.shape[1]), np.int32), np.empty(ptr[-1])
    for unit in range(ptr.size - 1):
        first, middle = ptr[unit], ptr[unit] + one_ptr[unit + 1] - one_ptr[unit]
        events[first:middle] = one_events[one_ptr[unit] : one_ptr[unit + 1]]
        weights[first:middle] = one_weights[one_ptr[unit] : one_ptr[unit + 1]]
        events[middle : ptr[unit + 1]] = other_events[other_ptr[unit] : other_ptr[unit + 1]]
        weights[middle : ptr[unit + 1]] = other_weights[other_ptr[unit] : other_ptr[unit + 1]]
    return ptr, events, weights


@compiled
def count_in(words: Words, told: Told, made: Made, known: Packed) -> Counted:
    """The features of units."""
    ptr, events, weights = find_in(words, told, known)
    kind, share, extra_ptr, extra_code, extra_count = made
    lent_by, supply = supply_of(known)
    return count(ptr, events, weights, Units(kind, share, extra_ptr, extra_code, extra_count), lent_by, supply)


@compiled
def rows_in(words: Words, told: Told, made: Made, known: Packed, numbers: I32, grow: bool) -> tuple[Counted, Numbered]:
    """What ``count_in`` gives, and the rows of it by the numbers that are known."""
    ptr, codes, counts = count_in(words, told, made, known)
    return (ptr, codes, counts), to_rows(ptr, codes, counts, numbers, grow)


@compiled
def scan_to_rows(  # noqa: PLR0913, PLR0917
    scanned: tuple[U32, I64, U8, int], table: tuple[U64, I32, U32, np.uint64], told: Told, made: Made, known: Packed,
    numbers: I32, grow: bool,
) -> tuple[tuple[I32, I64, int], Counted, Numbered]:  # fmt: skip
    """What ``scan`` gives of characters, pointers, classes and the longest word; and, if every word has a surface,
    what ``rows_in`` gives of it: else nothing.
    """
    slots, rows, pool, seed = table
    characters, text_ptr, classes, longest = scanned
    records, record_ptr, unknown = scan(characters, text_ptr, classes, Table(slots, rows, pool, seed), longest)
    if unknown:
        ptr, codes = np.empty(0, np.int64), np.empty(0, np.int32)
        nothing = (ptr, codes, np.empty(0, np.float64)), (ptr, codes, np.empty(0, np.float32), codes)
        return (records, record_ptr, unknown), nothing[0], nothing[1]
    counted, found = rows_in((records, record_ptr, rows), told, made, known, numbers, grow)
    return (records, record_ptr, unknown), counted, found
