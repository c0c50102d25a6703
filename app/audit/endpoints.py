"""Routes of the audit trail."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import PageParams, ReadSessionDep, with_link
from app.api.problems import problems
from app.audit import service
from app.audit.schemas import AuditEntryOut
from app.db.session import Sessions
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.kit.paging import Keyset, Page

router = APIRouter(tags=["openness"])
Buyer = Annotated[Caller, CallerDep("matches:read")]
_ENTRIES = Keyset("audit.entries", TypeAdapter(tuple[int]))
_TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv"}


@router.get("/tenders/{tender_id:uuid}/audit", responses=problems(NotFound))
async def list_audit_entries(
    tender_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Buyer,
    db: ReadSessionDep,
    page: PageParams,
) -> Page[AuditEntryOut]:
    """Who looked at candidates of your call, mirrored it, invited or froze a list: each step dated and chained."""
    after = page.after(_ENTRIES)
    rows = await service.entries(db, caller, TenderId(tender_id), after[0] if after else 0, page.limit + 1)
    found = Page[AuditEntryOut](
        items=[service.out(row) for row in rows[: page.limit]],
        next=page.next_cursor(rows, _ENTRIES, lambda row: (row.number,)),
    )
    return with_link(request, response, found)


@router.get(
    "/tenders/{tender_id:uuid}/audit/export",
    response_class=Response,
    responses={
        200: {"description": "The trail.", "content": {media_type: {} for media_type in _TYPES.values()}},
        **problems(NotFound),
    },
)
async def export_audit_trail(
    tender_id: uuid.UUID,
    request: Request,
    caller: Buyer,
    db: ReadSessionDep,
    form: Annotated[service.ExportFormat, Query(alias="format", description="JSON lines, or CSV.")] = "jsonl",
) -> Response:
    """The whole trail as a file: what an inspection asks for."""
    await service.entries(db, caller, TenderId(tender_id), 0, 1)
    sessions: Sessions = request.state.read_sessions
    return StreamingResponse(
        service.export(sessions, caller, TenderId(tender_id), form),
        media_type=_TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="audit-{tender_id}.{form}"'},
    )
