"""Documents taken apart into what the kernels read: texts, passages of units, and features known without reading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from matching.analysis.strings import code_points
from matching.kernels.counting import Units
from matching.kernels.phrases import Passages
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
        texts = [text[:MAX_CHARS] for text in self._texts]
        ptr = np.zeros(len(texts) + 1, np.int64)
        np.cumsum([len(text) for text in texts], out=ptr[1:])
        return code_points("".join(texts)), ptr

    def text_of(self) -> I64:
        """The text of each passage."""
        return np.array(self._text, np.int64)

    def passages(self) -> Passages:
        """The passages as the kernels read them."""
        return Passages(
            np.array(self._ptr, np.int64),
            np.array(self._weight, np.float64),
            np.array(self._marks, np.uint8),
            np.array(self._cue_weight, np.float64),
        )

    def units(self) -> Units:
        """The units as the kernels read them."""
        return Units(
            np.array(self._kind, np.uint8),
            np.array(self._share, np.float64),
            np.array(self._extra_ptr, np.int64),
            np.array(self._extra_code, np.int32),
            np.array(self._extra_count, np.float64),
        )
