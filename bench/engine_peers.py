"""The word-and-concept channel beside its peers: processes that take turns, and what their rounds come to.

Times are told as the median over the rounds. A ratio is made within a round, where whatever else the machine did met
both engines, and told as the median of the rounds' ratios with the least and the greatest.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import numpy as np

from bench.engine_child import ENGINES
from bench.engine_contract import SINGLE
from bench.engine_oracle import Mismatch
from bench.figures import Figure

OURS = "safqa"
MIDDLE, LARGE = 50_000, 500_000
"""From these sizes on, two builds and one of each engine; from the second on, fewer queries, and no scikit-learn, whose
build and product are those of sparse_dot_topn."""

CHECKED = 100
_MS = 1_000.0
_SECONDS_OF_SINGLES = 20.0


class Process:
    """An engine's process; ``ask`` waits for its answer."""

    def __init__(self, engine: str) -> None:
        command = [sys.executable, "-m", "bench.engine_child", engine]
        self.engine = engine
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, do: str, **details: object) -> dict[str, object]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": do, **details}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.engine}: its process ended with {self._process.wait()} at {do!r}")
        return dict(json.loads(line))

    def close(self) -> None:
        self._process.communicate()


@contextmanager
def process_of(engine: str) -> Iterator[Process]:
    """A process, ended with the block."""
    process = Process(engine)
    try:
        yield process
    finally:
        process.close()


@dataclass
class Measured:
    """What the rounds told of one engine: each measure with one value a round."""

    rounds: dict[str, list[float]] = field(default_factory=dict)

    def note(self, values: dict[str, float]) -> None:
        """Add a round's values."""
        for name, value in values.items():
            self.rounds.setdefault(name, []).append(value)


def measure(source: str, count: int, rounds: int) -> tuple[dict[str, Measured], float]:
    """Build, query and check every engine over ``count`` profiles of a corpus; the worst difference from scikit-learn.

    Raises ``Mismatch``.
    """
    large = count >= LARGE
    engines = [name for name in ENGINES if not (large and name == "scikit-learn")]
    if large:
        _say(f"scikit-learn is not measured at {count:,}: it builds and multiplies what sparse_dot_topn does")
    measured = {name: Measured() for name in engines}
    with ExitStack() as open_processes:
        processes: dict[str, Process] = {}
        builds = 1 if large else 2 if count >= MIDDLE else rounds
        for turn in range(builds):
            last = turn == builds - 1
            for name in _turned(engines, turn):
                process = Process(name)
                told = process.ask("build", source=source, count=count)
                measured[name].note({metric: float(str(value)) for metric, value in told.items()})
                _say(f"{source} {count:,} {name}: build {told['cold']:.2f} s" + f", peak {told['peak']:.0f} MiB")
                if last:
                    open_processes.callback(process.close)
                    processes[name] = process
                else:
                    process.close()
        for turn in range(rounds):
            for name in _turned(engines, turn):
                measured[name].note(_round(processes[name], turn, large=large))
        worst = _checked(processes[OURS], source, count)
    return measured, worst


def _round(process: Process, turn: int, *, large: bool) -> dict[str, float]:
    count = SINGLE // 2 if large else SINGLE
    told = process.ask("single", turn=turn, count=count, seconds=_SECONDS_OF_SINGLES)
    values: dict[str, float] = {}
    for part in ("whole", "again", "tokenizer"):
        times = np.array(told[part]) * _MS
        values |= {f"{part} p50": float(np.median(times)), f"{part} p99": float(np.quantile(times, 0.99))}
    for threads in (1, 2):
        if threads == 1 or process.engine != "scikit-learn":
            seconds = process.ask("batch", turn=turn, threads=threads)["seconds"]
            values[f"batch {threads}"] = float(str(seconds))
    return values


def _checked(ours: Process, source: str, count: int) -> float:
    hits = ours.ask("hits", count=CHECKED)
    with process_of(OURS) as oracle:
        told = oracle.ask("check", source=source, count=count, **hits)
    if "mismatch" in told:
        raise Mismatch(f"{source}, {count:,} profiles: {told['mismatch']}")
    return float(str(told["worst"]))


def _turned(engines: Sequence[str], turn: int) -> list[str]:
    at = turn % len(engines)
    return [*engines[at:], *engines[:at]]


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """A measure as it is told: under which case and metric, in which unit, and whether beside Safqa's."""

    measure: str
    case: str
    metric: str
    unit: str
    beside: bool = False


SHOWN = (
    Shown("cold", "build", "from text, cold", "s", beside=True),
    Shown("warm", "build", "from text, warm", "s", beside=True),
    Shown("ids", "build", "from ids", "s", beside=True),
    Shown("cold cpu", "build", "CPU, cold", "s", beside=True),
    Shown("warm cpu", "build", "CPU, warm", "s", beside=True),
    Shown("ids cpu", "build", "CPU, from ids", "s", beside=True),
    Shown("read cold", "build", "tokenizer, cold", "s"),
    Shown("read warm", "build", "tokenizer, warm", "s"),
    Shown("whole p50", "one query", "p50", "ms", beside=True),
    Shown("whole p99", "one query", "p99", "ms", beside=True),
    Shown("again p50", "one query", "p50, words seen", "ms", beside=True),
    Shown("tokenizer p50", "one query", "tokenizer p50", "ms"),
    Shown("tokenizer p99", "one query", "tokenizer p99", "ms"),
    Shown("batch 1", "1,000 queries", "1 thread", "s", beside=True),
    Shown("batch 2", "1,000 queries", "2 threads", "s", beside=True),
    Shown("size", "memory", "index", "MiB"),
    Shown("peak", "memory", "peak RSS, building", "MiB"),
    Shown("before", "memory", "RSS with the texts", "MiB"),
    Shown("steady", "memory", "RSS afterwards", "MiB"),
)


def figures_of(source: str, count: int, measured: dict[str, Measured], worst: float) -> Iterator[Figure]:
    """The medians of the rounds, the peers' ratios to Safqa with their spread, and the check."""
    for shown in SHOWN:
        ours = measured[OURS].rounds.get(shown.measure, [])
        for name, engine in measured.items():
            values = engine.rounds.get(shown.measure)
            if not values:
                continue
            case = f"{source}, {shown.case}"
            yield Figure("engine", case, name, count, shown.metric, statistics.median(values), shown.unit)
            if shown.beside and name != OURS:
                ratios = [one / other for one, other in zip(values, ours, strict=True)]
                for part, value in zip(("", " least", " most"), _spread(ratios), strict=True):
                    beside = f"{case}: times safqa's"
                    yield Figure("engine", beside, name, count, shown.metric + part, value, "")
    yield Figure("engine", f"{source}, check", OURS, count, "worst difference from scikit-learn", worst, "")
    index = statistics.median(measured[OURS].rounds["size"])
    yield Figure("engine", f"{source}, check", OURS, count, "postings per profile", index * 2**20 / count, "B")


def _spread(values: Sequence[float]) -> tuple[float, float, float]:
    return statistics.median(values), min(values), max(values)
