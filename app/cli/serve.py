"""``safqa serve``: database, API and worker in one process, for one machine."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from app.cli.serving import Stop
    from app.config import Settings


def command(
    *,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 0.0.0.0 for every one (default: 127.0.0.1).")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; 0 picks a free one (default: 8000).")] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Load the fictional sample set if the database is empty, and show it.")
    ] = False,
) -> None:
    """Serve the API and do its background work in this one process, until Ctrl-C.

    Without SAFQA_DATABASE_URL it starts its own PostgreSQL, in SAFQA_DATA_DIR or the user's data directory. For
    several machines, run `safqa api` and `safqa worker` over one PostgreSQL server. Every setting: docs/operations.md.

    Example: safqa serve --sample --port 8010
    """
    from app.cli.database import read_settings
    from app.cli.serving import listen, run_service

    settings = read_settings(host=host, port=port)
    listening = listen(settings)  # before the long work: a busy port is told at once
    with listening:
        code = run_service(settings, lambda stop: _serve(settings, listening, stop, sample=sample))
    raise typer.Exit(code)


async def _serve(settings: Settings, listening: socket.socket, stop: Stop, *, sample: bool) -> int:
    from app.cli.database import migrated, place_of
    from app.cli.first_run import show_sample
    from app.cli.serving import first_end, serve_http, url_of
    from app.cli.steps import Steps
    from app.main import create_app
    from app.runtime import open_ranker
    from app.worker import running_worker

    steps = Steps()
    steps.begin(f"Starting {place_of(settings)}")
    async with migrated(settings) as runtime, open_ranker(runtime) as ranker:
        if sample:
            await show_sample(runtime, ranker, steps)
        async with running_worker(runtime, ranker) as working:
            stop.settled = True
            api = create_app(settings, runtime=runtime, ranker=ranker)
            url = url_of(listening)
            ready = f"Safqa serves on {url} (reference: {url}/docs). Ctrl-C stops it; the data stays."
            serving = asyncio.create_task(
                serve_http(api, listening, settings, stop, lambda: steps.end(ready)), name="http"
            )
            code = await first_end(stop, serving, working)
            stop.asked.set()
            steps.begin("Stopping: what is being done is finished first")
            await asyncio.gather(serving, return_exceptions=True)
    steps.end("Stopped." if code == 0 else None)
    return code
