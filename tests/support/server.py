"""The real application behind a real socket, in a thread of this process, for clients that are not asynchronous."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import uvicorn

from app.cli.serving import listen, url_of
from app.config import Settings
from app.main import create_app
from tests.support.api import share_routes


@contextmanager
def served(settings: Settings) -> Iterator[str]:
    """The address of the application, with the lifespan's own runtime and ranker."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[object] | None = None) -> None:
            await super().startup(sockets)  # type: ignore[arg-type]
            started.set()

    with listen(settings) as listening:
        app = share_routes(create_app(settings))
        server = Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="on"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])), daemon=True)
        thread.start()
        try:
            assert started.wait(30), "the application did not start"
            _wait_ready(url_of(listening))
            yield url_of(listening)
        finally:
            server.should_exit = True
            thread.join(30)


def _wait_ready(url: str) -> None:
    end = time.monotonic() + 30
    while httpx.get(f"{url}/readyz", timeout=10, trust_env=False).status_code != 200:
        assert time.monotonic() < end, "the application did not get ready"
        time.sleep(0.05)
