"""The score: an additive, linear logit. Its parts are signals times weights; its grade is a monotone reading of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from matching.documents import CHANNELS
from matching.features import PairSignals, Signal
from matching.types import Grade
from matching.vectorizer import F64


@dataclass(frozen=True, slots=True)
class Weighted:
    """A signal with its weight in logits and the code its reasons carry, see ``features.SignalKind``.

    ``weight`` counts for a profile that tells what it does, ``won_weight`` for one known by its past wins alone; most
    lie between (see ``documents.told_share``).
    """

    code: str
    signal: Signal
    weight: float
    won_weight: float
    channel: int | None = None


@dataclass(frozen=True, slots=True)
class Algorithm:
    """A named, versioned score.

    ``reference_weights`` says how the channels make the similarity to a past win; ``grades`` gives the lowest score
    of each grade but "none".
    """

    name: str
    version: str
    bias: float
    won_bias: float
    signals: tuple[Weighted, ...]
    reference_weights: Mapping[str, float]
    grades: Mapping[Grade, float]

    def scores(self, pairs: PairSignals) -> F64:
        """The score of each pair: bias and weighted signals, added in the order of ``signals``."""
        total = self.biases(pairs)
        for weighted in self.signals:
            total = total + self.contributions(weighted, pairs)
        return total

    def biases(self, pairs: PairSignals) -> F64:
        """The bias of each pair."""
        return pairs.told * self.bias + (1.0 - pairs.told) * self.won_bias

    def contributions(self, weighted: Weighted, pairs: PairSignals) -> F64:
        """What a signal adds to the score of each pair."""
        weights = pairs.told * weighted.weight + (1.0 - pairs.told) * weighted.won_weight
        return weights * weighted.signal(pairs)

    def grade(self, score: float) -> Grade:
        """The grade of a score; never lower for a higher score."""
        for grade in (Grade.STRONG, Grade.GOOD, Grade.POSSIBLE):
            if score >= self.grades[grade]:
                return grade
        return Grade.NONE

    def floor(self, grade: Grade) -> float:
        """The lowest score that has this grade or a better one."""
        return self.grades.get(grade, -np.inf)

    @property
    def reference_vector(self) -> F64:
        """``reference_weights`` in the order of the channels."""
        return np.array([self.reference_weights.get(channel, 0.0) for channel in CHANNELS], np.float64)


@dataclass(frozen=True, slots=True)
class SignalInfo:
    """A signal as published: its code, its weights (see ``Weighted``) and what it says."""

    code: str
    weight: float
    won_weight: float
    description: str


@dataclass(frozen=True, slots=True)
class AlgorithmInfo:
    """An algorithm as published by ``GET /v1/algorithms``."""

    name: str
    version: str
    bias: float
    won_bias: float
    signals: tuple[SignalInfo, ...]
    grades: Mapping[Grade, float]


def describe(algorithm: Algorithm) -> AlgorithmInfo:
    """The published form of an algorithm: signals with their docstrings and weights."""
    signals = tuple(
        SignalInfo(w.code, w.weight, w.won_weight, " ".join((w.signal.__doc__ or "").split()))
        for w in algorithm.signals
    )
    return AlgorithmInfo(
        algorithm.name,
        algorithm.version,
        algorithm.bias,
        algorithm.won_bias,
        signals,
        MappingProxyType(dict(algorithm.grades)),
    )
