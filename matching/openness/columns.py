"""Columns of a pool: values as numbers into a table of the distinct ones, money in order within its currency.

A question is put once to each distinct value, or where the answer can only rise or only fall with the value, to as many
as it takes to find where it changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

import numpy as np

from matching.openness.grades import Codes, Grades
from matching.types import Amount

Value = TypeVar("Value", bound=Hashable)
Row = TypeVar("Row")
NONE = -1
"""The code of a value that is not known."""


@dataclass(frozen=True, slots=True)
class Coded(Generic[Value]):
    """A column: ``values[codes[i]]`` is the value of row ``i``."""

    codes: Codes
    values: Sequence[Value]

    @classmethod
    def of(cls, values: Iterable[Value]) -> Coded[Value]:
        """The column of these values."""
        number: dict[Value, int] = {}
        codes = [number.setdefault(each, len(number)) for each in values]
        return cls(np.array(codes, dtype=np.int64), tuple(number))

    @classmethod
    def by(cls, rows: Sequence[Row], key: Callable[[Row], Hashable], value: Callable[[Row], Value]) -> Coded[Value]:
        """The column of the values of these rows, made once for each key: rows of one key have equal values."""
        number: dict[Hashable, int] = {}
        codes = [number.setdefault(key(each), len(number)) for each in rows]
        told = np.array(codes, dtype=np.int64)
        _, first = np.unique(told, return_index=True)
        return cls(told, tuple(value(rows[int(row)]) for row in first))

    def graded(self, grade: Callable[[Value], int]) -> Grades:
        """What ``grade`` says of each row, asked once for each distinct value."""
        told = np.array([grade(each) for each in self.values], dtype=np.int8)
        return told[self.codes] if len(told) else np.zeros(0, dtype=np.int8)


@dataclass(frozen=True, slots=True)
class Ordered(Generic[Value]):
    """A column of values that can be compared within their block (amounts of one currency, days); ``NONE``: no value.

    ``blocks``: parts of ``values``, each rising.
    """

    codes: Codes
    values: Sequence[Value]
    blocks: Sequence[tuple[int, int]]

    @classmethod
    def of(cls, values: Sequence[Value | None], order: Callable[[Value], tuple[str, Decimal | int]]) -> Ordered[Value]:
        """The column of these values; ``order`` gives the block of one and its place there."""
        placed = {each: order(each) for each in values if each is not None}
        table = sorted(placed, key=placed.__getitem__)
        number = {each: code for code, each in enumerate(table)}
        codes = np.array([NONE if each is None else number[each] for each in values], dtype=np.int64)
        starts = [n for n, each in enumerate(table) if n == 0 or placed[table[n - 1]][0] != placed[each][0]]
        return cls(codes, table, tuple(zip(starts, [*starts[1:], len(table)], strict=False)))

    def graded(self, grade: Callable[[Value | None], int]) -> Grades:
        """What ``grade`` says of each row; within a block it must rise with the value, or fall with it."""
        told = np.full(len(self.values) + 1, grade(None), dtype=np.int8)
        for start, end in self.blocks:
            self._fill(told, grade, start, end)
        return told[self.codes]  # the last place is that of NONE

    def _fill(self, told: Grades, grade: Callable[[Value | None], int], start: int, end: int) -> None:
        """Halve each stretch until both of its ends say the same."""
        stretches = [(start, end - 1, grade(self.values[start]), grade(self.values[end - 1]))]
        while stretches:
            low, high, first, last = stretches.pop()
            if first == last:
                told[low : high + 1] = first
                continue
            told[low], told[high] = first, last
            if high - low > 1:
                middle = (low + high) // 2
                between = grade(self.values[middle])
                stretches += [(low, middle, first, between), (middle, high, between, last)]


def by_currency(amount: Amount) -> tuple[str, Decimal]:
    """Amounts in order within their currency."""
    return amount.currency, amount.amount


def by_day(day: dt.date) -> tuple[str, int]:
    """Days in order."""
    return "", day.toordinal()


@dataclass(frozen=True, slots=True)
class Listed:
    """What several entries of each row say: entry ``i`` belongs to row ``rows[i]``; entries of a row are neighbours."""

    rows: Codes
    count: int

    @classmethod
    def of(cls, lengths: Sequence[int]) -> Listed:
        """Entries of rows with so many each."""
        return cls(np.repeat(np.arange(len(lengths), dtype=np.int64), lengths), len(lengths))

    def having(self, classes: Codes, most: int) -> Codes:
        """For each row the set of its entries' classes (each below ``most``) as bits."""
        found = np.zeros(self.count, dtype=np.int64)
        for each in range(most):
            found[self.rows[classes == each]] |= 1 << each
        return found

    def counted(self, which: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Codes:
        """For each row how many of its entries are chosen."""
        return np.bincount(self.rows[which], minlength=self.count).astype(np.int64)


def agreeing(keys: Codes) -> tuple[Codes, Codes]:
    """Rows that stand for all with their key, and for each row which of them stands for it."""
    if not len(keys):
        return keys, keys
    low, high = int(keys.min()), int(keys.max())
    if high - low > _DENSE * len(keys):
        _, first, number = np.unique(keys, return_index=True, return_inverse=True)
        return first.astype(np.int64), number.astype(np.int64)
    place = np.full(high - low + 1, NONE, dtype=np.int64)
    place[keys - low] = np.arange(len(keys))
    rows = place[place != NONE]
    place[keys[rows] - low] = np.arange(len(rows))
    return rows, place[keys - low]


_DENSE = 4
