"""Outcomes as small numbers, so that Kleene's logic is a minimum and the best lot a maximum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from matching.eligibility.verdicts import Outcome

FAIL: Final = 0
UNKNOWN: Final = 1
PASS: Final = 2

Grades: TypeAlias = npt.NDArray[np.int8]
"""One outcome for each startup, or each call."""

Codes: TypeAlias = npt.NDArray[np.int64]

GRADE_OF: Mapping[Outcome, int] = MappingProxyType({Outcome.FAIL: FAIL, Outcome.UNKNOWN: UNKNOWN, Outcome.PASS: PASS})
OUTCOME_OF: Sequence[Outcome] = (Outcome.FAIL, Outcome.UNKNOWN, Outcome.PASS)


def grade_of_truth(truth: bool | None) -> int:
    """A truth as a grade."""
    return UNKNOWN if truth is None else PASS if truth else FAIL


def whole_of(parts: Sequence[tuple[str | None, Grades]], lots: Sequence[str], count: int) -> Grades:
    """What the binding checks of a call come to, as ``matching.eligibility.checking`` joins them.

    ``parts``: for each check its lot (``None``: the whole call) and its outcomes; ``lots``: those the call lists.
    """
    whole = np.full(count, PASS, dtype=np.int8)
    for lot, grades in parts:
        if lot is None:
            whole = np.minimum(whole, grades)
    stray = np.full(count, PASS, dtype=np.int8)
    by_lot = dict.fromkeys(lots, whole)
    for lot, grades in parts:
        if lot in by_lot:
            by_lot[str(lot)] = np.minimum(by_lot[str(lot)], grades)
        elif lot is not None:
            # A lot that only clauses name may be any of those listed, or one of more than are known.
            stray = np.minimum(stray, np.maximum(grades, UNKNOWN))
    best: Grades = np.maximum.reduce(list(by_lot.values())) if by_lot else whole
    return np.minimum(best, stray)
