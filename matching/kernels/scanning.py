"""Words cut out of raw text, and the table of surfaces that knows them.

A surface is a word as it is written. The table is open addressing over 64-bit hashes; every hit is compared letter by
letter, so that two surfaces of one hash are never taken for each other.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from matching.kernels.compiling import compiled, inlined
from matching.vectorizer import I32, I64, U8

U32: TypeAlias = npt.NDArray[np.uint32]
U64: TypeAlias = npt.NDArray[np.uint64]

ALNUM: Final = 1
"""Class of a character that may begin a word."""

INSIDE: Final = 2
"""Class of a character that goes on with a word: letters, digits, and the marks that folding removes."""

LETTER: Final = 4
SPACE: Final = 8
WORD_CHARACTER: Final = 16
SENTENCE_END: Final = 32
BREAK: Final = 64
DASH: Final = 128

START: Final = 0
END: Final = 1
SURFACE: Final = 2
MARKS: Final = 3
RECORD_COLUMNS: Final = 4
"""A word found: where it starts and ends in the characters given, its surface (-1: unknown), and marks."""

AFTER_BREAK: Final = 1
BEGINS_SENTENCE: Final = 2

POOL_START: Final = 0
LENGTH: Final = 1

TABLED: Final = 0x40000
"""Code points with a class. None beyond is a letter, a digit, a space or a mark of ours (a test reads them all)."""

_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_HALF: Final = np.uint64(32)
_EMPTY: Final = np.uint64(0)


class Table(NamedTuple):
    """Texts by hash: surfaces, or names of symbols. A slot is (hash, number of the row + 1), (…, 0) where free; a row
    begins with where its letters stand in ``pool`` and how many they are.
    """

    slots: U64
    rows: I32
    pool: U32
    seed: np.uint64


@inlined
def hashed(characters: U32, start: int, end: int, seed: np.uint64) -> np.uint64:
    """The hash of a text in a table with this seed."""
    value = seed
    for at in range(start, end):
        value = (value ^ np.uint64(characters[at])) * _MULTIPLIER
    value ^= value >> _HALF
    value *= _MULTIPLIER
    return np.uint64(value ^ (value >> _HALF))


@compiled
def find(characters: U32, start: int, end: int, table: Table) -> tuple[int, int, np.uint64]:
    """The row of a text, or -1; with the slot where it is or belongs, and its hash."""
    value = hashed(characters, start, end, table.seed)
    mask = table.slots.shape[0] - 1
    slot = int(np.int64(value & np.uint64(mask)))
    while table.slots[slot, 1] != _EMPTY:
        if table.slots[slot, 0] == value:
            row = int(np.int64(table.slots[slot, 1])) - 1
            if table.rows[row, LENGTH] == end - start:
                begin = table.rows[row, POOL_START]
                same = True
                for offset in range(end - start):
                    if table.pool[begin + offset] != characters[start + offset]:
                        same = False
                        break
                if same:
                    return row, slot, value
        slot = (slot + 1) & mask
    return -1, slot, value


@inlined
def _is(characters: U32, at: int, end: int, classes: U8, wanted: int) -> bool:
    """Whether the character at a place is of a class; there is none at the end of the text."""
    return at < end and characters[at] < TABLED and (classes[characters[at]] & wanted) != 0


@compiled
def _special_end(  # noqa: C901, PLR0911 - one form of word a step
    characters: U32, at: int, end: int, classes: U8
) -> int:
    """Where A.B.C., C++, C#, .NET or the letter after e- or m- ends that begins here; ``at`` if none does."""
    code = characters[at]
    if 65 <= code <= 90:
        stop, letters = at, 0
        while stop + 1 < end and 65 <= characters[stop] <= 90 and characters[stop + 1] == 46:
            stop += 2
            letters += 1
        if letters >= 2:
            return stop + 1 if stop < end and 65 <= characters[stop] <= 90 else stop
    if (code == 67 or code == 99) and at + 1 < end:  # noqa: PLR1714 - numba walks a tuple slowly
        if characters[at + 1] == 35:
            return at + 2
        if at + 2 < end and characters[at + 1] == 43 and characters[at + 2] == 43:
            return at + 3
    if code == 46 and at + 3 < end and not _is(characters, at + 4, end, classes, WORD_CHARACTER):
        one, two, three = characters[at + 1], characters[at + 2], characters[at + 3]
        if (one == 78 and ((two == 69 and three == 84) or (two == 101 and three == 116))) or (
            one == 110 and two == 101 and three == 116
        ):
            return at + 4
    if code in (69, 77, 101, 109) and at + 4 < end and characters[at + 1] == 45:  # e-commerce, m-santé
        for offset in range(2, 5):
            if not _is(characters, at + offset, end, classes, LETTER):
                return at
        return at + 3
    return at


@compiled
def _look_up(characters: U32, records: I32, hashes: U64, table: Table) -> int:
    """Put the surface of each word into its record, -1 where it has none yet; how many those are.

    All slots are read before any letters: a word does not wait for the memory that another one needs.
    """
    unknown = 0
    mask = table.slots.shape[0] - 1
    for n in range(records.shape[0]):
        slot = np.int64(hashes[n] & np.uint64(mask))
        while table.slots[slot, 1] != _EMPTY and table.slots[slot, 0] != hashes[n]:
            slot = (slot + 1) & mask
        records[n, SURFACE] = np.int64(table.slots[slot, 1]) - 1
    for n in range(records.shape[0]):
        row = np.int64(records[n, SURFACE])
        if row >= 0:
            start, end = records[n, START], records[n, END]
            begin = table.rows[row, POOL_START]
            same = table.rows[row, LENGTH] == end - start
            at = start
            while same and at < end:
                same = table.pool[begin + at - start] == characters[at]
                at += 1
            if not same:  # another surface has this hash
                records[n, SURFACE] = find(characters, start, end, table)[0]
        if records[n, SURFACE] < 0:
            unknown += 1
    return unknown


@compiled
def scan(  # noqa: C901 - calls in the innermost loop would take longer than what they do
    characters: U32, text_ptr: I64, classes: U8, table: Table, longest: int
) -> tuple[I32, I64, int]:
    """The words of each text, the pointers to them, and how many have no surface yet; cut as ``matching.text`` does.

    Characters from ``text_ptr[n]`` to ``text_ptr[n + 1]`` are text ``n``. Words of over ``longest`` characters are no
    words, but break the phrase.
    """
    records = np.empty((characters.size, RECORD_COLUMNS), np.int32)
    record_ptr = np.zeros(text_ptr.size, np.int64)
    hashes = np.empty(characters.size, np.uint64)
    count = 0
    for text in range(text_ptr.size - 1):
        at, end = text_ptr[text], text_ptr[text + 1]
        marks, spoken = BEGINS_SENTENCE, False
        while at < end:
            code = characters[at]
            kind = classes[code] if code < TABLED else np.uint8(0)
            stop = at
            following = characters[at + 1] if at + 1 < end else np.uint32(0)
            # A special form has one of . # + - in its second place, or begins with a point.
            if code == 46 or 35 <= following <= 46:
                stop = _special_end(characters, at, end, classes)
            if stop > at or kind & ALNUM:
                # What was special goes on only after e- and m-, whose last letter may be the middle of a word.
                if stop == at or characters[at + 1] == 45:
                    stop += stop == at
                    while stop < end and characters[stop] < TABLED and classes[characters[stop]] & INSIDE:
                        stop += 1
                if stop - at > longest:
                    marks |= AFTER_BREAK
                else:
                    records[count, START] = at
                    records[count, END] = stop
                    hashes[count] = hashed(characters, at, stop, table.seed)
                    records[count, MARKS] = marks
                    count += 1
                    marks, spoken = 0, True
                at = stop
                continue
            if kind & SENTENCE_END:
                marks |= AFTER_BREAK
                if spoken:
                    marks, spoken = marks | BEGINS_SENTENCE, False
            elif kind & BREAK:
                marks |= AFTER_BREAK
            elif (
                kind & SPACE
                and _is(characters, at + 1, end, classes, DASH)
                and _is(characters, at + 2, end, classes, SPACE)
            ):
                marks |= AFTER_BREAK
                at += 2
            at += 1
        record_ptr[text + 1] = count
    unknown = _look_up(characters, records[:count], hashes, table)
    return records[:count].copy(), record_ptr, unknown


@compiled
def put(  # noqa: PLR0913, PLR0917
    characters: U32, start: int, end: int, table: Table, slot: int, value: np.uint64, used: I64
) -> int:
    """Put in what ``find`` did not find; returns its row. ``used`` tells how many rows and letters are in use.

    There must be room, and what else the row holds must stand there already: a slot is written last, so that a scan
    that runs meanwhile never meets half a row.
    """
    row, begin = int(used[0]), used[1]
    table.rows[row, POOL_START] = begin
    table.rows[row, LENGTH] = end - start
    table.pool[begin : begin + end - start] = characters[start:end]
    table.slots[slot, 0] = value
    table.slots[slot, 1] = np.uint64(row + 1)
    used[0] += 1
    used[1] += end - start
    return row


@compiled
def insert(characters: U32, places: I64, fresh: I32, table: Table, used: I64) -> I64:
    """Put texts in, of which there must be room: ``fresh[n]`` is the row of the one from ``places[n, 0]`` to
    ``places[n, 1]``. Returns the number of each; one that is already there keeps its row.
    """
    numbers = np.empty(places.shape[0], np.int64)
    for n in range(places.shape[0]):
        start, end = places[n, 0], places[n, 1]
        row, slot, value = find(characters, start, end, table)
        if row < 0:
            table.rows[used[0]] = fresh[n]
            row = put(characters, start, end, table, slot, value, used)
        numbers[n] = row
    return numbers


@compiled
def rehash(old: U64, slots: U64) -> None:
    """Put every slot of a table into a larger, empty one."""
    mask = slots.shape[0] - 1
    for n in range(old.shape[0]):
        if old[n, 1] != _EMPTY:
            slot = np.int64(old[n, 0] & np.uint64(mask))
            while slots[slot, 1] != _EMPTY:
                slot = (slot + 1) & mask
            slots[slot, 0] = old[n, 0]
            slots[slot, 1] = old[n, 1]


@compiled
def spelled(numbers: I32, rows: I32, pool: U32) -> tuple[I64, U32]:
    """The letters of texts end to end, and the pointers to them."""
    ptr = np.zeros(numbers.size + 1, np.int64)
    for n in range(numbers.size):
        ptr[n + 1] = ptr[n] + rows[numbers[n], LENGTH]
    letters = np.empty(ptr[-1], np.uint32)
    for n in range(numbers.size):
        begin = rows[numbers[n], POOL_START]
        letters[ptr[n] : ptr[n + 1]] = pool[begin : begin + ptr[n + 1] - ptr[n]]
    return ptr, letters
