"""Who sees the pages of a cohort: whoever brings startups in."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.accounts.caller import Caller
from app.models.organisation import OrganisationKind
from app.web.visitor import Guard

_KINDS = (OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR)

CohortReader = Annotated[Caller, Depends(Guard("startups:read", *_KINDS))]
"""Somebody who may look at the cohort."""

MatchReader = Annotated[Caller, Depends(Guard("matches:read", *_KINDS))]
"""Somebody who may look at what was worked out about it."""

CohortWriter = Annotated[Caller, Depends(Guard("startups:write", *_KINDS))]
"""Somebody who may hand profiles over."""

Importer = Annotated[Caller, Depends(Guard("imports:write", *_KINDS))]
"""Somebody who may bring startups in."""

ImportReader = Annotated[Caller, Depends(Guard("imports:read", *_KINDS))]
"""Somebody who may look at imports."""
