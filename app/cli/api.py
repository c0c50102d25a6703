"""``safqa api``: requests only; the background work is done elsewhere."""

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
) -> None:
    """Serve the API alone, until SIGTERM or Ctrl-C; `safqa worker` does the background work, here or elsewhere.

    Migrate first (`safqa migrate`). For more capacity start more of them, on as many machines as needed, behind a
    load balancer that asks /readyz: each holds its own index of the same rows.

    Example: SAFQA_DATABASE_URL=postgresql://safqa@db/safqa SAFQA_SECRET_FILE=/run/secrets/safqa safqa api
    """
    from app.cli.database import read_settings
    from app.cli.serving import listen, run_service

    settings = read_settings(host=host, port=port)
    listening = listen(settings)
    with listening:
        code = run_service(settings, lambda stop: _serve(settings, listening, stop))
    raise typer.Exit(code)


async def _serve(settings: Settings, listening: socket.socket, stop: Stop) -> int:
    from app.cli.database import opened, refuse_empty
    from app.cli.serving import first_end, serve_http, url_of
    from app.kit.observability import get_logger
    from app.main import create_app
    from app.runtime import open_ranker

    log = get_logger(__name__)
    async with opened(settings) as runtime, open_ranker(runtime) as ranker:
        await refuse_empty(runtime)
        stop.settled = True
        api = create_app(settings, runtime=runtime, ranker=ranker)
        serving = asyncio.create_task(
            serve_http(api, listening, settings, stop, lambda: log.info("api.serving", url=url_of(listening))),
            name="http",
        )
        code = await first_end(stop, serving)
        log.info("api.stopping")
        await asyncio.gather(serving, return_exceptions=True)
    return code
