"""Progress speaks up only for what takes its time."""

from __future__ import annotations

import io

from rich.console import Console

from app.cli.progress import Progress


def told(*steps: tuple[float, int]) -> list[str]:
    """What a log shows after ``(seconds since the start, done)`` of 100."""
    now = 0.0
    out = io.StringIO()
    with Progress(Console(file=out, width=80), clock=lambda: now) as progress:
        for now, done in steps:  # noqa: B007 - the clock reads it
            progress.tell("ranking", done, 100)
    return out.getvalue().splitlines()


def test_nothing_is_said_within_the_first_second() -> None:
    assert told((0.2, 50), (0.9, 100)) == []


def test_a_log_gets_a_line_now_and_then_and_the_last_one() -> None:
    steps = [(1.1, 10), (1.2, 11), (4.0, 40), (6.2, 60), (6.3, 61), (7.0, 100)]
    assert told(*steps) == ["ranking: 10 of 100", "ranking: 60 of 100", "ranking: 100 of 100"]


def test_a_terminal_gets_a_live_line_that_goes_away() -> None:
    now = 2.0
    out = io.StringIO()
    with Progress(Console(file=out, width=80, force_terminal=True), clock=lambda: now) as progress:
        now = 4.0
        progress.tell("reading tenders", 1_234)
    assert "reading tenders: 1,234" in out.getvalue()
