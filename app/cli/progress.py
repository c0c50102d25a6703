"""Progress on standard error, from the second second on: a live line for a person, a line now and then for a log."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

_QUIET_SECONDS = 1.0
_LOG_EVERY_SECONDS = 5.0


class Progress:
    """Says what is being done and how far it is; silent for anything that is over within a second."""

    def __init__(self, console: Console | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._started = clock()
        self._said = 0.0
        self._status: Status | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def tell(self, what: str, done: int, total: int | None = None) -> None:
        """``what`` is under way, ``done`` of ``total`` so far."""
        now = self._clock()
        if now - self._started < _QUIET_SECONDS:
            return
        text = f"{what}: {done:,}" + (f" of {total:,}" if total is not None else "")
        if self._console.is_terminal:
            if self._status is None:
                self._status = self._console.status(text)
                self._status.start()
            self._status.update(text)
        elif not self._said or now - self._said >= _LOG_EVERY_SECONDS or done == total:
            self._said = now
            self._console.print(text, highlight=False, soft_wrap=True)
