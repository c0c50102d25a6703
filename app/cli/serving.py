"""What ``serve``, ``api`` and ``worker`` share: the listening socket, signals, a server that obeys them."""

from __future__ import annotations

import asyncio
import errno
import gc
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from app.channels.stream.bell import Bell
from app.cli.errors import UserMistake
from app.cli.http_bounds import STALLED_SECONDS, BoundedHttp
from app.config import Settings
from app.kit.observability import configure_logging, get_logger

log = get_logger(__name__)

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_BACKLOG = 2_048
_OBJECTS_PER_COLLECTION = 20_000
"""Live objects that are made before the garbage collector looks for cycles. A page holds some ten thousand while it is
made: at Python's 700 they aged into the oldest generation at once, and every few pages one waited for all to be gone
through, for a tenth of a second.
"""
_TURN_SECONDS = 0.000_5
"""How long a thread that computes keeps the interpreter while another waits for it. At Python's 5 ms, a page that reads
ten times from the database while something is worked out in a thread beside it waited as often for so long.
"""


class Stop:
    """The wish to stop, as signals bring it.

    Until ``settled`` there is nothing to finish: the first signal cancels what is being set up. Afterwards it sets
    ``asked``, and whoever serves finishes its work; a second signal cancels that too.
    """

    def __init__(self, task: asyncio.Task[int]) -> None:
        self.asked = asyncio.Event()
        self.settled = False
        self.signalled = False
        self._task = task

    def on_signal(self) -> None:
        """Called by the event loop."""
        hurry = self.signalled or not self.settled
        self.signalled = True
        self.asked.set()
        if hurry:
            self._task.cancel()


def run_service(settings: Settings, service: Callable[[Stop], Awaitable[int]]) -> int:
    """Run a service until it ends or is told to; its exit code, 0 where it was told to stop."""
    configure_logging(level=settings.log_level.upper(), form=settings.log_format)
    factory = uvicorn.Config("", loop="auto", log_config=None).get_loop_factory()
    with _prompt_answers(), asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(_obeying(service))


@contextmanager
def _prompt_answers() -> Iterator[None]:
    """Have the interpreter serve those who wait for pages before what takes long beside them."""
    objects, turn = gc.get_threshold(), sys.getswitchinterval()
    gc.set_threshold(_OBJECTS_PER_COLLECTION)
    sys.setswitchinterval(_TURN_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(turn)
        gc.set_threshold(*objects)


async def _obeying(service: Callable[[Stop], Awaitable[int]]) -> int:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()

    async def work() -> int:
        await ready.wait()
        return await service(stop)

    task = asyncio.create_task(work(), name="service")
    stop = Stop(task)
    for number in _SIGNALS:
        loop.add_signal_handler(number, stop.on_signal)
    ready.set()
    try:
        return await task
    except asyncio.CancelledError:
        if not stop.signalled:
            raise
        return 0


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on, listening already: who calls while the service starts waits instead of failing.

    Raises:
        UserMistake: the address can't be had; says which other one to choose.
    """
    host, port = settings.host, settings.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except OSError as failed:
        raise UserMistake(
            f"can't listen on the address {host!r} ({failed.strerror}); set another with --host"
        ) from None
    listening = socket.socket(family, kind, protocol)
    try:
        # A stopped service's last connections linger for a minute; they must not keep the next one from starting.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Each connection gets it: one whose other end is gone without a word would last a quarter of an hour.
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(STALLED_SECONDS * 1_000))
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as failed:
        listening.close()
        raise UserMistake(_why_not(failed, host, port)) from None
    listening.setblocking(False)
    return listening


def _why_not(failed: OSError, host: str, port: int) -> str:
    other = port + 10 if port + 10 <= 65_535 else 8_010
    choose = f"choose another: --port {other}, SAFQA_PORT={other}, or make run ARGS='--port {other}'"
    if failed.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use by another program; {choose}"
    if failed.errno == errno.EACCES:
        return f"port {port} needs more rights than this user has; {choose}"
    return f"can't listen on {host}, port {port} ({failed.strerror}); set another address with --host or --port"


def url_of(listening: socket.socket) -> str:
    """The address of the service, as a person would type it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn's server without its own signal handlers, which raise the signal again after the stop."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready()


async def serve_http(
    api: FastAPI, listening: socket.socket, settings: Settings, stop: Stop, on_ready: Callable[[], None]
) -> None:
    """Answer requests until a stop is asked for; those being answered then get ``stop_seconds`` to end."""
    config = uvicorn.Config(
        api,
        http=BoundedHttp,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="on",
        timeout_graceful_shutdown=settings.stop_seconds,
    )
    server = _Server(config, on_ready)
    serving = asyncio.create_task(server.serve([listening]), name="http")
    asked = asyncio.create_task(stop.asked.wait(), name="stop")
    try:
        await asyncio.wait({serving, asked}, return_when=asyncio.FIRST_COMPLETED)
        _end_streams(api)
        server.should_exit = True
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = server.force_exit = True
        await serving
        raise
    finally:
        asked.cancel()


def _end_streams(api: FastAPI) -> None:
    """End the answers that would go on for ever."""
    bell: Bell | None = getattr(api.state, "bell", None)
    if bell is not None:
        bell.stop()


async def first_end(stop: Stop, *running: asyncio.Task[None]) -> int:
    """Wait until a stop is asked for (0) or a task ends of itself, which is a fault (1, and the log says which)."""
    asked = asyncio.create_task(stop.asked.wait(), name="stop")
    try:
        done, _ = await asyncio.wait({asked, *running}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
    faults = [task for task in running if task in done]
    if stop.asked.is_set() or not faults:
        return 0
    for task in faults:
        fault = None if task.cancelled() else task.exception()
        log.error("service.died", task=task.get_name(), exc_info=fault)
    return 1
