"""What is asked of a crawl and what became of it, as values that its parts hand on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from app.db.base import JsonObject
from app.ingest.outcome import Counts
from app.models.crawl_run import CrawlKind
from scrapers.cursor import Tally
from scrapers.payload import Rejection
from scrapers.report import CrawlReport


class SourceStatus(StrEnum):
    """How a source is.

    ``off``: not enabled. ``halted``: a person has stopped it. ``refused``: the portal does not want us; a person has to
    look and restart it. ``drifting``: fields have stopped filling, or it brings next to nothing. ``ok``: none of these.
    """

    OFF = "off"
    OK = "ok"
    DRIFTING = "drifting"
    REFUSED = "refused"
    HALTED = "halted"


class SourceHalted(Exception):
    """A person has stopped this source, or all: no request is made until the switch is taken back."""


class SourceStopped(Exception):
    """The portal has refused us: a person has to look, and to restart the source."""


class SourceWaits(Exception):
    """The portal asked to be left alone for a while that is not over."""


class CrawlOvertaken(Exception):
    """Another process has stored something of this source meanwhile: it is the one that goes on."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a run: nothing in particular (what is new), a window, or a few records to look at."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    sample: int | None = None

    @property
    def kind(self) -> CrawlKind:
        """What a run is that was asked for this."""
        if self.sample is not None:
            return CrawlKind.SAMPLE
        return CrawlKind.REGULAR if self.since is None and self.until is None else CrawlKind.WINDOW


@dataclass(frozen=True, slots=True)
class Crawled:
    """A run, as far as it is: what the portal sent, and what became of it here."""

    tally: Tally = field(default_factory=Tally)
    counts: Counts = field(default_factory=Counts)
    awards: int = 0
    closed: int = 0
    drift: tuple[JsonObject, ...] = ()
    report: CrawlReport | None = None
    rejections: tuple[Rejection, ...] = ()
    """Of the last batch alone."""


Watch: TypeAlias = Callable[[Crawled], None]
"""Called after each batch that was committed."""
