"""The mirror of a call: who could bid, whom each clause shuts out, and what asking less would change."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import NowDep, SessionDep
from app.kit.ids import TenderId
from app.models.organisation import OrganisationKind
from app.openness import service
from app.openness.service import Asked
from app.requirements.findings import is_prose
from app.web.officer.mirror import LOOSENED, TOLD, means_of, panel_of, tried
from app.web.pages import page, page_router
from app.web.tender.asked import parts_of
from app.web.visitor import Guard, VisitorDep
from matching.openness.loosening import asks

router = page_router("/calls")
Reader = Annotated[
    Caller, Depends(Guard("matches:read", OrganisationKind.BUYER, OrganisationKind.OPERATOR))
]  # fmt: skip


@router.get("/{tender_id:uuid}/mirror")
async def show_mirror(
    tender_id: uuid.UUID, request: Request, caller: Reader, db: SessionDep, visitor: VisitorDep, now: NowDep
) -> Response:
    """The mirror, with the changes that the address tries out; the audit trail keeps that it was looked at."""
    asked, means = Asked(caller, now, visitor.lang), means_of(request)
    call = await service.own_call(means, asked, TenderId(tender_id))
    clauses = [each for each in call.facts.clauses if asks(each) and each.kind not in TOLD]
    trying = tried(request.query_params, [each.id for each in clauses], visitor.lang)
    mirror = await service.of_call(means, db, asked, call, trying.changes)
    return page(
        request, "officer/mirror.html", call=call.tender, panel=panel_of(mirror, visitor.lang), clauses=clauses,
        fields={each.id: parts_of(each.value, visitor.lang) for each in clauses if not is_prose(each.field)},
        loosened={kind.value: field for kind, field in LOOSENED.items()}, wrong=trying.wrong,
        tried=len(trying.changes), dropped=set(request.query_params.getlist("drop")),
    )  # fmt: skip
