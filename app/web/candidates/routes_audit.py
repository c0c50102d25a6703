"""The audit trail of a call, its frozen lists, and what was decided about startups."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final, Literal, cast

from fastapi import Path, Query, Request
from fastapi.responses import Response, StreamingResponse
from pydantic import JsonValue, TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.audit import service as audit
from app.db.session import Sessions
from app.kit.ids import TenderId
from app.kit.paging import Keyset
from app.matches import deciding
from app.matches.cards import startup_cards
from app.matches.deps import ReadSessionsDep
from app.models.audit_entry import AuditEntry
from app.openness import service as openness
from app.openness.deps import MeansDep
from app.openness.repository import OpennessRepository
from app.startups.schemas import StartupSummary
from app.support.meeting_repository import MeetingRepository
from app.web.candidates.routes import Reader, Writer, own_call
from app.web.pages import page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import VisitorDep

router = page_router("/calls/{tender_id:uuid}")
_ENTRIES: Final = Keyset("web.audit", TypeAdapter(tuple[int]))
_FROZEN: Final = Keyset("web.frozen", TypeAdapter(tuple[int]))
_DECIDED: Final = Keyset("web.shortlist", TypeAdapter(tuple[dt.datetime, uuid.UUID]))
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_TYPES: Final = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}
"""Of the exports of a trail."""


@dataclass(frozen=True, slots=True)
class Step:
    """An entry as it is read. ``shown``: how many startups it is about; ``startup``: the only one of a decision."""

    entry: AuditEntry
    shown: int | None
    startup: StartupSummary | None
    unlisted: bool
    how: dict[str, JsonValue]
    own: bool


@router.get("/audit")
async def show_trail(
    request: Request,
    tender_id: uuid.UUID,
    caller: Reader,
    db: ReadSessionDep,
    sessions: ReadSessionsDep,
    pages: PageParams,
    whole: Annotated[str | None, Query(alias="check", max_length=5)] = None,
) -> Response:
    """The steps of the trail, and whether they follow from each other; with ``check``, of the whole of it."""
    call_id, after = TenderId(tender_id), pages.after(_ENTRIES)
    first = after[0] if after else 0
    # One more before the first, which it must follow, and one more after the last, which tells of a next page.
    rows = list(await audit.entries(db, caller, call_id, max(0, first - 1), pages.limit + 1 + bool(first)))
    before = rows.pop(0) if first and rows and rows[0].number == first else None
    checked = audit.check_page(before, rows)
    if whole:
        checked = await audit.check_trail(sessions, caller, call_id)
    following = pages.next_cursor(rows, _ENTRIES, lambda row: (row.number,))
    shown = rows[: pages.limit]
    path = f"/calls/{tender_id}/audit"
    call = await OpennessRepository(db).own_tender(caller, call_id)  # none any more: a draft that was deleted
    return page(
        request,
        "candidates/audit.html",
        call_id=tender_id,
        call=call[0] if call else None,
        steps=await _steps(db, caller, shown),
        checked=checked,
        whole=bool(whole),
        next=link(path, cursor=following) if following else None,
        first=path if first else None,
    )


@router.get("/audit.{form}")
async def export_trail(
    request: Request, tender_id: uuid.UUID, form: Literal["csv", "jsonl"], caller: Reader, db: ReadSessionDep
) -> Response:
    """The whole trail as a file: what an inspection asks for."""
    await audit.entries(db, caller, TenderId(tender_id), 0, 1)
    sessions: Sessions = request.state.read_sessions
    return StreamingResponse(
        audit.export(sessions, caller, TenderId(tender_id), form),
        media_type=_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="audit-{tender_id}.{form}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@router.get("/frozen")
async def show_frozen(
    request: Request, tender_id: uuid.UUID, caller: Reader, db: ReadSessionDep, pages: PageParams
) -> Response:
    """The frozen lists of a call."""
    call_id, before = TenderId(tender_id), pages.after(_FROZEN)
    call = await own_call(db, caller, call_id)
    rows = await audit.frozen(db, caller, call_id, before[0] if before else None, pages.limit + 1)
    following = pages.next_cursor(rows, _FROZEN, lambda row: (row.number,))
    path = f"/calls/{tender_id}/frozen"
    return page(
        request,
        "candidates/frozen.html",
        call_id=tender_id,
        call=call,
        lists=rows[: pages.limit],
        next=link(path, cursor=following) if following else None,
        first=path if before else None,
    )


@router.post("/frozen")
async def freeze(
    request: Request,
    tender_id: uuid.UUID,
    visitor: VisitorDep,
    caller: Writer,
    means: MeansDep,
    db: SessionDep,
    now: NowDep,
) -> Response:
    """Keep the candidates as they are now, for good."""
    asked = openness.Asked(caller, now, visitor.lang)
    made = await openness.freeze(means, db, asked, TenderId(tender_id))
    return see_other(request, f"/calls/{tender_id}/frozen/{made.entry.number}", done="candidates-frozen")


@router.get("/frozen/{number}")
async def show_frozen_list(
    request: Request, tender_id: uuid.UUID, number: Number, caller: Reader, db: ReadSessionDep
) -> Response:
    """A frozen list, with the names that profiles have now, and whether its hash agrees with it."""
    entry = await audit.frozen_list(db, caller, TenderId(tender_id), number)
    listed = cast("list[dict[str, str]]", entry.details["candidates"])
    cards = await startup_cards(db, [uuid.UUID(each["startup_id"]) for each in listed])
    return page(
        request,
        "candidates/frozen_list.html",
        call_id=tender_id,
        call=await own_call(db, caller, TenderId(tender_id)),
        entry=entry,
        sealed=entry.details["list_hash"],
        intact=audit.list_hash([dict(each) for each in listed]).hex() == entry.details["list_hash"],
        entry_hash=entry.hash.hex(),
        lines=[(each, cards.get(uuid.UUID(each["startup_id"]))) for each in listed],
    )


@router.get("/shortlist")
async def show_shortlist(
    request: Request, tender_id: uuid.UUID, caller: Reader, db: ReadSessionDep, pages: PageParams
) -> Response:
    """What was decided about startups: whom one shortlisted, invited and dismissed."""
    call_id = TenderId(tender_id)
    call = await own_call(db, caller, call_id)
    after = pages.after(_DECIDED)
    rows = [] if call.status == "draft" else await deciding.shortlist(db, caller, call_id, after, pages.limit + 1)
    following = pages.next_cursor(rows, _DECIDED, lambda row: (row.created_at, row.startup_id))
    items = await deciding.shortlist_items(db, rows[: pages.limit])
    ids = [item.startup_id for item in items]
    path = f"/calls/{tender_id}/shortlist"
    return page(
        request,
        "candidates/shortlist.html",
        call_id=tender_id,
        call=call,
        items=items,
        meetings=await MeetingRepository(db).states_of_call(caller, tender_id, ids) if ids else {},
        next=link(path, cursor=following) if following else None,
        first=path if after else None,
    )


async def _steps(db: AsyncSession, caller: Caller, rows: Sequence[AuditEntry]) -> list[Step]:
    about = {row.number: uuid.UUID(str(row.details["startup_id"])) for row in rows if "startup_id" in row.details}
    cards = await startup_cards(db, sorted(set(about.values())))
    return [_step(caller, row, cards.get(about[row.number]) if row.number in about else None) for row in rows]


def _step(caller: Caller, row: AuditEntry, startup: StartupSummary | None) -> Step:
    listed = row.details.get("startup_ids", row.details.get("candidates"))
    return Step(
        entry=row,
        shown=len(listed) if isinstance(listed, list) else None,
        startup=startup,
        unlisted=startup is None and "startup_id" in row.details,
        how=row.details,
        own=row.organisation_id == caller.organisation_id,
    )
