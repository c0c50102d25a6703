"""XML notices of TED: records from saved notices, against lxml alone on the same bytes, turn by turn.

``lxml`` only builds the tree of a notice and drops it; ``safqa`` also reads it into records, cuts contact persons out
and checks them. Notices are the samples of ../shared; without those there is nothing to measure.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from lxml import etree

from bench.figures import Figure
from bench.market import load_average
from scrapers.payload import Bundle, Payload
from scrapers.registry import get_source

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "sources" / "ted" / "samples"
ROUNDS = 200


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure both generations; ``sizes``: rounds over them."""
    rounds = sizes[0] if sizes else ROUNDS
    return [
        figure
        for generation in ("eforms", "ted_export")
        if (bodies := [path.read_bytes() for path in sorted((SAMPLES / generation).glob("*.xml"))])
        for figure in _figures(generation, bodies, rounds)
    ]


def _figures(generation: str, bodies: Sequence[bytes], rounds: int) -> Iterator[Figure]:
    source = get_source("ted")
    lxml = safqa = 0.0
    for body in bodies:
        bundle = Bundle((Payload(source=source.name, kind=source.kind_of(body), body=body),))
        peers = [
            (_seconds(lambda body=body: etree.fromstring(body)), _seconds(lambda one=bundle: list(source.parse(one))))
            for _ in range(rounds)
        ]
        # The least of many rounds: a notice takes a tenth of a millisecond, and the machine does other things.
        lxml += min(plain for plain, _ in peers)
        safqa += min(ours for _, ours in peers)
    case, count = f"ted {generation}, {sum(map(len, bodies)) / len(bodies) / 1e3:.0f} kB each", len(bodies)
    yield Figure("notices", case, "lxml", count, "notice", lxml / count * 1e3, "ms")
    yield Figure("notices", case, "safqa", count, "notice", safqa / count * 1e3, "ms")
    yield Figure("notices", case, "safqa", count, "times lxml", safqa / lxml, "")
    yield Figure("notices", case, "safqa", count, "throughput", count / safqa, "notices/s")
    yield Figure("notices", case, "safqa", count, "load average", load_average(), "")


def _seconds(task: Callable[[], object]) -> float:
    began = time.perf_counter()
    task()
    return time.perf_counter() - began
