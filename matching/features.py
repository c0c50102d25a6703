"""The signals of a pair. Each is a small pure function whose docstring is published: it says what a reader may
conclude. Every signal lies between 0 (nothing in common, or unknown) and about 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, TypeAlias

import numpy as np

from matching.documents import CHANNELS
from matching.vectorizer import F64, I64

WORD, CONCEPT, CPV, PLACE, BUYER, INTENT, TRADE = range(len(CHANNELS))


@dataclass(frozen=True, slots=True)
class PairSignals:
    """What was measured of pairs: one row a pair, one cosine a channel; the most similar past win (with its number, -1:
    none), how near the nearest past win's amount is, how many past
    wins there are, what share of the profile is told rather than won, how far the startup works to order,
    and 1 where its region is known for what is asked.
    """

    cosines: F64
    reference: F64
    reference_number: I64
    nearest_value: F64
    wins: I64
    told: F64
    serves: F64
    regional: F64

    def take(self, wanted: I64) -> PairSignals:
        """The signals of the pairs at these positions."""
        return PairSignals(
            self.cosines[wanted], self.reference[wanted], self.reference_number[wanted],
            self.nearest_value[wanted], self.wins[wanted], self.told[wanted],
            self.serves[wanted], self.regional[wanted],
        )  # fmt: skip

    @classmethod
    def none(cls) -> PairSignals:
        """Of no pairs."""
        nothing, numbers = np.empty(0), np.empty(0, np.int64)
        cosines = np.empty((0, len(CHANNELS)))
        return cls(cosines, nothing, numbers, nothing, numbers, nothing, nothing, nothing)

    @classmethod
    def joined(cls, parts: Sequence[PairSignals]) -> PairSignals:
        """The pairs of all parts, of which there is at least one."""
        if len(parts) == 1:
            return parts[0]
        return cls(*(np.concatenate([getattr(part, each.name) for part in parts]) for each in fields(cls)))


def shared_words(pairs: PairSignals) -> F64:
    """Words the tender and the profile share, rare ones counting more (root of the TF-IDF cosine of stems)."""
    return np.sqrt(pairs.cosines[:, WORD])


def shared_concepts(pairs: PairSignals) -> F64:
    """Capabilities of the trilingual lexicon that both texts name, in whatever language (root of the cosine)."""
    return np.sqrt(pairs.cosines[:, CONCEPT])


def shared_cpv(pairs: PairSignals) -> F64:
    """CPV codes in common; a shared division counts little, a shared category much (root of the cosine)."""
    return np.sqrt(pairs.cosines[:, CPV])


def same_place(pairs: PairSignals) -> F64:
    """The tender's place is where the startup is, or has delivered. A weak hint, never a condition."""
    return np.sqrt(pairs.cosines[:, PLACE])


def known_buyer(pairs: PairSignals) -> F64:
    """The startup has worked for this buyer, or for one with a name alike, before."""
    return np.sqrt(pairs.cosines[:, BUYER])


def same_intent(pairs: PairSignals) -> F64:
    """What the buyer wants done (develop, supply, maintain, train ...) is what the startup says it does, as far as they
    speak of the same capabilities: to supply is no trade without a subject.
    """
    return np.sqrt(pairs.cosines[:, INTENT]) * shared_concepts(pairs)


def same_trade(pairs: PairSignals) -> F64:
    """The startup is the kind of supplier (software house, web agency, integrator ...) that sells what is asked for."""
    return np.sqrt(pairs.cosines[:, TRADE])


def works_to_order(pairs: PairSignals) -> F64:
    """The startup tells that it works to order (agency, consultancy, integrator, made to measure), as far as it is of
    the trade asked for.
    """
    return np.maximum(2.0 * pairs.serves - 1.0, 0.0) * same_trade(pairs)


def sells_a_product(pairs: PairSignals) -> F64:
    """The startup tells of one product of its own (an app that ..., our platform) rather than of work to order, as far
    as it is of the trade asked for: it speaks against it, unless that product is what is asked for.
    """
    return np.maximum(1.0 - 2.0 * pairs.serves, 0.0) * same_trade(pairs)


def regional_speciality(pairs: PairSignals) -> F64:
    """What is asked for is a speciality of the startup's region, as far as both speak of the same capabilities: its
    schools, clusters and clients are near.
    """
    return pairs.regional * shared_concepts(pairs)


def similar_reference(pairs: PairSignals) -> F64:
    """The startup's most similar past win, by words, capabilities and CPV codes; it counts half after eight years."""
    return np.sqrt(pairs.reference)


def similar_value(pairs: PairSignals) -> F64:
    """A past win of an amount near the tender's: 1 for the same, 0.37 for 2.7 times more or less."""
    return pairs.nearest_value


def experience(pairs: PairSignals) -> F64:
    """How many contracts the startup has won, as ln(1 + number): who has won before wins again."""
    return np.log1p(pairs.wins.astype(np.float64))


Signal: TypeAlias = Callable[[PairSignals], F64]


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A signal that a model may weigh: the code its reasons carry, how it is measured, and which way it may count.

    ``channel`` holds the features that explain it, ``None`` for none; a weight never has the opposite sign of ``sign``.
    """

    code: str
    signal: Signal
    channel: int | None = None
    sign: Literal[1, -1] = 1


SIGNALS: Final = (
    SignalKind("text.term", shared_words, WORD),
    SignalKind("text.concept", shared_concepts, CONCEPT),
    SignalKind("text.trade", same_trade, TRADE),
    SignalKind("mode.service", works_to_order),
    SignalKind("mode.product", sells_a_product, sign=-1),
    SignalKind("cpv.shared", shared_cpv, CPV),
    SignalKind("place.same", same_place, PLACE),
    SignalKind("region.speciality", regional_speciality),
    SignalKind("buyer.known", known_buyer, BUYER),
    SignalKind("intent.same", same_intent, INTENT),
    SignalKind("reference.similar", similar_reference),
    SignalKind("value.similar", similar_value),
    SignalKind("experience", experience),
)
"""Every signal there is, in the order in which they are added up."""
