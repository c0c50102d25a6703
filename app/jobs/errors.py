"""What a handler raises to say what becomes of its job."""

from __future__ import annotations

import datetime as dt


class Retry(Exception):
    """Run this job again after ``delay``; it counts as an attempt."""

    def __init__(self, delay: dt.timedelta, reason: str) -> None:
        super().__init__(reason)
        self.delay = delay
        self.reason = reason


class Discard(Exception):
    """This job can never succeed; drop it and say why in the log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
