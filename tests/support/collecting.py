"""Crawls of a tests' portal into a real database."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

import asyncpg

from app.kit.clock import utc_now
from app.runtime import Runtime, open_runtime
from app.sources.crawling import Crawler
from app.sources.outcome import Asked, Crawled
from app.sources.plan import PlannedSource, SourcePlan
from app.sources.replaying import Replayed, Replayer
from tests.support.api import settings_for
from tests.support.db import Database
from tests.support.portal import CONTACT, Portal, hurried


class Killed(BaseException):
    """The process is dead: nothing of ours may see this coming."""


@dataclass
class Collecting:
    """A database, a portal and what crawls the one into the other."""

    runtime: Runtime
    portal: Portal
    plan: SourcePlan
    now: list[dt.datetime] = field(default_factory=list)

    def clock(self) -> dt.datetime:
        return self.now[0] if self.now else utc_now()

    @property
    def crawler(self) -> Crawler:
        timing = replace(hurried(), now=self.clock)
        client = self.portal.client(*self.plan.enabled, timing=timing)
        return Crawler(self.runtime.engine, self.runtime.sessions, self.plan, client, self.clock)

    async def crawl(self, asked: Asked | None = None) -> Crawled:
        """A run of the only source."""
        (name,) = self.plan.enabled
        return await self.crawler.run(name, asked)

    async def killed_after(self, kill_after: int, asked: Asked | None = None) -> bool:
        """A run that is dead as soon as so many batches are committed; whether it came that far."""
        (name,) = self.plan.enabled
        batches = 0

        def watch(_: Crawled) -> None:
            nonlocal batches
            batches += 1
            if batches == kill_after:
                raise Killed

        try:
            await self.crawler.run(name, asked, watch)
        except Killed:
            return True
        return False

    async def replay(self) -> Replayed:
        (planned,) = self.plan.enabled.values()
        return await Replayer(self.runtime.engine, self.runtime.sessions, self.clock).run(planned.make())

    async def fetch(self, query: str, *parameters: object) -> list[asyncpg.Record]:
        return await self.runtime.hot.fetch(query, *parameters)

    async def statuses(self) -> dict[str, tuple[str, int]]:
        """Status and version of every call, by its id at the portal."""
        rows = await self.fetch("SELECT external_id, status, version FROM tender")
        return {row["external_id"]: (row["status"], row["version"]) for row in rows}


@asynccontextmanager
async def collecting(database: Database, portal: Portal, name: str, **options: str) -> AsyncIterator[Collecting]:
    """``portal`` crawled into ``database`` as the source ``name``."""
    planned = PlannedSource(name, name, {"base_url": portal.url, **options}, "0 * * * *")
    async with planned_crawls(database, portal, planned) as running:
        yield running


@asynccontextmanager
async def planned_crawls(database: Database, portal: Portal, planned: PlannedSource) -> AsyncIterator[Collecting]:
    """The same for a source that was planned elsewhere."""
    async with open_runtime(settings_for(database)) as runtime:
        yield Collecting(runtime, portal, SourcePlan({planned.name: planned}, CONTACT))
