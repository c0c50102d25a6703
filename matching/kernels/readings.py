"""New words worked out: which of them differ once folded, their light keys and flags, and the rows of all.

The compiled twin of ``matching.text.Word`` and of ``matching.stemming`` but for the stems of Latin words, which are
given. What a word folds to is a surface too: all that are written otherwise take its row and add what is theirs.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels import tokens
from matching.kernels.compiling import compiled
from matching.kernels.folding import CASED, IS_ACRONYM, IS_CAPITALS, IS_CASED, IS_LONG, IS_ODD, MAX_SHORT
from matching.kernels.lightening import (
    SHORT,
    Affixes,
    are_same,
    is_alpha,
    is_arabic,
    is_bare,
    is_kept,
    light_english,
    light_french,
    without_and,
    without_article,
    without_suffixes,
)  # fmt: skip
from matching.kernels.newness import NEW, New, needs_stems, note
from matching.kernels.scanning import U32, U64, Table, find, put
from matching.vectorizer import I32, I64, U8

_NO_WORD: Final = -2
_OWN: Final = ~(tokens.CASED | tokens.UPPER | tokens.LONG)
_ALEF: Final = 0x627
_LAM: Final = 0x644
_WAW: Final = 0x648
_YEH: Final = 0x64A


class Lists(NamedTuple):
    """What the lists of words tell: the flags of the first symbols (-1: it is in none), the singular of each
    (-1: none), whether it is never shortened (-1: it may be).
    """

    flags: I32
    singular: I32
    whole: I32
    affixes: Affixes


@compiled
def _symbol(letters: U32, start: int, end: int, symbols: Table, used: I64) -> int:
    """The number of a name, a new one if it has none. There must be room."""
    row, slot, value = find(letters, start, end, symbols)
    if row < 0:
        row = put(letters, start, end, symbols, slot, value, used)
    return row


@compiled
def _is_whole(letters: U32, start: int, end: int, lists: Lists, symbols: Table) -> bool:
    """Whether a word is never shortened."""
    found = find(letters, start, end, symbols)[0]
    return 0 <= found < lists.whole.size and lists.whole[found] >= 0


@compiled
def _stripped_arabic(letters: U32, start: int, end: int, lists: Lists, symbols: Table) -> tuple[int, int]:
    """Where an Arabic word begins and ends without its affixes (see ``stemming._strip_arabic``)."""
    if end - start <= SHORT or not is_alpha(letters, start, end):
        return start, end
    start = without_article(letters, start, end, lists.affixes)
    if _is_whole(letters, start, end, lists, symbols):
        return start, end
    start = without_and(letters, start, end)
    if _is_whole(letters, start, end, lists, symbols):
        return start, end
    return start, without_suffixes(letters, start, end, lists.affixes)


@compiled
def _light_arabic(letters: U32, start: int, end: int, lists: Lists, symbols: Table, used: I64) -> int:
    start, end = _stripped_arabic(letters, start, end, lists, symbols)
    found = _symbol(letters, start, end, symbols, used)
    if found < lists.singular.size and lists.singular[found] >= 0:
        return int(lists.singular[found])
    return found


@compiled
def _flags(letters: U32, start: int, end: int, traits: U8) -> int:
    """The flags of a folded word of no list; ``traits`` are those of letters."""
    cased = 0
    for at in range(start, end):
        cased |= traits[letters[at]] & CASED
    flags = 0
    if cased and end - start > 1:
        flags |= tokens.CASED
    if end - start > MAX_SHORT:
        flags |= tokens.LONG
    if is_kept(letters, start, end):
        flags |= tokens.KEPT
    if is_arabic(letters, start, end):
        flags |= tokens.ARABIC
        definite = letters[start] == _ALEF and end - start > 1 and letters[start + 1] == _LAM
        if _ALEF <= letters[start] <= _YEH and not definite:
            flags |= tokens.ANY_OF_THEM
        if letters[start] == _WAW:
            flags |= tokens.CONTINUES
    return flags


@compiled
def _own_flags(traits: int) -> int:
    flags = 0
    if traits & IS_CASED:
        flags |= tokens.CASED
    if traits & IS_CAPITALS:
        flags |= tokens.UPPER
    if traits & IS_LONG:
        flags |= tokens.LONG
    return flags


@compiled
def _read_folded(  # noqa: PLR0913, PLR0917
    letters: U32, start: int, end: int, stems: tuple[int, int], lists: Lists, symbols: Table, used: I64, row: I32,
    scratch: U32, traits: U8,
) -> None:  # fmt: skip
    """The row of a folded word; ``stems`` are its French and English ones (-1: the word itself)."""
    symbol = find(letters, start, end, symbols)[0]
    arabic, kept = is_arabic(letters, start, end), is_kept(letters, start, end)
    length = end - start
    flags = lists.flags[symbol] if 0 <= symbol < lists.flags.size else -1
    if flags < 0:
        flags = _flags(letters, start, end, traits)
    row[:] = -1
    row[tokens.PLAIN] = _NO_WORD
    if arabic:
        begin, stop = _stripped_arabic(letters, start, end, lists, symbols)
        plain = find(letters, begin, stop, symbols)[0]
        row[tokens.PLAIN] = (
            lists.singular[plain] if 0 <= plain < lists.singular.size and lists.singular[plain] >= 0 else plain
        )
        if kept:
            key = _light_arabic(letters, start, end, lists, symbols, used)
            row[tokens.KEY], row[tokens.KEY + 1], row[tokens.FORM], row[tokens.FORM + 1] = key, key, key, key
            if is_bare(letters, start, end, lists.affixes):
                row[tokens.SECOND] = _light_arabic(letters, start + 1, end, lists, symbols, used)
    elif length > 0:
        word = scratch[:length]
        word[:] = letters[start:end]
        shortened = length > SHORT and is_alpha(letters, start, end)
        whole = 0 <= symbol < lists.whole.size and lists.whole[symbol] >= 0
        stop = light_french(word, length) if shortened and not whole else length
        if kept:
            row[tokens.FORM] = _symbol(word, 0, stop, symbols, used)
            row[tokens.PLAIN] = row[tokens.FORM]
            last = word[stop - 1]
            word[:] = letters[start:end]
            other = light_english(word, length) if shortened else length
            # Most words have one light key in both languages, which is then looked up once.
            same = other == stop and word[other - 1] == last
            row[tokens.FORM + 1] = row[tokens.FORM] if same else _symbol(word, 0, other, symbols, used)
            own = _symbol(letters, start, end, symbols, used) if min(stems) < 0 else -1
            row[tokens.KEY] = stems[0] if stems[0] >= 0 else own
            row[tokens.KEY + 1] = stems[1] if stems[1] >= 0 else own
        else:
            row[tokens.PLAIN] = find(word, 0, stop, symbols)[0]
    row[tokens.FLAGS] = flags
    row[tokens.FOLDED] = symbol


@compiled
def _put_row(letters: U32, start: int, end: int, row: I32, surfaces: Table, used: I64) -> int:
    """The number of a surface; one that is new gets this row."""
    found, slot, value = find(letters, start, end, surfaces)
    if found < 0:
        surfaces.rows[used[0]] = row
        found = put(letters, start, end, surfaces, slot, value, used)
    return found


@compiled
def _line(lines: U32, at: int) -> int:
    """Where a line ends."""
    while lines[at] != 10:
        at += 1
    return at


@compiled
def settle(  # noqa: PLR0913, PLR0917
    characters: U32, records: I32, new: New, stems: U32, wanted: int, listed: tuple[I32, I32, I32, U32, U32, I32, U32],
    of_letters: U8, tables: tuple[U64, I32, U32, U64, I32, U32, np.uint64], used: I64, used_symbols: I64,
) -> tuple[I64, int]:  # fmt: skip
    """Put new words and their folded forms into the table, all but odd ones, and their rows into the records; the row
    of each (odd: -1), and how many are odd.

    ``stems`` are so many French and as many English ones, as lines; ``listed`` is what ``Lists`` holds, ``of_letters``
    are traits by code point. The tables are those of surfaces and of symbols with their seed; there must be room.
    """
    lists = Lists(listed[0], listed[1], listed[2], Affixes(listed[3], listed[4], listed[5], listed[6]))
    surfaces, symbols = (
        Table(tables[0], tables[1], tables[2], tables[6]),
        Table(tables[3], tables[4], tables[5], tables[6]),
    )
    places, folded, ptr, traits, rows, fresh = new
    longest = 1
    for n in range(traits.size):
        longest = max(longest, ptr[n + 1] - ptr[n])
    scratch, row = np.empty(longest, np.uint32), np.empty(surfaces.rows.shape[1], np.int32)
    of_folded = np.empty(fresh.size, np.int64)
    at_french, at_english = 0, 0
    for _ in range(wanted):
        at_english = _line(stems, at_english) + 1
    for form in range(fresh.size):
        start, end = ptr[fresh[form]], ptr[fresh[form] + 1]
        one, other = -1, -1
        if needs_stems(folded, start, end):
            stop = _line(stems, at_french)
            one = _symbol(stems, at_french, stop, symbols, used_symbols)
            same = are_same(stems, at_french, stop, stems, at_english, _line(stems, at_english))
            at_french = stop + 1
            stop = _line(stems, at_english)
            other = one if same else _symbol(stems, at_english, stop, symbols, used_symbols)
            at_english = stop + 1
        _read_folded(folded, start, end, (one, other), lists, symbols, used_symbols, row, scratch, of_letters)
        of_folded[form] = _put_row(folded, start, end, row, surfaces, used)
    found, odd = np.empty(traits.size, np.int64), 0
    for n in range(traits.size):
        found[n] = -1
        if traits[n] & IS_ODD:
            odd += 1
            continue
        base = rows[n] if rows[n] >= 0 else of_folded[NEW - rows[n]]
        if are_same(folded, ptr[n], ptr[n + 1], characters, places[n, 0], places[n, 1]):
            found[n] = base
            continue
        row[:] = surfaces.rows[base]
        row[tokens.FLAGS] = row[tokens.FLAGS] & _OWN | _own_flags(traits[n])
        row[tokens.ACRONYM] = -1
        if traits[n] & IS_ACRONYM and row[tokens.FLAGS] & tokens.KEPT:
            row[tokens.ACRONYM] = _symbol(characters, places[n, 0], places[n, 1], symbols, used_symbols)
            row[tokens.FOLDED] = _symbol(folded, ptr[n], ptr[n + 1], symbols, used_symbols)
        found[n] = _put_row(characters, places[n, 0], places[n, 1], row, surfaces, used)
    note(records, found)
    return found, odd
