"""How an installation lets people in, as its operator set it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SignUp(StrEnum):
    """Who may enter a startup of their own: whoever confirms an address, anybody, nobody."""

    CONFIRMED = "confirmed"
    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """``mail``: whether links and invitations are sent; without, invitations are passed on by hand. ``provider``: the
    name of the provider of identities by which people may come in.
    """

    sign_up: SignUp
    mail: bool
    provider: str | None = None
