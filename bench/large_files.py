"""Memory of reading an OCDS file far larger than it: lines of releases through ``python -m scrapers parse ocds FILE``.

Each size is read by a process of its own, which tells its greatest resident size at its end; records go to a file in
the same temporary folder. ``--sizes``: megabytes.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import BUILD, Figure
from bench.market import load_average
from tests.support.source_pages import ocds_line

SIZES = (10, 100, 1_000)
_MB = 10**6
_PROGRAM = (
    "import sys\n"
    "from scrapers.__main__ import main\n"
    "code = main(['parse', 'ocds', sys.argv[1]])\n"
    "held = next(line for line in open('/proc/self/status') if line.startswith('VmHWM'))\n"
    "print(held.split()[1], file=sys.stderr)\n"
    "sys.exit(code)\n"
)


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """Read a file of each size."""
    return [figure for size in sizes or SIZES for figure in _figures(size)]


def _figures(size: int) -> Iterator[Figure]:
    print(f"  {size:,} MB", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="safqa-bench-") as folder:
        file = Path(folder) / "releases.jsonl"
        releases = written(file, size * _MB)
        began = time.monotonic()
        peak, records = peak_of(file)
        seconds = time.monotonic() - began
    if records < releases:
        raise AssertionError(f"{releases:,} releases became {records:,} records")
    case = "OCDS, lines of releases"
    yield Figure("large", case, "safqa", size * _MB, "releases", releases, "")
    yield Figure("large", case, "safqa", size * _MB, "peak memory", peak / 2**20, "MiB")
    yield Figure("large", case, "safqa", size * _MB, "throughput", releases / seconds, "releases/s")
    yield Figure("large", case, "safqa", size * _MB, "load average", load_average(), "")


def written(path: Path, size: int) -> int:
    """Write a file of at least so many bytes; how many releases it holds."""
    number = done = 0
    with path.open("wb") as file:
        while done < size:
            done += file.write(ocds_line(number))
            number += 1
    return number


def peak_of(path: Path) -> tuple[int, int]:
    """Parse a file in a process of its own: its greatest resident size in bytes, and how many records it wrote."""
    out = path.with_suffix(".records")
    with out.open("wb") as records:
        done = subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(path)],
            cwd=BUILD.parent, stdout=records, stderr=subprocess.PIPE, check=True,
        )  # fmt: skip
    with out.open("rb") as lines:
        count = sum(1 for _ in lines)
    return int(done.stderr.split()[-1]) * 1024, count
