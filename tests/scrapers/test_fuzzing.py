"""Mutated pages of every source, in a process of its own whose memory is bounded: nothing undeclared comes out."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from typing import Any

import pytest

from scrapers.payload import Rejection
from scrapers.registry import SOURCES, get_source
from tests.support.page_mutations import LONGEST, mutated_page
from tests.support.processes import ROOT
from tests.support.source_pages import PAGES, SourcePage, saved

LONG_SECONDS = 1_200


def fuzzed(*arguments: str, patience: float) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.fuzzing", *arguments],
        cwd=ROOT, capture_output=True, text=True, timeout=patience, check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr[-3_000:]
    told: dict[str, Any] = json.loads(done.stdout)
    assert not told["faults"], json.dumps(told["faults"], indent=1)
    return told


def test_every_source_bears_mutated_pages() -> None:
    told = fuzzed("--rounds", "40", patience=110)
    assert set(told["mutations"]) == set(SOURCES)
    assert all(count >= 40 for count in told["mutations"].values())
    # Mutations that all were refused, or none of which was, would prove nothing.
    outcomes = told["outcomes"]
    assert min(outcomes["records"], outcomes["rejections"], outcomes["SourceChanged"]) > 50


@pytest.mark.soak
@pytest.mark.timeout(LONG_SECONDS + 600)
def test_every_source_bears_hundreds_of_thousands(capsys: pytest.CaptureFixture[str]) -> None:
    seed = random.SystemRandom().randrange(10**6)
    told = fuzzed("--seconds", str(LONG_SECONDS), "--seed", str(seed), patience=LONG_SECONDS + 500)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{sum(told['mutations'].values()):,} mutations in {told['seconds']:,} s (seed {seed}), peak "
            f"{told['peak_mib']:.0f} MiB, slowest {told['slowest']:.2f} s: {told['outcomes']}\n"
        )


class TestTheFuzzerItself:
    """What finds nothing must be able to find something."""

    @pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
    def test_its_pages_are_read_whole(self, page: SourcePage) -> None:
        source = get_source(page.source)
        found = [one for bundle in saved(source, page.write(3)) for one in source.parse(bundle)]
        assert found
        assert not [one for one in found if isinstance(one, Rejection)]

    def test_the_same_seed_makes_the_same_page(self) -> None:
        body, others = PAGES[0].write(2), [page.write(1) for page in PAGES]
        first, again = ([mutated_page(body, others, random.Random(seed)) for seed in range(300)] for _ in range(2))
        assert first == again
        assert sum(one != body for one in first) > 240  # the rest found nothing to change
        assert max(map(len, first)) <= LONGEST

    def test_it_sees_an_error_too_much_memory_and_a_leak(self) -> None:
        program = (
            "import json, sys\n"
            "from tests.support import fuzzing\n"
            "from scrapers.sources.ungm import Ungm\n"
            "from scrapers.base import Source\n"
            "def read(self, bundle):\n"
            "    {'error': lambda: 1 // 0, 'memory': lambda: bytearray(2 * fuzzing.ROOM)}.get(sys.argv[1], int)()\n"
            "    yield {'id': '1', 'title': 'x', 'url': 'https://a.example/?to=jeanne@buyer.example'}\n"
            "Ungm.read = read\n"
            "fuzzing.bound_memory()\n"
            "told = fuzzing.fuzz(1, lambda done: done < 1, 'ungm')\n"
            "print(json.dumps([fault['error'].partition(':')[0] for fault in told.faults]))\n"
        )
        for asked, error in (("error", "ZeroDivisionError"), ("memory", "MemoryError"), ("leak", "AssertionError")):
            done = subprocess.run(
                [sys.executable, "-c", program, asked], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
            )
            assert json.loads(done.stdout) == [error], done.stderr
