"""What a sender of calls may meet, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError

CHALLENGE = {"WWW-Authenticate": "Webhook-Signature"}


class SignatureInvalid(AppError):
    """The sender is unknown or revoked, a header of the signature is missing, or none of the signatures is ours."""

    status, slug = 401, "signature-invalid"

    def __init__(self) -> None:
        super().__init__()
        self.headers = dict(CHALLENGE)


class SignatureExpired(AppError):
    """The signature is right and its timestamp is over five minutes away from our clock: sign each attempt anew."""

    status, slug = 401, "signature-expired"

    def __init__(self, *, tolerance_seconds: int) -> None:
        super().__init__(tolerance_seconds=tolerance_seconds)
        self.headers = dict(CHALLENGE)


class PushIdReused(AppError):
    """This webhook-id came before with another body: one id is one message."""

    status, slug = 409, "push-id-reused"


class PushVersionReused(AppError):
    """This version of the call came before with another content: what changes a call raises its version."""

    status, slug = 409, "push-version-reused"


class PushSenderExists(AppError):
    """The organisation has a sender with this code already."""

    status, slug = 409, "push-sender-exists"


class TooManyPushSenders(AppError):
    """The organisation has as many senders as it may: each has an allowance of its own."""

    status, slug = 409, "too-many-push-senders"
