"""Web pages of the sources: records from saved pages, against lxml alone on the same bytes, turn by turn.

``lxml`` only builds the tree of a page and drops it; ``safqa`` also reads it into records, cuts contact persons out and
checks them. Pages are the samples of ../shared, their rows repeated up to the size that a crawl asks for; without those
there is nothing to measure.
"""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lxml import html

from bench.figures import Figure
from bench.market import load_average
from scrapers.payload import Bundle, Payload
from scrapers.registry import get_source

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "sources"
ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Sample:
    """A page of a source; ``rows``: where its rows begin and end, ``size``: how many there shall be."""

    source: str
    path: str
    rows: tuple[str, str]
    size: int


LISTS = (
    Sample("morocco_pmmp", "morocco_pmmp/samples/real_pages/*.html", ('<tr class="">', "</table>"), 500),
)  # fmt: skip


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure each page with so many rows."""
    return [figure for sample in LISTS for size in sizes or (sample.size,) for figure in _figures(sample, size)]


def _figures(sample: Sample, size: int) -> Iterator[Figure]:
    path = next(SAMPLES.glob(sample.path), None)
    if path is None:
        return
    source = get_source(sample.source)
    body = _grown(path.read_text("utf-8"), sample.rows, size, lambda text: _records(sample.source, text))
    bundle = Bundle((Payload(source=source.name, kind=source.kind_of(body), body=body),))
    peers: dict[str, list[float]] = {"lxml": [], "safqa": []}
    records = 0
    for _ in range(ROUNDS):
        peers["lxml"].append(_seconds(lambda: html.document_fromstring(body)))
        peers["safqa"].append(_seconds(lambda: list(source.parse(bundle))))
        records = len(list(source.parse(bundle)))
    lxml, safqa = (statistics.median(taken) for taken in peers.values())
    case = f"{sample.source}, {len(body) / 1e6:.1f} MB"
    yield Figure("pages", case, "lxml", records, "page", lxml * 1e3, "ms")
    yield Figure("pages", case, "safqa", records, "page", safqa * 1e3, "ms")
    yield Figure("pages", case, "safqa", records, "times lxml", safqa / lxml, "")
    yield Figure("pages", case, "safqa", records, "throughput", records / safqa, "notices/s")
    yield Figure("pages", case, "safqa", records, "load average", load_average(), "")


def _seconds(task: Callable[[], object]) -> float:
    """Seconds of processor time: other processes share the machine."""
    gc.collect()
    began = time.process_time()
    task()
    return time.process_time() - began


def _grown(text: str, rows: tuple[str, str], size: int, count: Callable[[bytes], int]) -> bytes:
    """The page with its rows repeated until there are ``size``, or a few more."""
    start = text.index(rows[0])
    end = text.index(rows[1], start)
    times = -(-size // count(text.encode()))
    return f"{text[:start]}{text[start:end] * times}{text[end:]}".encode()


def _records(name: str, body: bytes) -> int:
    source = get_source(name)
    return len(list(source.parse(Bundle((Payload(source=name, kind=source.kind_of(body), body=body),)))))
