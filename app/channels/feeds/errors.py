"""What whoever makes a feed may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class TooManyFeeds(AppError):
    """The organisation has as many feeds as it may have."""

    status, slug = 409, "too-many-feeds"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
