"""The job that crawls a source at its time, and what the process tells of sources."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from app.db.session import reading
from app.jobs.errors import Discard, Retry
from app.jobs.messages import CrawlSource
from app.jobs.runner import Handler
from app.jobs.schedule import Recurring
from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.sources.crawling import Crawler
from app.sources.guarding import SourceBusy
from app.sources.outcome import CrawlOvertaken, SourceHalted, SourceStatus, SourceStopped, SourceWaits
from app.sources.overview import overview
from app.sources.plan import SourcePlan, SourcesMisconfigured

_AGAIN = dt.timedelta(minutes=1)

log = get_logger(__name__)


def due_times(plan: SourcePlan) -> tuple[Recurring, ...]:
    """When the enabled sources are due: each slot is asked for once, however many workers there are."""
    return tuple(
        Recurring(planned.schedule, CrawlSource(source=name), name=f"crawl_source:{name}")
        for name, planned in plan.enabled.items()
    )


@dataclass(frozen=True, slots=True)
class SourceJobs:
    """Handlers of the crawl jobs, with what they stand on; each crawl keeps a database connection to itself."""

    crawler: Crawler
    metrics: Metrics
    at_once: int = 1

    def handlers(self) -> Sequence[Handler[Any]]:
        """What the worker registers; a few crawls at a time, as they mostly wait, and others need the worker too."""
        return (Handler(CrawlSource, self.crawl, concurrency=self.at_once),)

    async def crawl(self, job: CrawlSource) -> None:
        """Crawl a source; one that a killed worker left is gone on with."""
        if job.source not in self.crawler.plan.enabled:
            raise Discard(f"{job.source} is not enabled any more")
        try:
            done = await self.crawler.run(job.source)
        except (SourceHalted, SourceStopped, SourceWaits) as asked:
            log.info("source.not_asked", source=job.source, why=str(asked))
        except SourcesMisconfigured as wrong:
            raise Discard(str(wrong)) from wrong
        except (SourceBusy, CrawlOvertaken) as other:
            raise Retry(_AGAIN, str(other)) from other
        else:
            if done.report is not None:
                self.metrics.crawled(job.source, done.report.outcome, done.report.tally.model_dump())
        await self.tell()

    async def tell(self) -> None:
        """Bring the gauges of all sources up to date."""
        async with reading(self.crawler.sessions) as session:
            views = await overview(session, self.crawler.plan)
        for view in views:
            complete = view.last_complete
            self.metrics.source_stands(
                view.name,
                view.status.value,
                [status.value for status in SourceStatus],
                complete.started_at.timestamp() if complete else 0.0,
            )
