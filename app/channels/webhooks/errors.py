"""What an owner of webhooks may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class TooManyWebhooks(AppError):
    """The organisation has as many endpoints as it may have."""

    status, slug = 409, "too-many-webhooks"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)


class WebhookDisabled(AppError):
    """Nothing is sent to this endpoint now: switch it on first."""

    status, slug = 409, "webhook-disabled"

    def __init__(self, *, state: str) -> None:
        super().__init__(state=state)
