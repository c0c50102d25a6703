"""The signals of a pair. Each is a small pure function whose docstring is published: it says what a reader may
conclude. Every signal lies between 0 (nothing in common, or unknown) and about 1.
"""

from __future__ import annotations

from dataclasses import dataclass

from matching.documents import CHANNELS
from matching.vectorizer import F64, I64

WORD, CONCEPT, CPV, PLACE, BUYER, INTENT = range(len(CHANNELS))


@dataclass(frozen=True, slots=True)
class PairSignals:
    """What the kernel measured for pairs: one row a pair, one cosine a channel, and the most similar past win."""

    cosines: F64
    reference: F64
    reference_number: I64

    def at(self, number: int) -> PairSignals:
        """One pair's signals."""
        one = slice(number, number + 1)
        return PairSignals(self.cosines[one], self.reference[one], self.reference_number[one])


def shared_words(pairs: PairSignals) -> F64:
    """Words the tender and the profile share, rare ones counting more (TF-IDF cosine of stems)."""
    return pairs.cosines[:, WORD]


def shared_concepts(pairs: PairSignals) -> F64:
    """Capabilities of the trilingual lexicon that both texts name, in whatever language (TF-IDF cosine)."""
    return pairs.cosines[:, CONCEPT]


def shared_cpv(pairs: PairSignals) -> F64:
    """CPV codes in common; a shared division counts little, a shared category much."""
    return pairs.cosines[:, CPV]


def same_place(pairs: PairSignals) -> F64:
    """The tender's place is where the startup is, or has delivered. A weak hint, never a condition."""
    return pairs.cosines[:, PLACE]


def known_buyer(pairs: PairSignals) -> F64:
    """The startup has worked for this buyer before."""
    return pairs.cosines[:, BUYER]


def same_intent(pairs: PairSignals) -> F64:
    """What the buyer wants done (develop, supply, maintain, train, study, build) is what the startup says it does."""
    return pairs.cosines[:, INTENT]


def similar_reference(pairs: PairSignals) -> F64:
    """The startup's most similar past win, by words, capabilities and CPV codes."""
    return pairs.reference
