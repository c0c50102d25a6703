"""Who sees and does what about pilots."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends

from app.accounts.caller import Caller
from app.models.organisation import OrganisationKind
from app.web.visitor import Guard

_BUYERS: Final = (OrganisationKind.BUYER, OrganisationKind.OPERATOR)

Reader = Annotated[Caller, Depends(Guard("pilots:read"))]
"""Somebody who may look at pilots."""

Buyer = Annotated[Caller, Depends(Guard("pilots:write", *_BUYERS))]
"""Somebody who may post pilots, choose, and close."""

BuyerReader = Annotated[Caller, Depends(Guard("pilots:read", *_BUYERS))]
"""Somebody of an organisation that posts pilots."""

Founder = Annotated[Caller, Depends(Guard("pilots:write", OrganisationKind.STARTUP))]
"""Somebody who may apply."""

FounderReader = Annotated[Caller, Depends(Guard("pilots:read", OrganisationKind.STARTUP))]
"""Somebody of a startup."""

ProfileWriter = Annotated[Caller, Depends(Guard("startups:write", OrganisationKind.STARTUP))]
"""Somebody who may change the profile: what is a reference of it."""


def posts_pilots(caller: Caller) -> bool:
    """Whether an organisation is one that posts pilots."""
    return caller.kind in _BUYERS
