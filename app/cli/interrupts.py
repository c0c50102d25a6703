"""Ctrl-C where it may come in the middle of anything."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from multiprocessing import resource_tracker
from types import FrameType


class Interrupts:
    """Ctrl-C, remembered: Python drops an exception that is raised in a finaliser or a callback of the collector, and
    the work goes on as if nobody had pressed anything.
    """

    def __init__(self) -> None:
        self._came = False
        self._held = False

    def raise_lost(self) -> None:
        """Raise KeyboardInterrupt if one came: whoever works on asks between two pieces."""
        if self._came and not self._held:
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Ctrl-C waits for the end of the block. Threads and processes that start in it never hear of it: this process
        ends the others, instead of each with a traceback of its own.
        """
        resource_tracker.ensure_running()  # it lets interrupts in again when it starts
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        self._held = True  # a thread that stood before the block may take it all the same
        try:
            yield
        finally:
            self._held = False
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self.raise_lost()

    @contextlib.contextmanager
    def remembered(self) -> Iterator[None]:
        """Take Ctrl-C in the block; anything but the main thread is not asked."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._take)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def _take(self, _signal: int, _frame: FrameType | None) -> None:
        self._came = True
        self.raise_lost()
