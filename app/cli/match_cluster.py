"""A Dask cluster for one command: reached or started, asked in order, its failures told in one line."""

from __future__ import annotations

import contextlib
import logging
import signal
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import resource_tracker
from typing import TYPE_CHECKING, Final, ParamSpec, TypeVar

from app.cli import match_tasks
from app.cli.errors import UserMistake

if TYPE_CHECKING:
    from distributed import Client, Future

P = ParamSpec("P")
T = TypeVar("T")

WAIT_SECONDS: Final = 30
_IN_FLIGHT_PER_THREAD: Final = 2
_QUIET: Final = {
    # No page to look at: a port less, and nothing that speaks of the work to other users of the machine.
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    # Parts are large on purpose.
    "distributed.admin.large-graph-warning-threshold": "1 TiB",
}


class Workers:
    """The workers of a cluster. Raises UserMistake for whatever they, or the way to them, fail by."""

    def __init__(self, client: Client) -> None:
        self._client = client
        threads = self.call(lambda: sum(client.nthreads().values()))
        self._in_flight = _IN_FLIGHT_PER_THREAD * max(1, threads)

    def hold(self, job: match_tasks.Job) -> object:
        """A job for the tasks that follow, sent to each worker once; a worker that dies takes nothing with it."""
        return self._client.submit(match_tasks.keep, job, pure=False)

    def in_order(self, task: Callable[..., T], calls: Iterable[tuple[object, ...]]) -> Iterator[T]:
        """The outcome of ``task`` for each call, in the order of the calls, a few of them under way at a time."""
        waiting: deque[Future[T]] = deque()
        for arguments in calls:
            waiting.append(self.call(self._client.submit, task, *arguments, pure=False))
            if len(waiting) >= self._in_flight:
                yield self.call(waiting.popleft().result)
        while waiting:
            yield self.call(waiting.popleft().result)

    @staticmethod
    def call(what: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call, with every failure told in a line."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            return what(*args, **kwargs)
        except KilledWorker as lost:
            raise UserMistake(
                f"the Dask workers died {lost.allowed_failures + 1} times on the same part, most likely for want of "
                "memory: try a smaller --part"
            ) from lost
        except (OSError, TimeoutError, FutureCancelledError) as lost:
            raise UserMistake(f"the Dask cluster was lost ({_first_line(lost)})") from lost
        except Exception as wrong:
            raise UserMistake(f"a Dask worker failed: {type(wrong).__name__}: {_first_line(wrong)}") from wrong

    def require_our_version(self) -> None:
        """Refuse workers that would score otherwise than this process."""
        found = set(self.call(self._client.run, match_tasks.installed).values())
        ours = match_tasks.installed()
        if found - {ours}:
            raise UserMistake(f"the Dask workers run another Safqa ({', '.join(sorted(found))}) than this one ({ours})")


@contextlib.contextmanager
def workers_at(address: str | None) -> Iterator[Workers]:
    """The workers of the scheduler at an address, or of a cluster on this machine that ends with the block.

    Our own listens on the loopback address only, encrypted with a key of its own, so that no other user of the
    machine can give it work. Raises UserMistake.
    """
    try:
        import dask
        from distributed import Client
    except ImportError:
        raise UserMistake("--dask needs Dask: pip install 'safqa[dask]'") from None
    with dask.config.set(_QUIET):
        if address is None:
            with _own_cluster() as client:
                yield Workers(client)
            return
        with _reached(lambda: Client(address, timeout=WAIT_SECONDS), address) as client:
            _reached(lambda: client.wait_for_workers(1, timeout=WAIT_SECONDS), address, "workers")
            workers = Workers(client)
            workers.require_our_version()
            yield workers


@contextlib.contextmanager
def _own_cluster() -> Iterator[Client]:
    from distributed import Client, LocalCluster

    with contextlib.ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="safqa-dask-"))
        with _interrupts_held():
            try:
                cluster = stack.enter_context(
                    LocalCluster(
                        host="127.0.0.1", dashboard_address="127.0.0.1:0", scheduler_kwargs={"dashboard": False},
                        threads_per_worker=1, security=True, silence_logs=logging.CRITICAL, local_directory=scratch,
                    )
                )  # fmt: skip
            except (OSError, RuntimeError, TimeoutError) as wrong:
                raise UserMistake(f"no Dask cluster could be started here ({_first_line(wrong)})") from wrong
        yield stack.enter_context(Client(cluster))


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits for the end of the block. Threads and processes that start in it never hear of it: this process
    ends the others, instead of each with a traceback of its own.
    """
    resource_tracker.ensure_running()  # it lets interrupts in again when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reached(reach: Callable[[], T], address: str, what: str = "scheduler") -> T:
    try:
        return reach()
    except (OSError, TimeoutError, ValueError) as wrong:
        raise UserMistake(f"no Dask {what} at {address} ({_first_line(wrong)})") from wrong


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)[:300]
