"""Pages of every source to checked records without contact persons, against the plain parser of the same bytes.

The peer (lxml for HTML and XML, orjson for JSON, the csv module for tables) only builds what it builds and drops it;
``safqa`` is ``source.parse``. Rounds of the two alternate in one process and are timed in seconds of the processor.
Pages are those that the portals of the tests write, as long as the real ones send them (``tests/support/source_pages``,
fictional), and the samples of ../shared where these lie beside the checkout. ``--sizes``: rounds.
"""

from __future__ import annotations

import csv
import gc
import io
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import orjson
from lxml import etree, html

from bench.figures import Figure
from bench.market import load_average
from scrapers.base import Source
from scrapers.payload import Bundle, Payload
from scrapers.registry import get_source
from tests.support.source_pages import PAGES, saved

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "sources"
ROUNDS = 15
_ROUND_SECONDS = 0.03
Task = Callable[[], object]


@dataclass(frozen=True, slots=True)
class Case:
    """Payloads that are parsed one after the other, by a source and by its peer."""

    name: str
    source: Source
    form: str
    bodies: tuple[bytes, ...]
    bundles: tuple[Bundle, ...]


def _lines(body: bytes) -> list[object]:
    return [orjson.loads(line) for line in body.splitlines()]


_PEERS: Mapping[str, tuple[str, Callable[[bytes], object]]] = MappingProxyType({
    "html": ("lxml", html.document_fromstring),
    "xml": ("lxml", etree.fromstring),
    "json": ("orjson", orjson.loads),
    "lines": ("orjson", _lines),
    "table": ("csv", lambda body: list(csv.reader(io.StringIO(body.decode("cp1252")), delimiter=";"))),
})  # fmt: skip
_SAMPLED: tuple[tuple[str, str, str], ...] = (
    ("ted", "ted/samples/eforms/*.xml", "xml"),
    ("ted", "ted/samples/ted_export/*.xml", "xml"),
    ("morocco_pmmp", "morocco_pmmp/samples/real_pages/*.html", "html"),
)


def cases() -> Iterator[Case]:
    """Every page that the tests write, and the samples that lie beside the checkout."""
    for page in PAGES:
        source, body = get_source(page.source), page.write(page.count)
        form = "lines" if page.name == "lines" else page.form
        yield Case(page.title, source, form, (body,), tuple(saved(source, body)))
    for name, pattern, form in _SAMPLED:
        source = get_source(name)
        if bodies := tuple(path.read_bytes() for path in sorted(SAMPLES.glob(pattern))):
            title = f"{name}, samples {Path(pattern).parent.name}"
            yield Case(title, source, form, bodies, tuple(_bundle(source, body) for body in bodies))


def _bundle(source: Source, body: bytes) -> Bundle:
    return Bundle((Payload(source=source.name, kind=source.kind_of(body), body=body),))


def parsed(case: Case) -> list[object]:
    """The records of a case."""
    return [record for bundle in case.bundles for record in case.source.parse(bundle)]


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure every case."""
    rounds = sizes[0] if sizes else ROUNDS
    return [figure for case in cases() for figure in _figures(case, rounds)]


def _figures(case: Case, rounds: int) -> Iterator[Figure]:
    peer, parse = _PEERS[case.form]
    tasks: tuple[Task, Task] = (lambda: [parse(body) for body in case.bodies], lambda: parsed(case))
    plain, ours = _seconds(tasks, rounds)
    records, size = len(parsed(case)), sum(map(len, case.bodies)) / len(case.bodies)
    name, count = f"{case.name}, {size / 1e3:,.0f} kB", len(case.bodies)
    yield Figure("notices", name, peer, records, "page", plain / count * 1e3, "ms")
    yield Figure("notices", name, "safqa", records, "page", ours / count * 1e3, "ms")
    yield Figure("notices", name, "safqa", records, f"times {peer}", ours / plain, "")
    yield Figure("notices", name, "safqa", records, "throughput", records / ours, "notices/s")
    yield Figure("notices", name, "safqa", records, "load average", load_average(), "")


def _seconds(tasks: Sequence[Task], rounds: int) -> tuple[float, ...]:
    """The least seconds of the processor that each task took, round by round: other processes share the caches."""
    times = [max(1, int(_ROUND_SECONDS / _taken(task, 1))) for task in tasks]
    taken = [[_taken(task, repeat) for task, repeat in zip(tasks, times, strict=True)] for _ in range(rounds)]
    return tuple(min(column) for column in zip(*taken, strict=True))


def _taken(task: Task, repeat: int) -> float:
    gc.collect()
    began = time.process_time()
    for _ in range(repeat):
        task()
    return (time.process_time() - began) / repeat
