"""The suite ``engine``: Safqa's ranking beside its peers, from 10,000 to a million profiles.

Parts: the word-and-concept channel like for like (``bench.engine_peers``), over synthetic texts and over real ones,
with its results checked against scikit-learn's; texts analysed per second; the whole ranking with all its signals and
reasons. A size that the memory does not allow is left out, and said so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import psutil

from bench import engine_real
from bench.engine_analysis import analysis
from bench.engine_goals import show_goals
from bench.engine_peers import figures_of, measure
from bench.figures import Figure
from bench.market import load_average

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
REAL_MOST = 100_000
_BYTES_PER_PROFILE = 16_000
"""What all engines together need of memory at their peak, roughly."""

_WHOLE = (
    ("query p50", "whole ranking", "p50", "ms"),
    ("query p99", "whole ranking", "p99", "ms"),
    ("query without reasons p50", "whole ranking", "without reasons p50", "ms"),
    ("query without reasons p99", "whole ranking", "without reasons p99", "ms"),
    ("query cpu p50", "whole ranking", "processor time p50", "ms"),
    ("query cpu p99", "whole ranking", "processor time p99", "ms"),
    ("query without reasons cpu p50", "whole ranking", "without reasons, processor time p50", "ms"),
    ("query without reasons cpu p99", "whole ranking", "without reasons, processor time p99", "ms"),
    ("load", "whole ranking", "load", "s"),
    ("peak", "whole ranking", "peak RSS", "MiB"),
    ("steady", "whole ranking", "RSS loaded", "MiB"),
    ("before", "whole ranking", "RSS with the documents", "MiB"),
    ("overlap", "reranking depth", "of the full scoring's 20, found", ""),
    ("same best", "reranking depth", "same best", ""),
    ("logits lost", "reranking depth", "mean score lost", "logits"),
    ("fully scored", "reranking depth", "queries", ""),
    ("batch 1", "1,000 tenders", "1 process", "s"),
    ("batch 2", "1,000 tenders", "2 processes", "s"),
    ("batch 1 cpu", "1,000 tenders", "1 process, processor time", "s"),
    ("batch 2 cpu", "1,000 tenders", "2 processes, processor time of all", "s"),
    ("change p50", "changes", "write p50", "ms"),
    ("change p99", "changes", "write p99", "ms"),
    ("change slowest", "changes", "write, slowest", "ms"),
    ("seen p50", "changes", "seen p50", "ms"),
    ("seen p99", "changes", "seen p99", "ms"),
    ("changes", "changes", "changes", ""),
)


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Measure at these sizes. Raises ``Mismatch`` where a result is not scikit-learn's."""
    figures = list(analysis())
    for count in sizes or SIZES:
        if psutil.virtual_memory().available < count * _BYTES_PER_PROFILE:
            _say(f"{count:,} profiles are left out: {count * _BYTES_PER_PROFILE >> 30} GiB of free memory are needed")
            continue
        figures += figures_of("synthetic", count, *measure("synthetic", count, ROUNDS))
        if engine_real.present() and count <= REAL_MOST:
            figures += figures_of("real", count, *measure("real", count, ROUNDS))
        elif count <= REAL_MOST:
            _say("the real sets are not beside the checkout: not measured")
        figures += _whole(count)
        figures.append(Figure("engine", "machine", "all", count, "load average", load_average(), ""))
    show_goals(figures)
    return figures


def _whole(count: int) -> Iterator[Figure]:
    _say(f"the whole ranking, {count:,} startups")
    command = [sys.executable, "-m", "bench.engine_whole", str(count)]
    told = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    for name, case, metric, unit in _WHOLE:
        yield Figure("engine", case, "safqa", count, metric, float(told[name]), unit)


def _say(line: str) -> None:
    print(f"  {line}", file=sys.stderr, flush=True)
