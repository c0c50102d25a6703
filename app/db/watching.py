"""Keeping the embedded PostgreSQL alive: nobody else would start it again after a crash or an out-of-memory kill."""

from __future__ import annotations

import asyncio

from app.db.embedded import EmbeddedError, EmbeddedPostgres
from app.kit.observability import get_logger

log = get_logger(__name__)

LOOK_SECONDS = 1.0


async def keep_running(server: EmbeddedPostgres) -> None:
    """Start ``server`` again whenever it has died, until cancelled. Processes that share it take turns."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if server.is_running():
            continue
        log.error("database.died", folder=str(server.folder))
        reviving = asyncio.create_task(asyncio.to_thread(server.revive))
        try:
            # Whoever is stopped in the middle of a start waits for its end: a server half started would be left behind.
            await asyncio.shield(reviving)
        except EmbeddedError as failed:  # its last processes may still be dying: the next look tries again
            log.warning("database.not_revived", error=str(failed))
        except asyncio.CancelledError:
            await asyncio.gather(reviving, return_exceptions=True)
            raise
        else:
            log.info("database.revived")
