"""Tokens to what they stand for: words, concepts and intents with their places.

The compiled twin of ``matching.trie`` and of the finding methods of ``matching.lexicon``, which specify it.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from matching.kernels.compiling import compiled, inlined
from matching.kernels.tokens import (
    OF_BUYER,
    T_ACRONYM,
    T_ASIDE,
    T_BREAKS,
    T_END,
    T_FORM,
    T_KEY,
    T_SECOND,
    T_START,
    T_WEAK,
)  # fmt: skip
from matching.vectorizer import F64, I32, I64, U8

FORMS: Final = 0
CONTEXTS: Final = 1
HEADS: Final = 2

WORD_FOUND: Final = 0
CONCEPT_FOUND: Final = 1
BUYER_FOUND: Final = 4
INTENT_FOUND: Final = 5
POINTED_AT: Final = 8
"""A concept that a single word points at."""

LOOSELY_FOUND: Final = 9
"""A concept one of whose forms stands loosely (see ``kernels.loosely``)."""

CONTEXT_MET: Final = 10
"""A concept whose ambiguous forms count in this unit; by itself it says nothing."""

DETAIL_FOUND: Final = 11
"""An intent that a tender names after its first run of heads."""

EVENT_COLUMNS: Final = 5
"""A finding: its kind, the number of its symbol, concept or intent, its passage, and where it starts and ends."""

_NOWHERE: Final = -1
"""What marks a concept before its context is met, and what no mark equals: then no form that needs one counts."""
_NOBODY: Final = -2


class Forest(NamedTuple):
    """The tries of forms, contexts and heads, their nodes numbered together; node 0 is none.

    ``root[trie, symbol]`` is the node after a first word. ``nodes[n]`` is where its children begin and end, and what
    ends there begins and ends; ``children`` are (symbol, node) by ascending symbol; ``ends`` are (number, whether the
    concept's context must stand somewhere in the text). Every number is below ``numbers``.
    """

    root: I32
    nodes: I32
    children: I32
    ends: I32
    numbers: int


class Pointing(NamedTuple):
    """Concepts of acronyms and, with their share, of single words: those of symbol ``n`` stand at ``n`` and on."""

    acronym_ptr: I32
    acronym_concept: I32
    cue_ptr: I32
    cue_concept: I32
    cue_share: F64


class Rates(NamedTuple):
    """What counts less: what stands in an aside, an intent that is detail."""

    aside: float
    detail: float


class Passages(NamedTuple):
    """What each passage weighs, and its marks. Those of unit ``n`` are ``ptr[n]:ptr[n + 1]``; ``cue_weight[n]`` is what
    its single words count for concepts.
    """

    ptr: I64
    weight: F64
    marks: U8
    cue_weight: F64


# Arrays are handed on one by one: each look into a tuple counts a reference.


@inlined
def _child(nodes: I32, children: I32, node: int, symbol: int) -> int:
    """The node after a symbol, 0 if there is none."""
    low, high = nodes[node, 0], nodes[node, 1]
    while low < high:
        middle = (low + high) // 2
        found = children[middle, 0]
        if found == symbol:
            following: int = children[middle, 1]
            return following
        if found < symbol:
            low = middle + 1
        else:
            high = middle
    return 0


@inlined
def _longest(  # noqa: PLR0913, PLR0917
    node: int, nodes: I32, children: I32, ends: I32, tokens: I32, at: int, allowed: I64, stamp: int
) -> tuple[int, int]:
    """The node where the longest form ends that begins at a token (0: none), and the token after it.

    ``node`` is the one after that token; forms that need a context count where ``allowed`` has the ``stamp``.
    """
    best, end, position = 0, at, at + 1
    while node > 0:
        for each in range(nodes[node, 2], nodes[node, 3]):
            if ends[each, 1] == 0 or allowed[ends[each, 0]] == stamp:
                best, end = node, position
                break
        following = 0
        while following == 0 and position < tokens.shape[0] and tokens[position, T_BREAKS] == 0:
            following = _child(nodes, children, node, tokens[position, T_FORM])
            if following == 0 and tokens[position, T_SECOND] >= 0:
                following = _child(nodes, children, node, tokens[position, T_SECOND])
            if following == 0 and tokens[position, T_WEAK] == 0:
                break
            position += 1
        node = following
    return best, end


@inlined
def _put(events: I32, weights: F64, count: int, kind: int, number: int, passage: int, start: int, end: int, weight: float) -> int:  # noqa: E501, PLR0913, PLR0917  # fmt: skip
    events[count, 0] = kind
    events[count, 1] = number
    events[count, 2] = passage
    events[count, 3] = start
    events[count, 4] = end
    weights[count] = weight
    return count + 1


@compiled
def _room(events: I32, weights: F64, count: int, needed: int) -> tuple[I32, F64]:
    """The findings, with room for as many more as needed."""
    if count + needed <= weights.size:
        return events, weights
    size = max(2 * weights.size, count + needed)
    larger, heavier = np.empty((size, EVENT_COLUMNS), np.int32), np.empty(size, np.float64)
    larger[:count] = events[:count]
    heavier[:count] = weights[:count]
    return larger, heavier


@compiled
def _contexts(  # noqa: PLR0913, PLR0917
    root: I32, nodes: I32, children: I32, ends: I32, tokens: I32, allowed: I64, unit: int, events: I32, weights: F64,
    count: int, passage: int,
) -> tuple[I32, F64, int]:  # fmt: skip
    """Note and mark the concepts whose context stands in these tokens."""
    for at in range(tokens.shape[0]):
        form, second = tokens[at, T_FORM], tokens[at, T_SECOND]
        node = root[CONTEXTS, form] if form < root.shape[1] else 0
        if node == 0 and 0 <= second < root.shape[1]:
            node = root[CONTEXTS, second]
        if node == 0:
            continue
        node, end = _longest(node, nodes, children, ends, tokens, at, allowed, _NOBODY)
        for each in range(nodes[node, 2], nodes[node, 3]):
            number = ends[each, 0]
            if ends[each, 1] == 0 and allowed[number] != unit:
                allowed[number] = unit
                start, stop = tokens[at, T_START], tokens[end - 1, T_END]
                if count + 1 > weights.size:
                    events, weights = _room(events, weights, count, 1)
                count = _put(events, weights, count, CONTEXT_MET, number, passage, start, stop, 0.0)
    return events, weights, count


@compiled
def _sort_numbers(events: I32, begin: int, end: int) -> None:
    """Put the few findings of one place in the order of their numbers, in which alone they differ."""
    for at in range(begin + 1, end):
        number, place = events[at, 1], at
        while place > begin and events[place - 1, 1] > number:
            events[place, 1] = events[place - 1, 1]
            place -= 1
        events[place, 1] = number


@compiled
def _mentions(  # noqa: C901, PLR0912, PLR0913, PLR0917
    root: I32, nodes: I32, children: I32, ends: I32, acronym_ptr: I32, acronym_concept: I32, tokens: I32, allowed: I64,
    stamp: int, events: I32, weights: F64, count: int, passage: int, weight: float, beside: float,
) -> tuple[I32, F64, int]:  # fmt: skip
    """Concepts, the longest form at each word; one that ends inside an earlier one isn't counted."""
    covered = 0
    known = acronym_ptr.size - 1
    for at in range(tokens.shape[0]):
        form, second = tokens[at, T_FORM], tokens[at, T_SECOND]
        node = root[FORMS, form] if form < root.shape[1] else 0
        if node == 0 and 0 <= second < root.shape[1]:
            node = root[FORMS, second]
        end = at
        acronym = tokens[at, T_ACRONYM]
        first, last = 0, 0
        if 0 <= acronym < known:
            first, last = acronym_ptr[acronym], acronym_ptr[acronym + 1]
        if node == 0 and first == last:
            continue
        node, end = _longest(node, nodes, children, ends, tokens, at, allowed, stamp)
        named = last > first and end <= at + 1
        if named:
            end = at + 1
        if end <= covered:
            continue
        covered = end
        begin, start, stop = count, tokens[at, T_START], tokens[end - 1, T_END]
        counted = beside * weight
        for each in range(at, end):
            if tokens[each, T_ASIDE] == 0:
                counted = weight
        if count + last - first + nodes[node, 3] - nodes[node, 2] > weights.size:
            events, weights = _room(events, weights, count, last - first + nodes[node, 3] - nodes[node, 2])
        for each in range(nodes[node, 2], nodes[node, 3]):
            number = ends[each, 0]
            if ends[each, 1] == 0 or allowed[number] == stamp:
                count = _put(events, weights, count, CONCEPT_FOUND, number, passage, start, stop, counted)
        if named:
            for each in range(first, last):
                number, other = acronym_concept[each], begin
                while other < count and events[other, 1] != number:
                    other += 1
                if other == count:
                    count = _put(events, weights, count, CONCEPT_FOUND, number, passage, start, stop, counted)
            _sort_numbers(events, begin, count)
    return events, weights, count


@compiled
def _cues(  # noqa: PLR0913, PLR0917
    cue_ptr: I32, cue_concept: I32, cue_share: F64, tokens: I32, events: I32, weights: F64, count: int, passage: int,
    weight: float, beside: float,
) -> tuple[I32, F64, int]:  # fmt: skip
    """Concepts that single words point at."""
    known = cue_ptr.size - 1
    for at in range(tokens.shape[0]):
        form = tokens[at, T_FORM]
        if form >= known or tokens[at, T_WEAK]:
            continue
        first, last = cue_ptr[form], cue_ptr[form + 1]
        if count + last - first > weights.size:
            events, weights = _room(events, weights, count, last - first)
        start, stop = tokens[at, T_START], tokens[at, T_END]
        counted = weight * beside if tokens[at, T_ASIDE] else weight
        for each in range(first, last):
            share = cue_share[each] * counted
            count = _put(events, weights, count, POINTED_AT, cue_concept[each], passage, start, stop, share)
    return events, weights, count


@compiled
def _intents(  # noqa: PLR0913, PLR0917
    root: I32, nodes: I32, children: I32, ends: I32, tokens: I32, allowed: I64, events: I32, weights: F64, count: int,
    passage: int, weight: float, detail: float, asked: bool,
) -> tuple[I32, F64, int]:  # fmt: skip
    """Intent heads, in order; none begins inside an earlier one. Of a tender (``asked``), those that don't stand in the
    first run of heads are detail.
    """
    covered, run_end = 0, -1
    for at in range(tokens.shape[0]):
        form, second = tokens[at, T_FORM], tokens[at, T_SECOND]
        node = root[HEADS, form] if form < root.shape[1] else 0
        if node == 0 and 0 <= second < root.shape[1]:
            node = root[HEADS, second]
        if node == 0 or at < covered:
            continue
        node, covered = _longest(node, nodes, children, ends, tokens, at, allowed, _NOBODY)
        if tokens[at, T_ASIDE] or nodes[node, 2] == nodes[node, 3]:
            continue
        kind, counted = INTENT_FOUND, weight
        if asked and 0 <= run_end < at:
            kind, counted = DETAIL_FOUND, weight * detail
        else:
            run_end = covered
        if count + nodes[node, 3] - nodes[node, 2] > weights.size:
            events, weights = _room(events, weights, count, nodes[node, 3] - nodes[node, 2])
        start, stop = tokens[at, T_START], tokens[covered - 1, T_END]
        for each in range(nodes[node, 2], nodes[node, 3]):
            if ends[each, 1] == 0:
                count = _put(events, weights, count, kind, ends[each, 0], passage, start, stop, counted)
    return events, weights, count


@compiled
def _words(  # noqa: PLR0913, PLR0917
    tokens: I32, events: I32, weights: F64, count: int, passage: int, buyer: bool, weight: float, beside: float
) -> int:
    """The keys of tokens; boilerplate says nothing alone, except of a buyer. There must be room."""
    for at in range(tokens.shape[0]):
        if buyer or not tokens[at, T_WEAK]:
            kind = BUYER_FOUND if buyer else WORD_FOUND
            start, stop = tokens[at, T_START], tokens[at, T_END]
            counted = weight * beside if tokens[at, T_ASIDE] and not buyer else weight
            count = _put(events, weights, count, kind, tokens[at, T_KEY], passage, start, stop, counted)
    return count


@compiled
def read(
    tokens: I32, token_ptr: I64, passages: Passages, forest: Forest, pointing: Pointing, rates: Rates
) -> tuple[I64, I32, F64]:
    """What the passages of each unit say: pointers by unit, findings, and the weight of each.

    A context anywhere in a unit lets the ambiguous forms of its concept count in all its passages. A unit whose
    single words count for concepts is a tender.
    """
    beside, detail = rates
    root, nodes, children, ends, numbers = forest
    acronym_ptr, acronym_concept, cue_ptr, cue_concept, cue_share = pointing
    unit_ptr, weight_of, marks_of, cue_weight_of = passages
    units = unit_ptr.size - 1
    ptr = np.zeros(units + 1, np.int64)
    room = 2 * tokens.shape[0] + 64
    events, weights = np.empty((room, EVENT_COLUMNS), np.int32), np.empty(room)
    allowed = np.full(numbers, _NOWHERE, np.int64)
    count = 0
    for unit in range(units):
        for passage in range(unit_ptr[unit], unit_ptr[unit + 1]):
            if not marks_of[passage] & OF_BUYER:
                part = tokens[token_ptr[passage] : token_ptr[passage + 1]]
                events, weights, count = _contexts(
                    root, nodes, children, ends, part, allowed, unit, events, weights, count, passage
                )
        for passage in range(unit_ptr[unit], unit_ptr[unit + 1]):
            part = tokens[token_ptr[passage] : token_ptr[passage + 1]]
            weight, buyer = weight_of[passage], (marks_of[passage] & OF_BUYER) != 0
            events, weights = _room(events, weights, count, part.shape[0])
            count = _words(part, events, weights, count, passage, buyer, weight, beside)
            if buyer:
                continue
            events, weights, count = _mentions(
                root, nodes, children, ends, acronym_ptr, acronym_concept, part, allowed, unit, events, weights, count,
                passage, weight, beside,
            )  # fmt: skip
            if cue_weight_of[unit] > 0.0:
                events, weights, count = _cues(
                    cue_ptr, cue_concept, cue_share, part, events, weights, count, passage,
                    weight * cue_weight_of[unit], beside,
                )  # fmt: skip
            events, weights, count = _intents(
                root, nodes, children, ends, part, allowed, events, weights, count, passage, weight, detail,
                cue_weight_of[unit] > 0.0,
            )  # fmt: skip
        ptr[unit + 1] = count
    return ptr, events[:count].copy(), weights[:count].copy()
