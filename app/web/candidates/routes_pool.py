"""The map of the pool: all startups that buyers see, or the candidates of one call."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import TypeAdapter

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.audit import service as audit
from app.db.base import JsonObject
from app.kit.ids import TenderId
from app.kit.paging import Keyset
from app.matches.documents import tender_doc_of_row
from app.models.audit_entry import AuditAction
from app.openness.deps import MeansDep
from app.openness.service import suitable
from app.openness.telling import told
from app.startups.counting import count_startups, places_named, written_sectors
from app.startups.repository import StartupRepository
from app.web.candidates.filters import SIZES, read_filters
from app.web.candidates.listing import region_names
from app.web.candidates.pool import SIZE_BOUNDS, Whose, pool_view, top_sectors
from app.web.candidates.routes import BUYERS, own_call
from app.web.charts.morocco import HEIGHT, WIDTH
from app.web.pages import page, page_router
from app.web.rendering import link
from app.web.visitor import Guard, VisitorDep

router = page_router("/pool")
Reader = Annotated[Caller, Depends(Guard("matches:read", *BUYERS))]
_BY_NAME = Keyset("web.pool.name", TypeAdapter(tuple[str, uuid.UUID]))


@router.get("", name="pool")
async def show_pool(
    request: Request,
    visitor: VisitorDep,
    caller: Reader,
    db: ReadSessionDep,
    pages: PageParams,
    now: NowDep,
    means: MeansDep,
    writing: SessionDep,
    call: Annotated[uuid.UUID | None, Query()] = None,
) -> Response:
    """Startups by region, sector and size, and their public profiles; or the candidates of a call, counted."""
    filters, lang = read_filters(request.query_params), visitor.lang
    wanted = filters.of_startups(await places_named(db, caller) if filters.region else ())
    tender, only, whose = None, None, Whose("/pool")
    if call is not None:
        tender_id = TenderId(call)
        tender = await own_call(db, caller, tender_id)
        only, _ = await suitable(means, tender_doc_of_row(tender_id, tender.record))
        whose = Whose("/pool", str(call), small_hidden=True)
        details: JsonObject = {"map": dict(filters.given), "suitable": told(len(only))}
        await audit.record(writing, caller, tender_id, AuditAction.MIRROR_VIEWED, details, now)
    counts = await count_startups(db, caller, wanted, SIZE_BOUNDS, only)
    written = await written_sectors(db, caller, [key for key, _ in top_sectors(counts)])
    found = []
    if call is None:
        found = await StartupRepository(db).by_name(caller, wanted, pages.after(_BY_NAME), pages.limit + 1)
    following = pages.next_cursor(found, _BY_NAME, lambda line: (line.sort_name, line.id))
    return page(
        request,
        "candidates/pool.html",
        call=tender,
        call_id=call,
        view=pool_view(counts, written, filters, whose, lang),
        map_size=(WIDTH, HEIGHT),
        found=found[: pages.limit],
        next=link("/pool", **filters.given, cursor=following) if following else None,
        first=link("/pool", **filters.given) if pages.cursor else None,
        at=now,
        filters=filters,
        given=filters.given,
        regions=region_names(lang),
        sizes=tuple(SIZES),
        sectors=sorted(written.values()),
        labels=[],
    )
