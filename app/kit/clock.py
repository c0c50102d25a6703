"""The time, as a value that is passed in: services take ``now``, so that tests never sleep."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias

Clock: TypeAlias = Callable[[], dt.datetime]
"""What tells the time: :func:`utc_now` in production, any function in a test."""


def utc_now() -> dt.datetime:
    """Now, timezone-aware, in UTC."""
    return dt.datetime.now(dt.UTC)
