"""What may go wrong with a pilot, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class ApplicationsOver(AppError):
    """The day until which startups could apply for this pilot is over."""

    status, slug = 409, "pilot-applications-over"


class AttestationIsRevoked(AppError):
    """The buyer has taken this attestation back: it is no reference, and can't be revoked twice."""

    status, slug = 409, "attestation-revoked"
