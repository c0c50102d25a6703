"""Suite ``requirements``: precision, recall and F1 of the reader, by kind: on real passages, and on those of the tests.

Real passages were split by the digest of their document before rules were written: ``dev`` could be looked at, ``held``
was labelled afterwards. The passages written for the tests were used to write rules: theirs is a guard, no estimate.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from bench.figures import Figure, show
from matching.requirements import read_text
from tests.support.passages import Passage, Tally, own_passages, real_passages, tally, together, wilson

SUITE = "requirements"


def run(sizes: tuple[int, ...] = ()) -> list[Figure]:  # noqa: ARG001 - every suite takes sizes
    """The figures of each set; ``sizes`` are ignored: the sets are what they are."""
    figures: list[Figure] = []
    for case, passages in (
        ("real-dev", list(real_passages("dev"))),
        ("real-held", list(real_passages("held"))),
        ("own", list(own_passages())),
    ):
        if not passages:
            continue
        found = tally(passages)
        figures += _figures(case, "all kinds", together(found.values()), len(passages))
        for kind, counted in sorted(found.items()):
            figures += _figures(case, kind, counted, counted.right + counted.missed)
        figures.append(_speed(case, passages))
    return figures


def _figures(case: str, kind: str, counted: Tally, n: int) -> Iterator[Figure]:
    low, high = wilson(counted.right, counted.right + counted.wrong + counted.missed)
    for metric, value in (
        ("precision", counted.precision), ("recall", counted.recall), ("F1", counted.f1),
        ("right of all, low", low), ("right of all, high", high),
    ):  # fmt: skip
        yield Figure(SUITE, case, kind, n, metric, round(value, 4), "")


def _speed(case: str, passages: Sequence[Passage]) -> Figure:
    started = time.process_time()
    for passage in passages:
        read_text(passage.text)
    characters = sum(len(passage.text) for passage in passages)
    return Figure(SUITE, case, "reading", characters, "speed", characters / (time.process_time() - started), "char/s")


if __name__ == "__main__":
    show(run())
