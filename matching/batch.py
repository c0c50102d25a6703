"""Many queries over a few processes, answered in the order they were asked.

Processes, not threads: a ranking with its reasons is half Python, and threads would wait for each other's turn. They
are forked, so that they share the index without a copy; where a system can't fork, queries are answered one by one.
"""

from __future__ import annotations

import copyreg
import itertools
import multiprocessing
import pickle
import signal
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import MappingProxyType
from typing import Any, Final, TypeVar

Query = TypeVar("Query")
Answer = TypeVar("Answer")

_TOGETHER: Final = 4
"""Queries that travel to a process at once."""

_AHEAD: Final = 3
"""Such packets of each process that are under way or answered before their turn: memory does not grow with the batch.
"""

_asked: list[Callable[[Any], Any]] = []


def in_order(queries: Iterable[Query], ask: Callable[[Query], Answer], workers: int) -> Iterator[Answer]:
    """The answer to each query, as they come, over so many processes. What ``ask`` raises is raised here.

    To be called where no other thread is inside the matcher: a fork copies its locks as they are.
    """
    if workers <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        return map(ask, queries)
    return _forked(queries, ask, workers)


def _forked(queries: Iterable[Query], ask: Callable[[Query], Answer], workers: int) -> Iterator[Answer]:
    copyreg.pickle(MappingProxyType, _plain)
    packets = _packets(queries)
    waiting: deque[Future[bytes]] = deque()
    pool = ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), _begin, (ask,))
    try:
        with warnings.catch_warnings():  # Python warns of forks beside threads: its own, here
            warnings.simplefilter("ignore", DeprecationWarning)
            waiting.extend(pool.submit(_answer, packet) for packet in itertools.islice(packets, _AHEAD * workers))
        while waiting:
            answers: list[Answer] = pickle.loads(waiting.popleft().result())  # noqa: S301 - a child's own
            yield from answers
            waiting.extend(pool.submit(_answer, packet) for packet in itertools.islice(packets, 1))
    finally:
        pool.shutdown(cancel_futures=True)


def _packets(queries: Iterable[Query]) -> Iterator[list[Query]]:
    remaining = iter(queries)
    while packet := list(itertools.islice(remaining, _TOGETHER)):
        yield packet


def _begin(ask: Callable[[Any], Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who pressed Ctrl-C is answered by the parent
    _asked[:] = [ask]


def _answer(packet: Sequence[Any]) -> bytes:
    """The answers, pickled here: the pool's own pickler asks a table in Python about each of their thousand places."""
    return pickle.dumps([_asked[0](query) for query in packet], pickle.HIGHEST_PROTOCOL)


def _plain(
    table: MappingProxyType[str, object],
) -> tuple[Callable[..., MappingProxyType[str, object]], tuple[dict[str, object]]]:
    return _read_only, (dict(table),)


def _read_only(table: dict[str, object]) -> MappingProxyType[str, object]:
    return MappingProxyType(table)
