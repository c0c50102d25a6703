"""``safqa worker``: the background work only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from app.cli.serving import Stop
    from app.config import Settings


def command() -> None:
    """Do the background work (rankings, imports, what the clock asks for), until SIGTERM or Ctrl-C.

    A stop lets the running jobs finish. Jobs of a worker that is killed are taken over by another one after
    SAFQA_JOB_HEARTBEAT_SECONDS. Start as many as needed; SAFQA_JOB_CONCURRENCY is per worker.

    Example: SAFQA_DATABASE_URL=postgresql://safqa@db/safqa SAFQA_SECRET_FILE=/run/secrets/safqa safqa worker
    """
    from app.cli.database import read_settings
    from app.cli.serving import run_service

    settings = read_settings()
    raise typer.Exit(run_service(settings, lambda stop: _work(settings, stop)))


async def _work(settings: Settings, stop: Stop) -> int:
    from app.cli.database import opened, refuse_empty
    from app.cli.serving import first_end
    from app.kit.observability import get_logger
    from app.runtime import open_ranker
    from app.worker import running_worker

    log = get_logger(__name__)
    async with opened(settings) as runtime, open_ranker(runtime) as ranker:
        await refuse_empty(runtime)
        async with running_worker(runtime, ranker) as working:
            stop.settled = True
            log.info("worker.working", jobs_at_a_time=settings.job_concurrency)
            code = await first_end(stop, working)
            log.info("worker.stopping")
    return code
