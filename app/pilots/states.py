"""Where a pilot may go from where it stands; what is not listed here is refused.

=========  ==============  =========
action     from            to
=========  ==============  =========
open       draft           open
choose     open            running
close      running         closed
cancel     open, running   cancelled
=========  ==============  =========

Only a draft may be changed or deleted: what startups apply for does not change under them. They apply, and take their
applications back, while it is open. Closed and cancelled are final.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from app.kit.errors import AppError
from app.models.pilot import PilotState


class Action(StrEnum):
    """What is done to a pilot."""

    CHANGE = "change"
    DELETE = "delete"
    OPEN = "open"
    APPLY = "apply"
    CHOOSE = "choose"
    CLOSE = "close"
    CANCEL = "cancel"


TRANSITIONS: Mapping[Action, Mapping[PilotState, PilotState]] = MappingProxyType({
    Action.CHANGE: {PilotState.DRAFT: PilotState.DRAFT},
    Action.DELETE: {PilotState.DRAFT: PilotState.DRAFT},
    Action.OPEN: {PilotState.DRAFT: PilotState.OPEN},
    Action.APPLY: {PilotState.OPEN: PilotState.OPEN},
    Action.CHOOSE: {PilotState.OPEN: PilotState.RUNNING},
    Action.CLOSE: {PilotState.RUNNING: PilotState.CLOSED},
    Action.CANCEL: {PilotState.OPEN: PilotState.CANCELLED, PilotState.RUNNING: PilotState.CANCELLED},
})  # fmt: skip


class PilotStateRefuses(AppError):
    """The pilot's state refuses this action; ``allowed`` lists those it takes now."""

    status, slug = 409, "pilot-state"

    def __init__(self, *, action: Action, at: PilotState) -> None:
        super().__init__(
            action=action.value,
            pilot_state=at.value,
            allowed=[other.value for other in Action if at in TRANSITIONS[other]],
        )


def after(action: Action, at: PilotState) -> PilotState:
    """The state that ``action`` leads to; :class:`PilotStateRefuses` where it leads nowhere."""
    reached = TRANSITIONS[action].get(at)
    if reached is None:
        raise PilotStateRefuses(action=action, at=at)
    return reached
