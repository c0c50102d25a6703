"""What whoever keeps a search may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class TooManySearches(AppError):
    """The organisation keeps as many searches as it may."""

    status, slug = 409, "too-many-searches"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
