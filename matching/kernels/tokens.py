"""Words to tokens: the vote for a language, shouting, acronyms, stop words and asides.

The compiled twin of ``matching.text`` (after the cut) and ``matching.scope``, which specify it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels.compiling import compiled, inlined
from matching.vectorizer import I32, I64, U8

# Columns of a row of the table of surfaces; each of the two Latin languages has a key and a form.
FLAGS: Final = 2
ACRONYM: Final = 3
FOLDED: Final = 4
SECOND: Final = 5
KEY: Final = 6
FORM: Final = 8
PLAIN: Final = 10
"""The light key of any word, function words among them; -1 if nothing asks for it, -2 for no word at all."""

ROW_COLUMNS: Final = 11

ARABIC: Final = 1
FRENCH: Final = 2
ENGLISH: Final = 4
CASED: Final = 8
UPPER: Final = 16
LONG: Final = 32
KEPT: Final = 64
WEAK: Final = 128
STOP: Final = 512
INDEFINITE: Final = 1 << 11
INSTITUTION: Final = 1 << 12
BODY: Final = 1 << 13
RANK: Final = 1 << 14
ANY_OF_THEM: Final = 1 << 15
"""An Arabic word without article: beside a body or a rank it names no one in particular."""

ENDS_ASIDE: Final = 1 << 16
CONTINUES: Final = 1 << 17
BEGINS_MARKER: Final = 1 << 18

IN_ENGLISH: Final = 1
"""Mark of a passage whose text is English where nothing else tells."""

OF_BUYER: Final = 2
"""Mark of a passage that names a buyer."""

# Columns of a token: numbers of symbols (-1: none), places in the characters, and what is known of it.
T_KEY: Final = 0
T_FORM: Final = 1
T_SECOND: Final = 2
T_ACRONYM: Final = 3
T_START: Final = 4
T_END: Final = 5
T_BREAKS: Final = 6
T_WEAK: Final = 7
T_ASIDE: Final = 8
TOKEN_COLUMNS: Final = 9

_SURFACE: Final = 2
_MARKS: Final = 3
_AFTER_BREAK: Final = 1
_BEGINS_SENTENCE: Final = 2


class Markers(NamedTuple):
    """What begins an aside: those whose first word is symbol ``n`` are ``ptr[n]:ptr[n + 1]``, the further words of
    marker ``m`` are ``words[word_ptr[m]:word_ptr[m + 1]]``.
    """

    ptr: I32
    word_ptr: I32
    words: I32


@inlined
def _in_french(records: I32, first: int, last: int, rows: I32, default: bool) -> bool:
    """Whether the words of a stretch vote for French."""
    french, english = 0, 0
    for at in range(first, last):
        flags = rows[records[at, _SURFACE], FLAGS]
        french += (flags & FRENCH) != 0
        english += (flags & ENGLISH) != 0
    return default if french == english else french > english


@inlined
def _is_shouting(records: I32, first: int, last: int, rows: I32) -> bool:
    capitals, cased, long = 0, 0, False
    for at in range(first, last):
        flags = rows[records[at, _SURFACE], FLAGS]
        cased += (flags & CASED) != 0
        if flags & UPPER:
            capitals += 1
            long = long or (flags & LONG) != 0
    return capitals * 2 > cased and (cased > 2 or long)


@inlined
def _marks(records: I32, at: int, last: int, rows: I32, ptr: I32, word_ptr: I32, words: I32) -> bool:  # noqa: PLR0913, PLR0917
    """Whether the words of a marker begin here, by their folded forms."""
    symbol = rows[records[at, _SURFACE], FOLDED]
    if symbol < 0 or symbol + 1 >= ptr.size:
        return False
    for marker in range(ptr[symbol], ptr[symbol + 1]):
        length, same = word_ptr[marker + 1] - word_ptr[marker], 0
        while (
            same < length
            and at + 1 + same < last
            and rows[records[at + 1 + same, _SURFACE], FOLDED] == words[word_ptr[marker] + same]
        ):
            same += 1
        if same == length:
            return True
    return False


@inlined
def _names(records: I32, at: int, last: int, rows: I32) -> bool:
    """Whether the name of an institution begins here; a word stands before it."""
    flags, definite = rows[records[at, _SURFACE], FLAGS], not rows[records[at - 1, _SURFACE], FLAGS] & INDEFINITE
    if flags & INSTITUTION:
        return definite
    if at + 1 == last:
        return False
    following = rows[records[at + 1, _SURFACE], FLAGS]
    pair = (flags & BODY and following & RANK) or (flags & RANK and following & BODY)
    return definite and pair != 0 and not following & ANY_OF_THEM


@compiled
def _sentence(  # noqa: PLR0913, PLR0917
    records: I32, first: int, last: int, rows: I32, french: bool, ptr: I32, word_ptr: I32, words: I32, tokens: I32,
    count: int,
) -> int:  # fmt: skip
    """Append the tokens of a sentence to the ``count`` that its text has; returns how many it has then."""
    shouting = _is_shouting(records, first, last, rows)
    pending, inside = False, False
    lang = 0 if french else 1
    for at in range(first, last):
        row, broken = records[at, _SURFACE], (records[at, _MARKS] & _AFTER_BREAK) != 0
        flags = rows[row, FLAGS]
        pending = pending or broken
        if inside and (flags & ENDS_ASIDE or (broken and not flags & CONTINUES)):
            inside = False
        # Calls that are made part of a loop still count references: they are made for the few words that ask for them.
        if not inside and at > first and flags & (BEGINS_MARKER | INSTITUTION | BODY | RANK):
            inside = _marks(records, at, last, rows, ptr, word_ptr, words) or _names(records, at, last, rows)
        acronym = rows[row, ACRONYM]
        if not flags & KEPT or (flags & (STOP << lang) and (acronym < 0 or shouting)):
            continue
        tokens[count, T_KEY] = rows[row, KEY + lang]
        tokens[count, T_FORM] = rows[row, FORM + lang]
        tokens[count, T_WEAK] = (flags & (WEAK << lang)) != 0
        if acronym >= 0 and not shouting:
            tokens[count, T_KEY] = rows[row, FOLDED]
            tokens[count, T_FORM] = rows[row, FOLDED]
            tokens[count, T_WEAK] = 0
        tokens[count, T_SECOND] = rows[row, SECOND]
        tokens[count, T_ACRONYM] = acronym
        tokens[count, T_START] = records[at, 0]
        tokens[count, T_END] = records[at, 1]
        tokens[count, T_BREAKS] = pending and count > 0
        tokens[count, T_ASIDE] = inside
        count += 1
        pending = False
    return count


@compiled
def _analyse(  # noqa: PLR0913, PLR0917
    records: I32, first: int, last: int, rows: I32, english: bool, ptr: I32, word_ptr: I32, words: I32, tokens: I32,
    most: int,
) -> int:  # fmt: skip
    """The tokens of the text with these words, at most ``most``; the language is voted for in each sentence."""
    default = not english
    for at in range(first + 1, last):
        if records[at, _MARKS] & _BEGINS_SENTENCE:
            default = _in_french(records, first, last, rows, default)
            break
    count, begin = 0, first
    while begin < last and count < most:
        end = begin + 1
        while end < last and not records[end, _MARKS] & _BEGINS_SENTENCE:
            end += 1
        french = _in_french(records, begin, end, rows, default)
        count = _sentence(records, begin, end, rows, french, ptr, word_ptr, words, tokens, count)
        begin = end
    return min(count, most)


@compiled
def tokenise(  # noqa: PLR0913, PLR0917
    records: I32, record_ptr: I64, rows: I32, texts: I64, marks: U8, markers: Markers, most: int
) -> tuple[I64, I32]:
    """The tokens of passages, at most ``most`` each, and the pointers to them.

    Passage ``n`` is text ``texts[n]`` with ``marks[n]``; the words of a text are ``record_ptr[text]`` and on.
    """
    ptr, word_ptr, words = markers  # arrays are handed on one by one: each look into a tuple counts a reference
    size = 0
    for passage in range(texts.size):
        size += record_ptr[texts[passage] + 1] - record_ptr[texts[passage]]
    tokens = np.empty((size, TOKEN_COLUMNS), np.int32)
    token_ptr = np.zeros(texts.size + 1, np.int64)
    for passage in range(texts.size):
        begin, first, last = token_ptr[passage], record_ptr[texts[passage]], record_ptr[texts[passage] + 1]
        english = (marks[passage] & IN_ENGLISH) != 0
        count = _analyse(records, first, last, rows, english, ptr, word_ptr, words, tokens[begin:], most)
        token_ptr[passage + 1] = begin + count
    return token_ptr, tokens[: token_ptr[-1]].copy()
