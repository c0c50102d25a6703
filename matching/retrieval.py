"""Which documents get an exact score: the best by what their rows tell, over all parts of a collection at once.

What rows tell is the score but for the signals that join channels or need more than them (intents, past wins,
amounts): for each channel the root of its cosine, times what that is worth for this startup, on top of what the startup
scores where nothing is shared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

import numpy as np

from matching.documents import CHANNELS
from matching.features import PairSignals
from matching.gates import Mask
from matching.kernels.retrieval import scores_of_rows, top_scored
from matching.postings import Postings
from matching.scoring import Algorithm
from matching.segments import Segment
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import F32, I32, I64, U8, Idf, Rows

Doc = TypeVar("Doc", TenderDoc, StartupDoc)


FAINT: Final = 0.1
"""Features below this share of the heaviest one of their channel do not retrieve: nearly half of the postings that a
tender reads are theirs, and hardly any of the score."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What a startup brings to its score by itself: ``prior``, that of a pair which shares nothing, and ``slopes``
    (channels, startups), what the root of each channel's cosine is worth. Where neither depends on the document that is
    searched for, both are empty and ``weights`` (one of each channel) stand for the slopes; else they tell which
    channels are worth anything.
    """

    prior: F32
    slopes: F32
    weights: F32


@dataclass(frozen=True, slots=True)
class Question:
    """A row as it asks the other side: its features channel by channel (``cuts`` says where each channel begins), and,
    if a startup asks, its traits.
    """

    features: I32
    values: F32
    cuts: I64
    traits: Traits | None


def question(rows: Rows, number: int, idf: Idf, traits: Traits | None = None) -> Question:
    """A row of a query, without its faint features; ``traits`` of the startup that asks."""
    ids, values = rows.row(number)
    channels = idf.channels[ids]
    heaviest = np.zeros(len(CHANNELS), np.float32)
    np.maximum.at(heaviest, channels, values)
    order = np.argsort(channels, kind="stable")
    order = order[values[order] >= np.float32(FAINT) * heaviest[channels[order]]]
    cuts = np.searchsorted(channels[order], np.arange(len(CHANNELS) + 1))
    return Question(ids[order], values[order], cuts.astype(np.int64), traits)


def traits_of(segment: Segment[Doc], algorithm: Algorithm) -> Traits:
    """The traits of the startups of a segment, found by asking the score itself: for nothing shared, then for one
    channel at a time. Tenders have none.
    """
    if segment.side is not Side.STARTUP:
        return NO_TRAITS
    count = len(segment.ids)
    prior = algorithm.scores(_sharing(segment, None))
    slopes = np.empty((len(CHANNELS), count), np.float32)
    for channel in range(len(CHANNELS)):
        slopes[channel] = algorithm.scores(_sharing(segment, channel)) - prior
    weights = np.abs(slopes).max(axis=1, initial=0.0)
    return Traits(prior.astype(np.float32), slopes, weights)


def asking(traits: Traits) -> Traits:
    """The traits of a single startup, for its own question: its prior changes no order."""
    return Traits(NO_TRAITS.prior, NO_TRAITS.slopes, traits.slopes[:, 0].copy())


def _sharing(segment: Segment[Doc], channel: int | None) -> PairSignals:
    """The signals of startups that share everything in one channel, and nothing else."""
    told, serves = segment.columns.single["told"], segment.columns.single["serves"]
    one = np.zeros(len(CHANNELS))
    if channel is not None:
        one[channel] = 1.0
    nothing = np.zeros(told.size)
    cosines = np.broadcast_to(one, (told.size, len(CHANNELS)))
    wins = np.diff(segment.reference_ptr)
    return PairSignals(cosines, nothing, np.full(told.size, -1), nothing, wins, told, serves, nothing)


NO_TRAITS: Final = Traits(np.empty(0, np.float32), np.empty((len(CHANNELS), 0), np.float32), np.empty(0, np.float32))


@dataclass(frozen=True)
class Part(Generic[Doc]):
    """A segment that can be searched. ``alive`` is false for documents that have been removed or replaced since.

    A sealed part has its documents by id, and postings; the tail of a collection has neither. ``born`` numbers the
    write that brought each document of a tail, sealed or not; it is empty for any other part.
    """

    segment: Segment[Doc]
    postings: Postings | None
    alive: Mask
    traits: Traits
    born: I64

    def best(self, asked: Question, channels: U8, allowed: Mask, count: int) -> tuple[I64, F32]:
        """Allowed documents, the ``count`` best by what their rows tell among them, and that score.

        A tail gives all of them: it is not in the order of ids, which decides between equal scores.
        """
        query = (asked.features, asked.values, asked.cuts)
        traits = asked.traits or self.traits
        own = (traits.prior, traits.slopes)
        if self.postings is not None:
            return top_scored(
                self.postings.parts, self.postings.starts, self.segment.owners, query, traits.weights, own,
                allowed.view(np.uint8), min(count, len(self.segment.ids)),
            )  # fmt: skip
        scores = scores_of_rows(self.segment.units.flat(), channels, query, traits.weights, own)
        if self.segment.owners.size:
            scores = np.maximum.reduceat(scores, self.segment.unit_ptr[:-1])
        eligible = np.flatnonzero(allowed).astype(np.int64)
        return eligible, scores[eligible]


def tail_of(segment: Segment[Doc], algorithm: Algorithm, born: I64) -> Part[Doc]:
    """Weighted documents as the tail of a collection."""
    return Part(segment, None, np.ones(len(segment.ids), np.bool_), traits_of(segment, algorithm), born)


def sealed(segment: Segment[Doc], idf: Idf, algorithm: Algorithm) -> Part[Doc]:
    """Weighted documents as a sealed part."""
    ordered = segment.by_id()
    groups = None if ordered.side is Side.STARTUP else ordered.unit_ptr
    postings = Postings.of(ordered.units, idf.weights.size, groups)
    return part_of(ordered, postings, np.ones(len(ordered.ids), np.bool_), algorithm)


def part_of(segment: Segment[Doc], postings: Postings, alive: Mask, algorithm: Algorithm) -> Part[Doc]:
    """A sealed part from what it is made of: documents by id, and their postings."""
    return Part(segment, postings, alive, traits_of(segment, algorithm), np.empty(0, np.int64))


def nearest(
    parts: Sequence[Part[Doc]], allowed: Sequence[Mask], asked: Question, channels: U8, count: int
) -> list[I64]:
    """The positions in each part of the ``count`` best documents of all, of equal scores those of lower ids."""
    found = [
        part.best(asked, channels, mask, count) if count > 0 and part.segment.ids else _NOTHING
        for part, mask in zip(parts, allowed, strict=True)
    ]
    if sum(positions.size for positions, _ in found) <= count:
        return [positions for positions, _ in found]
    every = np.concatenate([scores for _, scores in found])
    cut = np.partition(every, every.size - count)[every.size - count]
    above = [scores > cut for _, scores in found]
    ties = sorted(
        (part.segment.ids[int(position)], number, int(position))
        for number, (part, (positions, scores)) in enumerate(zip(parts, found, strict=True))
        for position in positions[scores == cut]
    )[: count - sum(int(np.count_nonzero(mask)) for mask in above)]
    return [
        np.concatenate([positions[mask], np.array([p for _, n, p in ties if n == number], np.int64)])
        for number, ((positions, _), mask) in enumerate(zip(found, above, strict=True))
    ]


_NOTHING: Final = (np.empty(0, np.int64), np.empty(0, np.float32))
