"""Pages about single notices, fetched one after the other: one that fails is left for the next run, several end it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import TypeVar

from scrapers.base import Haul
from scrapers.errors import SourceChanged, SourceError, SourceUnavailable
from scrapers.payload import Bundle

WantedT = TypeVar("WantedT")
_PER_HAUL = 20
_FAILURES_IN_A_ROW = 3


async def detailed(
    wanted: Iterable[WantedT], bring: Callable[[WantedT], Awaitable[Bundle]]
) -> AsyncGenerator[Haul, None]:
    """Bundles as ``bring`` fetches them. What failed is no part of any haul, so that it is asked for again."""
    unread = failures = 0
    left = iter(wanted)
    while group := list(itertools.islice(left, _PER_HAUL)):
        bundles: list[Bundle] = []
        ended: SourceError | None = None
        for one in group:
            try:
                bundles.append(await bring(one))
            except SourceError as error:
                failures += 1
                if not _passes(error) or failures >= _FAILURES_IN_A_ROW:
                    ended = error
                    break
                unread += 1
            else:
                failures = 0
        # What was fetched is handed out before the run ends: nobody should have to ask for it again.
        gap = f"{unread} detail pages could not be read" if unread else None
        yield Haul(bundles=tuple(bundles), items=0, gap=gap)  # the list has counted them
        if ended is not None:
            raise ended


def _passes(error: SourceError) -> bool:
    """Whether one page alone may be at fault: the next one is worth a try."""
    if isinstance(error, SourceUnavailable):
        return not error.retry_after
    return isinstance(error, SourceChanged)
