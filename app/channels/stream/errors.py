"""What whoever opens a stream may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError

RETRY_SECONDS = 30


class TooManyStreams(AppError):
    """The organisation has as many streams open in this process as it may have: close one, or share one."""

    status, slug = 429, "too-many-streams"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
        self.headers = {"Retry-After": str(RETRY_SECONDS)}
