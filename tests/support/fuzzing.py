"""Mutated pages of every source, parsed as ``python -m scrapers parse`` does, in a process whose memory is bounded.

``python -m tests.support.fuzzing [--seed N] [--rounds N | --seconds N] [--source NAME]``: every page, ``rounds`` times, or
as often as the time lets in. Standard output: one line of JSON (``Told``); exit code 1 where something was found.
A page counts as read when it gives records or rejections or raises one of the declared errors; anything else that is
raised, a record that cannot be written as a line, more memory than ``ROOM`` and more time than ``PATIENCE`` are faults.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import random
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

from scrapers.__main__ import _line
from scrapers.base import Source
from scrapers.errors import SourceError
from scrapers.json_text import loads
from scrapers.listing import HtmlListing
from scrapers.paged import PagedApi
from scrapers.payload import Payload, Rejection
from scrapers.registry import SOURCES, get_source
from tests.support.page_mutations import mutated_page
from tests.support.source_pages import PAGES, SourcePage

ROOM = 768 * 2**20
"""Bytes that a process may ask for beyond those that it has when it begins."""
PATIENCE = 20.0
"""Seconds of processor time for one page: its mutations have 400 kB at most."""
_SIZES = (1, 3)
_MOST_FAULTS = 20
_PERSONS = (
    b"jeanne@buyer.example", b"jeanne@agence.example", b"jeanne@villeneuve.example", b"jane.roe@borough.example",
    b"personne@fictif.example",
)  # fmt: skip
"""Whom the pages name as contacts: wherever a mutation puts them, they are not to come out."""


class TooSlow(BaseException):
    """No ``except Exception`` of a parser may take this for a fault of the page."""


@dataclass
class Told:
    """What was done, by source, and what was found: ``--make`` writes a fault's page anew from its seed."""

    mutations: dict[str, int] = field(default_factory=dict)
    outcomes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    peak_mib: float = 0.0
    slowest: float = 0.0
    faults: list[dict[str, object]] = field(default_factory=list)


class _Fuzzer:
    def __init__(self, folder: Path) -> None:
        self._file = folder / "page"
        self._sources = {name: get_source(name) for name in SOURCES}
        self._others = [page.write(1) for page in PAGES]
        self._pages = {(page.title, size): page.write(size) for page in PAGES for size in _SIZES}
        self.told = Told(dict.fromkeys(SOURCES, 0))
        self._lost: list[str] = []
        sys.unraisablehook = lambda lost: self._lost.append(repr(lost.exc_value))

    def made(self, page: SourcePage, seed: int) -> bytes:
        """The mutation of a page that a seed makes."""
        chance = random.Random(seed)
        return mutated_page(self._pages[page.title, chance.choice(_SIZES)], self._others, chance)

    def run(self, page: SourcePage, seed: int) -> None:
        """Mutate a page once, and read it."""
        body = self.made(page, seed)
        source = self._sources[page.source]
        began = time.process_time()
        faulthandler.dump_traceback_later(20 * PATIENCE, exit=True)  # within C nobody hears a signal
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        try:
            outcomes = self._read(source, body)
            lost, self._lost = self._lost, []
            assert not lost, f"in a destructor, of this page or the one before: {lost}"
        except (Exception, TooSlow) as error:  # noqa: BLE001 - whatever is not declared
            outcomes = {"fault": 1}
            place = traceback.extract_tb(error.__traceback__)[-1]
            self.told.faults.append({
                "page": page.title, "seed": seed, "error": f"{type(error).__name__}: {error}"[:300],
                "at": f"{Path(place.filename).name}:{place.lineno}",
            })  # fmt: skip
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.cancel_dump_traceback_later()
        self.told.slowest = max(self.told.slowest, time.process_time() - began)
        self.told.mutations[page.source] += 1
        self.told.outcomes = dict(Counter(self.told.outcomes) + Counter(outcomes))

    def _read(self, source: Source, body: bytes) -> dict[str, int]:
        self._file.write_bytes(body)
        found: Counter[str] = Counter()
        try:
            for bundle in source.saved(self._file):
                for one in source.parse(bundle):
                    line = _line(one)  # as it is written out
                    assert not any(person in line for person in _PERSONS), f"a contact person is left: {line[:200]!r}"
                    found["rejections" if isinstance(one, Rejection) else "records"] += 1
        except SourceError as error:
            found[type(error).__name__] += 1
        with suppress(SourceError):
            self._listed(source, body)
        return found or {"nothing": 1}

    def _listed(self, source: Source, body: bytes) -> None:
        """The page as a crawl reads it to find its way on."""
        if isinstance(source, HtmlListing):
            source.listed(Payload(source=source.name, kind="listing", body=body))
        elif isinstance(source, PagedApi):
            source.page(loads(body))


def fuzz(seed: int, goes_on: Callable[[int], bool], only: str | None = None) -> Told:
    """Rounds over the pages while ``goes_on(round)``; stops early when it has found enough."""
    began = time.monotonic()
    pages = [page for page in PAGES if only in {None, page.source}]
    with tempfile.TemporaryDirectory(prefix="safqa-fuzz-") as folder:
        fuzzer = _Fuzzer(Path(folder))
        number = 0
        while goes_on(number) and len(fuzzer.told.faults) < _MOST_FAULTS:
            for place, page in enumerate(pages):
                fuzzer.run(page, seed * 1_000_003 + number * len(pages) + place)
            number += 1
    fuzzer.told.seconds = round(time.monotonic() - began, 1)
    fuzzer.told.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return fuzzer.told


def bound_memory(room: int = ROOM) -> None:
    """Let this process ask for so many bytes more than it has; beyond, it is told that there is none."""
    held = int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + room, held + room))


def _too_slow(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {PATIENCE} s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.support.fuzzing", description=__doc__)
    parser.add_argument("--seed", type=int, default=20_261_122)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--source")
    parser.add_argument("--make", nargs=2, metavar=("PAGE", "SEED"), help="write the page of a fault, and stop")
    asked = parser.parse_args()
    if asked.make:
        (page,) = (page for page in PAGES if page.title == asked.make[0])
        sys.stdout.buffer.write(_Fuzzer(Path()).made(page, int(asked.make[1])))
        return 0
    end = time.monotonic() + (asked.seconds or 0)
    signal.signal(signal.SIGVTALRM, _too_slow)
    bound_memory()
    told = fuzz(asked.seed, lambda done: time.monotonic() < end if asked.seconds else done < asked.rounds, asked.source)
    sys.stdout.write(json.dumps(asdict(told)) + "\n")
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main())
