"""Where a source stands: what has been brought in for good, and where an unfinished run goes on.

A cursor is handed out with every batch and belongs into the same transaction as the batch: whoever is killed goes on
from the last one that was stored, with nothing lost and nothing stored twice.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, JsonValue

from scrapers.client import Validators


def _aware(value: dt.datetime) -> dt.datetime:
    if value.utcoffset() is None:
        raise ValueError("is a time without a zone")
    return value


Instant = Annotated[dt.datetime, AfterValidator(_aware)]
Position = dict[str, JsonValue]
"""A source's own note of where to go on within a run."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Tally(_Frozen):
    """Counts of a run, kept across its interruptions."""

    expected: int | None = None
    seen: int = 0
    parsed: int = 0
    rejected: int = 0
    unchanged: int = 0
    requests: int = 0


class OpenRun(_Frozen):
    """A run that has not reached its end."""

    started: Instant
    since: Instant
    until: Instant
    position: Position | None = None
    tally: Tally = Tally()
    gap: str | None = None
    """Why this run cannot become complete any more."""


class Stop(_Frozen):
    """A refusal: the source stays stopped until a person restarts it."""

    at: Instant
    reason: str


class Cursor(_Frozen):
    """The state of one source; ``mark``: everything the source dated before it has been brought in."""

    mark: Instant | None = None
    run: OpenRun | None = None
    known: dict[str, Validators] = {}
    stop: Stop | None = None

    def restarted(self) -> Cursor:
        """The cursor after a person has looked and wants the source to run again."""
        return self.model_copy(update={"stop": None})
