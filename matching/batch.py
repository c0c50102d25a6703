"""Many queries over a few threads, answered in the order they were asked."""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, TypeVar

Query = TypeVar("Query")
Answer = TypeVar("Answer")

_AHEAD: Final = 4
"""Queries of each thread that are under way or answered before their turn: memory does not grow with the batch."""


def in_order(queries: Iterable[Query], ask: Callable[[Query], Answer], threads: int) -> Iterator[Answer]:
    """The answer to each query, as they come; the kernels release the interpreter's lock while they work."""
    with ThreadPoolExecutor(max(threads, 1)) as pool:
        waiting: deque[Future[Answer]] = deque()
        remaining = iter(queries)
        try:
            for query in itertools.islice(remaining, _AHEAD * max(threads, 1)):
                waiting.append(pool.submit(ask, query))
            while waiting:
                yield waiting.popleft().result()
                for query in itertools.islice(remaining, 1):
                    waiting.append(pool.submit(ask, query))
        finally:
            for future in waiting:
                future.cancel()
