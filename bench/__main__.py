"""``python -m bench [--suite NAME] [--sizes N,N]``: run suites, print their tables, write build/bench.json."""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Mapping
from types import MappingProxyType

from bench.figures import Figure, show, write

SUITES: Mapping[str, str] = MappingProxyType({
    "api": "bench.api",
    "import": "bench.imports",
    "freshness": "bench.freshness",
    "coldstart": "bench.startup_time",
    "engine": "bench.engine",
    "notices": "bench.notices",
    "pages": "bench.pages",
    "large": "bench.large_files",
    "openness": "bench.openness",
    "webhooks": "bench.webhooks",
    "requirements": "bench.requirements",
    "web": "bench.web",
})  # fmt: skip
"""Name to module. A module has ``run(sizes: tuple[int, ...]) -> list[Figure]``; no sizes: its own."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--suite", choices=sorted(SUITES), action="append", help="all of them if not given")
    parser.add_argument("--sizes", default="", help="sizes of the input, by commas, in place of the suite's own")
    asked = parser.parse_args()
    sizes = tuple(int(size.replace("_", "")) for size in asked.sizes.split(",") if size)
    figures: list[Figure] = []
    for suite in asked.suite or SUITES:
        print(f"{suite} ...", file=sys.stderr, flush=True)
        figures += importlib.import_module(SUITES[suite]).run(sizes)
    show(figures)
    write(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
