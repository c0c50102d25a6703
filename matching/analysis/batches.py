"""Documents taken apart into what the kernels read: texts, passages of units, and features known without reading."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Final

import numpy as np

from matching.analysis.strings import code_points
from matching.kernels.counting import PLAIN
from matching.kernels.rows import Made, Told
from matching.kernels.scanning import U32
from matching.kernels.tokens import IN_ENGLISH, OF_BUYER
from matching.text import MAX_CHARS
from matching.vectorizer import I64

BATCH_CHARACTERS: Final = 1 << 18
"""Characters that are read together: enough to make calls cheap, few enough to stay in the processor's cache."""


class Batch:
    """Units being gathered. Equal texts are cut once, but read in each unit: ``characters`` counts them all."""

    def __init__(self) -> None:
        self.characters = 0
        self._texts: dict[str, int] = {}
        self._ptr, self._text, self._weight, self._marks = [0], list[int](), list[float](), list[int]()
        self._cue_weight, self._kind, self._share = list[float](), list[int](), list[float]()
        self._extra_ptr, self._extra_code, self._extra_count = [0], list[int](), list[float]()

    def __len__(self) -> int:
        return len(self._kind)

    def passage(self, text: str, weight: float, hint: str | None, *, buyer: bool = False) -> None:
        """Put a text into the unit that is open."""
        if not text:
            return
        number = self._texts.get(text)
        if number is None:
            number = self._texts[text] = len(self._texts)
        self.characters += len(text)
        self._text.append(number)
        self._weight.append(weight)
        self._marks.append((IN_ENGLISH if hint == "en" else 0) | (OF_BUYER if buyer else 0))

    def add(self, codes: Iterable[tuple[int, float]]) -> None:
        """Put coded features with their counts into the unit that is open."""
        for code, count in codes:
            self._extra_code.append(code)
            self._extra_count.append(count)

    def close(self, kind: int, share: float = 1.0, cue_weight: float = 0.0) -> None:
        """End the unit that is open, and say what is made of it."""
        self._ptr.append(len(self._text))
        self._extra_ptr.append(len(self._extra_code))
        self._kind.append(kind)
        self._share.append(share)
        self._cue_weight.append(cue_weight)

    def text(self) -> tuple[U32, I64]:
        """All texts end to end as code points, with the pointers to them."""
        return _joined(self._texts)

    def text_of(self) -> I64:
        """The text of each passage."""
        return np.array(self._text, np.int64)

    def told(self) -> Told:
        """The passages as the kernels read them."""
        return (
            self.text_of(),
            np.array(self._ptr, np.int64),
            np.array(self._weight, np.float64),
            np.array(self._marks, np.uint8),
            np.array(self._cue_weight, np.float64),
        )

    def made(self) -> Made:
        """The units as the kernels read them."""
        return (
            np.array(self._kind, np.uint8),
            np.array(self._share, np.float64),
            np.array(self._extra_ptr, np.int64),
            np.array(self._extra_code, np.int32),
            np.array(self._extra_count, np.float64),
        )


class PlainTexts:
    """Texts, each a unit by itself: the batch of what needs no gathering."""

    def __init__(self) -> None:
        self.characters = 0
        self._texts: list[str] = []

    def put(self, text: str) -> None:
        """Put a text after the others."""
        self.characters += len(text)
        self._texts.append(text)

    def text(self) -> tuple[U32, I64]:
        """All texts end to end as code points, with the pointers to them."""
        return _joined(self._texts)

    def told(self) -> Told:
        """The passages as the kernels read them."""
        return _plain_units(len(self._texts))[0]

    def made(self) -> Made:
        """The units as the kernels read them."""
        return _plain_units(len(self._texts))[1]


def _joined(texts: Iterable[str]) -> tuple[U32, I64]:
    cut = [text[:MAX_CHARS] for text in texts]
    ptr = np.array([0, *accumulate(map(len, cut))], np.int64)
    return code_points("".join(cut)), ptr


@lru_cache(maxsize=4)
def _plain_units(count: int) -> tuple[Told, Made]:
    """So many texts, each one passage of one unit."""
    ptr, ones, none, nothing = np.arange(count + 1), np.ones(count), np.zeros(count, np.uint8), np.zeros(count)
    told = ptr[:-1].copy(), ptr, ones, none, nothing
    return told, (
        np.full(count, PLAIN, np.uint8),
        ones,
        np.zeros(count + 1, np.int64),
        np.empty(0, np.int32),
        np.empty(0),
    )
