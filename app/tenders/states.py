"""Where a call may go from where it stands; what is not listed here is refused.

==========  ====================  =========
action      from                  to
==========  ====================  =========
publish     draft                 published
close       published             closed
withdraw    published             withdrawn
cancel      published, closed     cancelled
==========  ====================  =========

A draft or a published call may be amended and stays what it is; only a draft may be deleted. Withdrawn, cancelled and
awarded are final: what comes after is a new call.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.kit.errors import AppError
from app.models.tender import TenderStatus


class Action(StrEnum):
    """What an owner does to a call."""

    PUBLISH = "publish"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    CANCEL = "cancel"
    AMEND = "amend"
    DELETE = "delete"


TRANSITIONS: Mapping[Action, Mapping[TenderStatus, TenderStatus]] = MappingProxyType({
    Action.PUBLISH: {TenderStatus.DRAFT: TenderStatus.PUBLISHED},
    Action.CLOSE: {TenderStatus.PUBLISHED: TenderStatus.CLOSED},
    Action.WITHDRAW: {TenderStatus.PUBLISHED: TenderStatus.WITHDRAWN},
    Action.CANCEL: {TenderStatus.PUBLISHED: TenderStatus.CANCELLED, TenderStatus.CLOSED: TenderStatus.CANCELLED},
    Action.AMEND: {TenderStatus.DRAFT: TenderStatus.DRAFT, TenderStatus.PUBLISHED: TenderStatus.PUBLISHED},
    Action.DELETE: {TenderStatus.DRAFT: TenderStatus.DRAFT},
})  # fmt: skip


class TenderState(AppError):
    """The call's status refuses this action; ``allowed`` lists those it takes now."""

    status, slug = 409, "tender-state"

    def __init__(self, *, action: Action, at: TenderStatus) -> None:
        super().__init__(
            action=action.value,
            tender_status=at.value,
            allowed=[other.value for other in Action if at in TRANSITIONS[other]],
        )


def after(action: Action, at: TenderStatus) -> TenderStatus:
    """The status that ``action`` leads to; :class:`TenderState` where it is not lawful."""
    reached = TRANSITIONS[action].get(at)
    if reached is None:
        raise TenderState(action=action, at=at)
    return reached
