"""New words: which are among those of a scan, and which of them differ once folded."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.folding import IS_ODD, Letters, fold_words
from matching.kernels.lightening import SHORT, are_same, is_alpha, is_arabic, is_kept
from matching.kernels.scanning import END, START, SURFACE, U32, U64, Table, find, hashed
from matching.vectorizer import I32, I64, U8

NEW: Final = -2
"""A word whose folded form ``n`` isn't in the table has ``NEW - n`` in place of its row."""

New: TypeAlias = tuple[I64, U32, I64, U8, I64, I64]
"""New words: their places; what they fold to, the pointers to that, and traits (see ``fold_words``); of each, the row
of its folded form or ``NEW - n`` where that is new form ``n``; and the words that stand for the new forms.
"""


@compiled
def _distinct(characters: U32, records: I32, table: Table) -> I64:
    """The places of the words that have no surface, each word once; word ``n`` has ``NEW - n`` in its records then."""
    unknown = 0
    for at in range(records.shape[0]):
        unknown += records[at, SURFACE] < 0
    size = 16
    while size < 2 * unknown:
        size *= 2
    slots = np.zeros(size, np.int32)
    places, hashes = np.empty((unknown, 2), np.int64), np.empty(unknown, np.uint64)
    count = 0
    for at in range(records.shape[0]):
        if records[at, SURFACE] >= 0:
            continue
        start, end = int(records[at, START]), int(records[at, END])
        value = hashed(characters, start, end, table.seed)
        slot = np.int64(value & np.uint64(size - 1))
        while slots[slot] > 0:
            other = slots[slot] - 1
            if hashes[other] == value and are_same(
                characters, start, end, characters, places[other, 0], places[other, 1]
            ):
                break
            slot = (slot + 1) & (size - 1)
        if slots[slot] == 0:
            places[count, 0], places[count, 1] = start, end
            hashes[count] = value
            count += 1
            slots[slot] = count
        records[at, SURFACE] = NEW - (slots[slot] - 1)
    return places[:count]


@compiled
def _unfolded(folded: U32, ptr: I64, traits: U8, table: Table) -> tuple[I64, I64, U32, int]:
    """Of each word, the row of its folded form in the table, or ``NEW - n`` where that is new form ``n``; the words
    that stand for the new forms; and those of them that need stems, as lines, with their number.
    """
    rows, fresh = np.empty(traits.size, np.int64), np.empty(traits.size, np.int64)
    size = 16
    while size < 2 * traits.size:
        size *= 2
    slots = np.zeros(size, np.int32)
    lines = np.empty(folded.size + traits.size, np.uint32)
    count, written, wanted = 0, 0, 0
    for n in range(traits.size):
        rows[n] = 0
        if traits[n] & IS_ODD:
            continue
        start, end = ptr[n], ptr[n + 1]
        row, _, value = find(folded, start, end, table)
        rows[n] = row
        if row >= 0:
            continue
        slot = np.int64(value & np.uint64(size - 1))
        while slots[slot] > 0:
            other = fresh[slots[slot] - 1]
            if are_same(folded, start, end, folded, ptr[other], ptr[other + 1]):
                break
            slot = (slot + 1) & (size - 1)
        if slots[slot] == 0:
            fresh[count] = n
            count += 1
            slots[slot] = count
            if needs_stems(folded, start, end):
                lines[written : written + end - start] = folded[start:end]
                written += end - start
                lines[written] = 10
                written += 1
                wanted += 1
        rows[n] = NEW - (slots[slot] - 1)
    return rows, fresh[:count], lines[:written], wanted


@compiled
def gathered(
    characters: U32, records: I32, table: tuple[U64, I32, U32, np.uint64], letters: tuple[U8, I32, U32]
) -> tuple[New, U32, int, int]:
    """The words that have no surface; those whose stems are asked for, as lines, with their number; and how many
    letters all of them have. Word ``n`` has ``NEW - n`` in its records then.
    """
    slots, surface_rows, pool, seed = table
    surfaces = Table(slots, surface_rows, pool, seed)
    places = _distinct(characters, records, surfaces)
    folded, ptr, traits = fold_words(characters, places, Letters(letters[0], letters[1], letters[2]))
    rows, fresh, lines, wanted = _unfolded(folded, ptr, traits, surfaces)
    written = 0
    for n in range(places.shape[0]):
        written += places[n, 1] - places[n, 0]
    return (places, folded, ptr, traits, rows, fresh), lines, wanted, written


@compiled
def needs_stems(letters: U32, start: int, end: int) -> bool:
    """Whether the stems of a folded word are Snowball's."""
    return (
        end - start > SHORT
        and is_kept(letters, start, end)
        and not is_arabic(letters, start, end)
        and is_alpha(letters, start, end)
    )


@compiled
def note(records: I32, found: I64) -> None:
    """Write the rows of words, as far as they are found, into the records that wait for them."""
    for at in range(records.shape[0]):
        if records[at, SURFACE] <= NEW and found[NEW - records[at, SURFACE]] >= 0:
            records[at, SURFACE] = found[NEW - records[at, SURFACE]]
