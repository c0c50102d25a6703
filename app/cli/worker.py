"""``safqa worker``: the background work only."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.serving import Stop
    from app.config import Settings


def command(
    *,
    port: Annotated[
        int | None,
        typer.Option(help="Also answer /healthz, /readyz and /metrics on this port of SAFQA_HOST (default: none)."),
    ] = None,
) -> None:
    """Do the background work (rankings, imports, what the clock asks for), until SIGTERM or Ctrl-C.

    A stop lets the running jobs finish. Jobs of a worker that is killed are taken over by another one after
    SAFQA_JOB_HEARTBEAT_SECONDS. Start as many as needed; SAFQA_JOB_CONCURRENCY is per worker.

    Example: SAFQA_DATABASE_URL=postgresql://safqa@db/safqa SAFQA_SECRET_FILE=/run/secrets/safqa safqa worker
    """
    from app.cli.database import read_settings
    from app.cli.serving import listen, run_service

    settings = read_settings(port=port)
    with contextlib.ExitStack() as stack:
        listening = None if port is None else stack.enter_context(listen(settings))
        code = run_service(settings, lambda stop: _work(settings, listening, stop))
    raise typer.Exit(code)


async def _work(settings: Settings, listening: socket.socket | None, stop: Stop) -> int:
    from app.cli.database import opened, refuse_empty
    from app.cli.serving import first_end, serve_http, url_of
    from app.kit.observability import get_logger
    from app.main import create_worker_app
    from app.runtime import open_ranker
    from app.worker import running_worker

    log = get_logger(__name__)
    async with opened(settings) as runtime, open_ranker(runtime) as ranker:
        await refuse_empty(runtime)
        async with running_worker(runtime, ranker) as working:
            stop.settled = True
            log.info("worker.working", jobs_at_a_time=settings.job_concurrency)
            running = [working]
            if listening is not None:
                answers = create_worker_app(runtime, ranker)
                url = url_of(listening)
                serving = serve_http(answers, listening, settings, stop, lambda: log.info("worker.serving", url=url))
                running.append(asyncio.create_task(serving, name="http"))
            code = await first_end(stop, *running)
            stop.asked.set()
            log.info("worker.stopping")
            await asyncio.gather(*running[1:], return_exceptions=True)
    return code
