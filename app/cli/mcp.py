"""``safqa mcp``: the API's questions as tools for language models, over standard input and output."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import httpx
    from starlette.types import ASGIApp

    from app.config import Settings


def command(
    *,
    url: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Ask the API of a running Safqa; without it, one in this process."),
    ] = None,
) -> None:
    """Serve read-only tools by the Model Context Protocol on standard input and output, until the client leaves.

    Set SAFQA_API_KEY to the key whose scopes count. Without --url the API runs in this process over the configured
    database, so that nothing else needs to run.

    Example: SAFQA_API_KEY=sfq_... safqa mcp --url http://127.0.0.1:8000
    """
    from app.cli.database import read_settings, run_async
    from app.cli.errors import UserMistake

    settings = read_settings()
    if settings.api_key is None:
        raise UserMistake("set SAFQA_API_KEY to the key that the tools act with; `safqa key create` makes one")
    if url is not None and not url.startswith(("http://", "https://")):
        raise UserMistake(f"--url {url!r} is no address of an API, as in http://127.0.0.1:8000")
    run_async(_serve(settings, settings.api_key.get_secret_value(), url))


async def _serve(settings: Settings, key: str, url: str | None) -> None:
    import httpx

    from app.channels.mcp.calling import Calls
    from app.channels.mcp.server import create_server

    async with AsyncExitStack() as stack:
        transport = None if url is not None else await stack.enter_async_context(_in_process(settings))
        client = await stack.enter_async_context(
            httpx.AsyncClient(
                base_url=url or "http://safqa.local",
                transport=transport,
                headers={"Authorization": f"Bearer {key}"},
                timeout=60,
                trust_env=False,
            )
        )
        await create_server(Calls(client)).run_stdio_async()


@asynccontextmanager
async def _in_process(settings: Settings) -> AsyncIterator[httpx.AsyncBaseTransport]:
    """The whole application behind a client's transport: its middleware, keys, limits and problems."""
    import httpx

    from app.cli.database import opened, refuse_empty
    from app.main import create_app
    from app.runtime import open_ranker

    async with opened(settings) as runtime, open_ranker(runtime) as ranker:
        await refuse_empty(runtime)
        api = create_app(settings, runtime=runtime, ranker=ranker)
        async with api.router.lifespan_context(api) as state:
            yield httpx.ASGITransport(app=_with_state(api, dict(state or {})), raise_app_exceptions=False)


def _with_state(api: ASGIApp, state: dict[str, object]) -> ASGIApp:
    """Hands the lifespan's state to each request, as a server does."""
    from starlette.types import Receive, Scope, Send

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await api({**scope, "state": dict(state)}, receive, send)

    return call
