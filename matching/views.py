"""A collection at one moment: sealed parts, a small tail, and what has been removed since they were made.

Every change makes a new ``View`` from the old one, so that a running query keeps the one it began with.
"""

from __future__ import annotations

import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Generic, TypeVar

import numpy as np

from matching.gates import Mask
from matching.retrieval import Part, sealed, tail_of
from matching.scoring import Algorithm
from matching.segments import Segment, end_to_end
from matching.types import StartupDoc, TenderDoc
from matching.vectorizer import I64, Idf

Doc = TypeVar("Doc", TenderDoc, StartupDoc)

TAIL_LIMIT: Final = 1_024
"""Documents without postings before a write seals them; ``maintain`` does so from a quarter of it on."""

GROWTH: Final = 2
"""A part is folded together with smaller ones that hold more than half of its documents: parts stay few, and each
document is copied a logarithmic number of times."""

NO_WRITES: Final = range(0)

DEAD_SHARE: Final = 0.25
"""How much of a part may be dead before it is rebuilt without it."""


@dataclass(frozen=True)
class View(Generic[Doc]):
    """Sealed parts and the tail. Each living id stands in one of them."""

    parts: tuple[Part[Doc], ...]
    tail: Part[Doc]

    def __len__(self) -> int:
        return sum(int(np.count_nonzero(part.alive)) for part in self.all_parts())

    def ids(self) -> Iterator[str]:
        """The ids of the living documents, in no particular order."""
        for part in self.all_parts():
            for n in np.flatnonzero(part.alive):
                yield part.segment.ids[n]

    def all_parts(self) -> tuple[Part[Doc], ...]:
        """The sealed parts and the tail."""
        return followed(self.parts, self.tail)

    def changed(self, docs: Segment[Doc], removed: Sequence[str], algorithm: Algorithm, write: int) -> View[Doc]:
        """The collection with documents put in (replacing those of the same id) and others taken out."""
        gone = set(removed) | set(docs.ids)
        segment, born = self.tail.segment, self.tail.born
        kept = np.array([n for n, document in enumerate(segment.ids) if document not in gone], np.int64)
        if kept.size < born.size:
            segment, born = segment.take(kept), born[kept]
        tail = tail_of(segment.joined(docs), algorithm, np.append(born, np.full(len(docs.ids), write)))
        return View(tuple(without(part, gone) for part in self.parts), tail)

    def with_tail_sealed(self, idf: Idf, algorithm: Algorithm) -> View[Doc]:
        """The same collection with its tail as one more part, which remembers what brought its documents."""
        part = sealed(self.tail.segment, idf, algorithm)
        position = self.tail.segment.position
        born = self.tail.born[[position[document] for document in part.segment.ids]]
        return View(followed(self.parts, replace(part, born=born)), self._tail_without(_writes(born), algorithm))

    def reweighted(self, idf: Idf, algorithm: Algorithm) -> View[Doc]:
        """The same collection with the tail's values of another idf."""
        return replace(self, tail=tail_of(self.tail.segment.weighted(idf), algorithm, self.tail.born))

    def overdue(self) -> tuple[tuple[Part[Doc], ...], bool]:
        """The parts that should be folded together, and whether the tail goes with them."""
        takes_tail = len(self.tail.segment.ids) >= TAIL_LIMIT // 4
        ordered = sorted(self.parts, key=lambda part: len(part.segment.ids))
        sizes = [len(part.segment.ids) for part in ordered]
        for number in range(len(sizes), 0, -1):
            smaller = sum(sizes[: number - 1]) + takes_tail * len(self.tail.segment.ids)
            if smaller and sizes[number - 1] < GROWTH * smaller:
                return tuple(ordered[:number]), takes_tail
        worn = tuple(part for part in self.parts if not takes_tail and _dead_share(part) > DEAD_SHARE)
        return worn[:1], takes_tail

    def replacement(self, parts: tuple[Part[Doc], ...], made: Part[Doc], *, with_tail: bool) -> Replacement[Doc]:
        """Parts of this view, and its tail if told so, with the part that was made of their living documents."""
        if not with_tail:
            return Replacement(parts, (), NO_WRITES, made)
        return Replacement(parts, self.tail.segment.ids, _writes(self.tail.born), made)

    def replaced(self, replacements: Sequence[Replacement[Doc]], algorithm: Algorithm) -> View[Doc]:
        """The collection with parts put in the place of others; what died meanwhile is dead in them, too."""
        consumed = {id(part.segment) for each in replacements for part in each.parts}
        writes = next((each.writes for each in replacements if each.writes), NO_WRITES)
        made = [
            _without_writes(without(each.made, each.gone(self)), writes)
            for each in replacements
            if each.made.segment.ids
        ]
        kept = [_without_writes(part, writes) for part in self.parts if id(part.segment) not in consumed]
        return View(tuple(kept + made), self._tail_without(writes, algorithm))

    def _tail_without(self, writes: range, algorithm: Algorithm) -> Part[Doc]:
        """The tail without what some writes brought."""
        later = np.flatnonzero(~_among(self.tail.born, writes))
        if later.size == self.tail.born.size:
            return self.tail
        return tail_of(self.tail.segment.take(later), algorithm, self.tail.born[later])


@dataclass(frozen=True)
class Replacement(Generic[Doc]):
    """A part made from others, and from the documents ``tail`` that ``writes`` brought."""

    parts: tuple[Part[Doc], ...]
    tail: tuple[str, ...]
    writes: range
    made: Part[Doc]

    def gone(self, now: View[Doc]) -> set[str]:
        """What has been removed or replaced since this was made."""
        present = {id(part.segment): part for part in now.parts}
        dead: set[str] = set()
        for part in self.parts:
            died = np.flatnonzero(part.alive & ~present[id(part.segment)].alive)
            dead.update(part.segment.ids[n] for n in died)
        if self.tail:
            dead.update(self.tail)
            for part in now.all_parts():
                if part.born.size:
                    living = np.flatnonzero(part.alive & _among(part.born, self.writes))
                    dead.difference_update(part.segment.ids[n] for n in living)
        return dead


def followed(parts: tuple[Part[Doc], ...], last: Part[Doc]) -> tuple[Part[Doc], ...]:
    """Parts and one more."""
    return parts + (last,)  # noqa: RUF005 - mypy does not see what is unpacked for a type that is one of two


def find(segment: Segment[Doc], document: str) -> int | None:
    """Where an id stands in a sealed segment."""
    at = bisect.bisect_left(segment.ids, document)
    return at if at < len(segment.ids) and segment.ids[at] == document else None


def without(part: Part[Doc], gone: set[str]) -> Part[Doc]:
    """A sealed part with some documents dead."""
    dead = [at for document in gone if (at := find(part.segment, document)) is not None and part.alive[at]]
    if not dead:
        return part
    alive = part.alive.copy()
    alive[dead] = False
    return replace(part, alive=alive)


def merged(parts: Sequence[Part[Doc]]) -> Segment[Doc]:
    """The living documents of one or more parts as one segment."""
    living = []
    for part in parts:
        alive = np.flatnonzero(part.alive)
        living.append(part.segment if alive.size == part.alive.size else part.segment.take(alive))
    return end_to_end([segment for segment in living if segment.ids] or living[:1])


def _writes(born: I64) -> range:
    """The writes that brought the documents of a tail, from the first to the last."""
    return range(int(born.min()), int(born.max()) + 1) if born.size else NO_WRITES


def _among(born: I64, writes: range) -> Mask:
    return (born >= writes.start) & (born < writes.stop)


def _without_writes(part: Part[Doc], writes: range) -> Part[Doc]:
    """A part without the documents that some writes brought."""
    if not writes or not part.born.size:
        return part
    return replace(part, alive=part.alive & ~_among(part.born, writes))


def _dead_share(part: Part[Doc]) -> float:
    return 1.0 - float(np.count_nonzero(part.alive)) / max(len(part.segment.ids), 1)
