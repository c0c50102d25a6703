"""What an owner of digests may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class MailOff(AppError):
    """This installation sends no mail."""

    status, slug = 409, "mail-off"


class DigestExists(AppError):
    """This address has a subscription to the same startup, or to the cohort."""

    status, slug = 409, "digest-exists"

    def __init__(self, *, digest_id: str, state: str) -> None:
        super().__init__(digest_id=digest_id, state=state)


class TooManyDigests(AppError):
    """The organisation has as many subscriptions as it may have."""

    status, slug = 409, "too-many-digests"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
