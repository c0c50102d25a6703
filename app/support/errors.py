"""What may go wrong with a meeting, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class EqualTreatment(AppError):
    """A meeting about a public call between its publication and its award would tell one bidder what others don't
    hear: ask through the call's own channel for questions, whose answers are for all. ``ground`` cites why; it is no
    legal advice.
    """

    status, slug = 409, "equal-treatment"


class OtherSideAbsent(AppError):
    """Nobody would answer: the call was collected from a portal, or the startup has not taken its profile over."""

    status, slug = 409, "other-side-absent"


class MeetingAlreadyAsked(AppError):
    """There is a request for this startup and this call or pilot already, not answered yet or accepted."""

    status, slug = 409, "meeting-already-asked"


class MeetingTimePassed(AppError):
    """The time that was proposed is over: propose another one."""

    status, slug = 409, "meeting-time-passed"


class TooManyOffers(AppError):
    """The organisation has as many support offers as it may have."""

    status, slug = 409, "too-many-offers"

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit)
