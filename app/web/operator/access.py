"""Who sees the pages of the operator."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.accounts.caller import Caller
from app.models.organisation import OrganisationKind
from app.web.visitor import Guard

Reader = Annotated[Caller, Depends(Guard("tenders:read", OrganisationKind.OPERATOR))]
"""Somebody who may look."""

Keeper = Annotated[Caller, Depends(Guard("tenders:write", OrganisationKind.OPERATOR))]
"""Somebody who may stop sources and let them run."""

Admin = Annotated[Caller, Depends(Guard("accounts:write", OrganisationKind.OPERATOR))]
"""Somebody who may enter organisations."""
