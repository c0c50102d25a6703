"""What the suite ``engine`` asks of every engine that it measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

from matching.stopwords import FUNCTION_WORDS

TOP = 20
"""How many profiles a query asks for."""

BATCH, SINGLE = 1_000, 200
"""How many tenders are asked together, and how many one by one, in a round."""

STOP_WORDS = sorted(word for words in FUNCTION_WORDS.values() for word in words)
"""Safqa's function words, given to every peer: a peer that had to rank by them would have more to do."""

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.floating]
Hits: TypeAlias = tuple[Ints, Floats]
"""Profiles by number, best first, and their scores."""

Sequences: TypeAlias = tuple[Ints, Ints]
"""Documents as numbers of terms, repetitions included: pointers, and the numbers end to end."""

Tokens = TypeVar("Tokens")
Question = TypeVar("Question")


class Engine(Protocol[Tokens, Question]):
    """Finds the profiles nearest to a text."""

    remembers: bool
    """Whether ``read`` is quicker with words that it has seen before."""

    def read(self, texts: Sequence[str]) -> Tokens:
        """The profiles' texts, cut by the engine's own tokenizer."""

    def index(self, tokens: Tokens) -> None:
        """Build the index."""

    def numbers(self, tokens: Tokens) -> object | None:
        """The profiles as numbers of terms, repetitions included, in the form that ``index_numbers`` takes; ``None``
        where an engine can't begin there.
        """

    def index_numbers(self, numbers: object) -> None:
        """Build the index from numbers of terms: count, weigh, invert."""

    def question(self, text: str) -> Question:
        """A query's text, cut and weighted."""

    def best(self, question: Question) -> Hits:
        """The ``TOP`` nearest profiles."""

    def batch(self, texts: Sequence[str], threads: int) -> int:
        """Answer many queries, each with its ``TOP`` profiles, from their texts on; how many profiles were found."""

    def size(self) -> int:
        """Bytes of the index: what a query reads, without the vocabulary."""


def memory(which: str) -> float:
    """``VmRSS`` or ``VmHWM`` of this process in MiB."""
    with open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith(which + ":"))
