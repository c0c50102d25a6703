"""Forms whose words stand near each other in any order: the compiled twin of ``matching.loose``, which specifies it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.kernels.compiling import compiled, inlined
from matching.kernels.phrases import CONCEPT_FOUND, CONTEXT_MET, EVENT_COLUMNS, LOOSELY_FOUND, Passages
from matching.kernels.tokens import OF_BUYER, T_ASIDE, T_BREAKS, T_END, T_FORM, T_SECOND, T_START
from matching.vectorizer import F64, I32, I64, U8


class Loose(NamedTuple):
    """Forms by their anchor: those of symbol ``n`` are ``ptr[n]:ptr[n + 1]``; the other words of form ``f`` are
    ``others[other_ptr[f]:other_ptr[f + 1]]``, all within ``span[f]`` words. Every number is below ``numbers``.
    """

    ptr: I32
    other_ptr: I32
    others: I32
    span: I32
    number: I32
    needs: U8
    numbers: int


@inlined
def _nearest(tokens: I32, start: int, end: int, at: int, symbol: int, span: int) -> int:
    """The token of a run with a symbol that is nearest to a place, the earlier of two as near; -1 beyond a span."""
    for distance in range(span):
        for place in (at - distance, at + distance):
            if start <= place < end and (tokens[place, T_FORM] == symbol or tokens[place, T_SECOND] == symbol):
                return place
    return -1


@compiled
def _in_run(  # noqa: PLR0913, PLR0917
    tokens: I32, start: int, end: int, ptr: I32, other_ptr: I32, others: I32, span: I32, number: I32, needs: U8,
    told: I64, allowed: I64, stamps: tuple[int, int], found: I32, count: int,
) -> int:  # fmt: skip
    """Note the forms that stand in a run as (number, start, end), each concept once in a passage; returns how many."""
    passage, unit = stamps
    for at in range(start, end):
        for column in (T_FORM, T_SECOND):
            anchor = tokens[at, column]
            if anchor < 0 or anchor + 1 >= ptr.size:
                continue
            for form in range(ptr[anchor], ptr[anchor + 1]):
                concept = number[form]
                if told[concept] == passage or (needs[form] and allowed[concept] != unit):
                    continue
                first, last, near = at, at, True
                for other in range(other_ptr[form], other_ptr[form + 1]):
                    place = _nearest(tokens, start, end, at, others[other], span[form])
                    near = near and place >= 0
                    first, last = min(first, place), max(last, place)
                if near and last + 1 - first <= span[form]:
                    told[concept] = passage
                    found[count, 0] = concept
                    found[count, 1] = first
                    found[count, 2] = last
                    count += 1
    return count


@compiled
def find_loose(  # noqa: C901 - one kernel, all of whose scratch is made once
    tokens: I32, token_ptr: I64, passages: Passages, loose: Loose, findings: tuple[I64, I32, F64], rate: float
) -> tuple[I64, I32, F64]:
    """Concepts that stand loosely in the passages of units and not otherwise, as ``kernels.phrases.read`` gives its
    findings, which must be given.

    Only units whose single words count are looked through. A form that stands loosely counts ``rate`` of its weight.
    """
    unit_ptr, weight_of, marks_of, cue_weight_of = passages
    ptr, events, _ = findings
    form_ptr, other_ptr, others, span, number, needs, numbers = loose
    new_ptr = np.zeros(ptr.size, np.int64)
    told, allowed = np.full(numbers, -1, np.int64), np.full(numbers, -1, np.int64)
    found = np.empty((numbers, 3), np.int32)
    new_events, new_weights = np.empty((numbers, EVENT_COLUMNS), np.int32), np.empty(numbers)
    total = 0
    for unit in range(ptr.size - 1):
        for passage in range(unit_ptr[unit], unit_ptr[unit + 1]):
            if cue_weight_of[unit] == 0.0 or marks_of[passage] & OF_BUYER:
                continue
            for at in range(ptr[unit], ptr[unit + 1]):
                if events[at, 0] == CONTEXT_MET:
                    allowed[events[at, 1]] = unit
                elif events[at, 0] == CONCEPT_FOUND and events[at, 2] == passage:
                    told[events[at, 1]] = passage
            part = tokens[token_ptr[passage] : token_ptr[passage + 1]]
            count, start = 0, 0
            for at in range(part.shape[0] + 1):
                if at == part.shape[0] or part[at, T_BREAKS] or part[at, T_ASIDE]:
                    count = _in_run(
                        part, start, at, form_ptr, other_ptr, others, span, number, needs, told, allowed,
                        (passage, unit), found, count,
                    )  # fmt: skip
                    start = at + part[at, T_ASIDE] if at < part.shape[0] else at
            if total + count > new_weights.size:
                larger, heavier = (
                    np.empty((2 * (total + count), EVENT_COLUMNS), np.int32),
                    np.empty(2 * (total + count)),
                )
                larger[:total] = new_events[:total]
                heavier[:total] = new_weights[:total]
                new_events, new_weights = larger, heavier
            for at in range(count):
                new_events[total, 0] = LOOSELY_FOUND
                new_events[total, 1] = found[at, 0]
                new_events[total, 2] = passage
                new_events[total, 3] = part[found[at, 1], T_START]
                new_events[total, 4] = part[found[at, 2], T_END]
                new_weights[total] = weight_of[passage] * rate
                total += 1
        new_ptr[unit + 1] = total
    return new_ptr, new_events[:total].copy(), new_weights[:total].copy()
