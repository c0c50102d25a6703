"""The steps of a start, told on standard error as they begin, so that a slow one is never a silent one."""

from __future__ import annotations

from rich.console import Console


class Steps:
    """A spinner with the present step on a terminal; a line per step in a log."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or Console(stderr=True)
        self._status = self._console.status("") if self._console.is_terminal else None

    def begin(self, doing: str) -> None:
        """``doing`` is under way until the next step, or the end."""
        if self._status is None:
            self._print(f"{doing} ...")
            return
        self._status.update(f"{doing} ...")
        self._status.start()

    def end(self, done: str | None = None) -> None:
        """No step is under way; say ``done``, which stays."""
        if self._status is not None:
            self._status.stop()
        if done is not None:
            self._print(done)

    def _print(self, line: str) -> None:
        self._console.print(line, highlight=False, soft_wrap=True, markup=False)
