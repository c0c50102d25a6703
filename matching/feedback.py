"""Learning from use: what was kept and what was turned down re-weighs the features of a document.

A startup learns from the tenders it saved, won or dismissed, a tender from the startups its buyer shortlisted or
dismissed. Classic relevance feedback (Rocchio 1971) adds the vectors of kept documents and subtracts those of the
others; profiles speak of much that is beside the point, so that their sum drowns a short query (measured, see
docs/scoring.md). Here a feature keeps its place and its count is multiplied by what the lessons say of it; only a
little is added of what all that was kept speaks of. It is a step over counts: idf, norms, scores and reasons follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, Literal, Protocol, TypeAlias

from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import Bag

Learned: TypeAlias = Literal["more", "less", "new"]
"""How a feature counts after the lessons: more or less than the texts say, or only since something kept has it."""

MAX_LESSONS: Final = 50
"""Lessons of one document that count, the newest."""

KEPT_GAIN: Final = 2.0
"""How much a feature gains that everything kept speaks of: with 2, its count trebles."""

REFUSED_LOSS: Final = 1.0
"""How much a feature loses that everything turned down speaks of: with 1, all of its count."""

EXPANSION: Final = 0.2
"""What a feature that the document does not have counts, where everything kept speaks of it."""

DOUBT: Final = 2.0
"""Lessons that are taken to have said nothing, so that the first one does not say everything."""

_TAUGHT: Final = "wcpit"
"""Channels that lessons speak of: what a call is about, not where or whose it is."""


NOTHING_LEARNED: Final[Mapping[str, Learned]] = MappingProxyType({})


class Extracting(Protocol):
    """What makes bags: the analyser, or ``matching.extraction``, which says what it does."""

    def startup(self, startup: StartupDoc, /) -> Bag:
        """The profile of a startup."""

    def tender(self, tender: TenderDoc, /) -> list[Bag]:
        """The bag of the whole tender, then one for each lot."""


class TaughtExtractor:
    """Makes the bags of documents as their lessons leave them. Safe to share between threads."""

    def __init__(self, extractor: Extracting) -> None:
        self._plain = extractor

    def startup(self, startup: StartupDoc) -> Bag:
        """The profile of a startup."""
        return taught(self._plain.startup(startup), *self._tenders(startup))

    def tender(self, tender: TenderDoc) -> list[Bag]:
        """The bag of the whole tender, then one for each lot."""
        lessons = self._startups(tender)
        return [taught(bag, *lessons) for bag in self._plain.tender(tender)]

    def learned_by_startup(self, startup: StartupDoc) -> Mapping[str, Learned]:
        """What its lessons made of the features of a profile."""
        if not startup.lessons:
            return NOTHING_LEARNED
        plain = self._plain.startup(startup)
        return learned(plain, taught(plain, *self._tenders(startup)))

    def learned_by_tender(self, tender: TenderDoc, unit: int) -> Mapping[str, Learned]:
        """What its lessons made of the features of a tender (unit 0), or of one of its lots."""
        if not tender.lessons:
            return NOTHING_LEARNED
        plain = self._plain.tender(tender)[unit]
        return learned(plain, taught(plain, *self._startups(tender)))

    def _tenders(self, startup: StartupDoc) -> tuple[list[Bag], list[Bag]]:
        told = [(lesson.kept, self._plain.tender(lesson.tender)[0]) for lesson in startup.lessons[:MAX_LESSONS]]
        return _sorted_out(told)

    def _startups(self, tender: TenderDoc) -> tuple[list[Bag], list[Bag]]:
        told = [(lesson.kept, self._plain.startup(lesson.startup)) for lesson in tender.lessons[:MAX_LESSONS]]
        return _sorted_out(told)


def _sorted_out(told: Sequence[tuple[bool, Bag]]) -> tuple[list[Bag], list[Bag]]:
    return [bag for kept, bag in told if kept], [bag for kept, bag in told if not kept]


def taught(bag: Bag, kept: Sequence[Bag], refused: Sequence[Bag]) -> Bag:
    """A bag after its lessons; ``kept`` and ``refused`` hold the bags of documents of the other side.

    A feature's count is multiplied by ``1 + KEPT_GAIN * k - REFUSED_LOSS * r`` (never below 0), where ``k`` and ``r``
    are the shares of kept and of refused documents that speak of it, ``DOUBT`` silent ones counted in. Without
    lessons the bag stays as it is, to the bit.
    """
    if not kept and not refused:
        return bag
    gains, losses = _shares(kept), _shares(refused)
    counts: dict[str, float] = {}
    for key, count in bag.features.items():
        counts[key] = count * max(0.0, 1.0 + KEPT_GAIN * gains.get(key, 0.0) - REFUSED_LOSS * losses.get(key, 0.0))
    for key, share in gains.items():
        if key not in bag.features:
            counts[key] = EXPANSION * (share - losses.get(key, 0.0))
    return Bag({key: count for key, count in counts.items() if count > 0.0})


def _shares(bags: Sequence[Bag]) -> dict[str, float]:
    """Which share of the bags speak of each feature; a weak mention counts as far as it goes."""
    sums: dict[str, float] = {}
    for bag in bags:
        for key, count in bag.features.items():
            if key[0] in _TAUGHT:
                sums[key] = sums.get(key, 0.0) + min(1.0, count)
    return {key: total / (len(bags) + DOUBT) for key, total in sums.items()}


def learned(before: Bag, after: Bag) -> Mapping[str, Learned]:
    """The features whose count the lessons changed, but for those they took away."""
    changed: dict[str, Learned] = {}
    for key, count in after.features.items():
        plain = before.features.get(key)
        if plain is None:
            changed[key] = "new"
        elif count != plain:
            changed[key] = "more" if count > plain else "less"
    return changed
