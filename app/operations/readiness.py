"""What must hold before anything is asked of a server: its database, its migrations, its index."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from app.api.health import Facts, NotReady, ReadinessCheck
from app.db.migrate import current, head
from app.matches.ranking import Ranker

STALE_INDEX_SECONDS: Final = 60.0
"""A dozen of the index's poll intervals: an older one has lost its database."""


def readiness_of(engine: AsyncEngine, ranker: Ranker) -> tuple[ReadinessCheck, ...]:
    """The checks, over an engine and the index that it feeds."""

    async def database() -> Facts:
        async with engine.connect() as connection:
            version = await connection.scalar(text("SHOW server_version"))
        return {"server_version": str(version)}

    async def migrations() -> Facts:
        at = await current(engine)
        if at != head():
            raise NotReady(f"the database is at revision {at}, this version needs {head()}: run safqa migrate")
        return {"revision": at}

    async def index() -> Facts:
        age = ranker.index.age_seconds
        if age is None:
            raise NotReady("the index is being read")
        if age > STALE_INDEX_SECONDS:
            raise NotReady(f"the index has taken no change in for {age:.0f} s")
        tenders, startups = ranker.index.matcher.sizes()
        return {"age_seconds": round(age, 3), "tenders": tenders, "startups": startups}

    return (
        ReadinessCheck("database", database),
        ReadinessCheck("migrations", migrations),
        ReadinessCheck("index", index),
    )
