"""The calls of a buyer: the list, one call, its versions, and the steps from a draft to the end."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from sqlalchemy.engine import RowMapping

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.errors import NotFound
from app.kit.ids import TenderId
from app.kit.schemas import CleanStr
from app.matches.kept import KeptMatches
from app.matches.notice_errors import open_by_source
from app.models.organisation import OrganisationKind
from app.models.tender import TenderStatus
from app.openness.facts import FactsKeeper
from app.requirements import service as requirements
from app.tenders import browse, service
from app.tenders.filters import TenderFilters
from app.tenders.service import Edit, tender_etag
from app.tenders.states import Action
from app.web.forms import sent_form
from app.web.officer.mirror import TOLD
from app.web.officer.showing import LATEST, STEPS, changes, latest, missing, said, shown_of, steps_at, warnings
from app.web.pages import page, page_router, see_other
from app.web.tender.asked import demands_of
from app.web.visitor import Guard, VisitorDep

router = page_router("/calls")
_KINDS = (OrganisationKind.BUYER, OrganisationKind.OPERATOR)
Reader = Annotated[Caller, Depends(Guard("tenders:read", *_KINDS))]
Writer = Annotated[Caller, Depends(Guard("tenders:write", *_KINDS))]


@router.get("")
async def list_calls(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    asked: PageParams,
    state: Annotated[str, Query(max_length=20)] = "",
    q: Annotated[CleanStr, Query(max_length=300)] = "",
) -> Response:
    """The organisation's own calls, in one state or all, closing soonest first."""
    wanted = [each for each in TenderStatus if each.value == state]
    filters = TenderFilters(statuses=wanted, own=True, q=q.strip() or None)
    found = await browse.listed(db, caller, filters, "deadline", asked)
    published = [call.id for call in found.items if call.status is TenderStatus.PUBLISHED]
    reads_matches = "matches:read" in caller.scopes
    kept = await KeptMatches(db).counted(caller, published) if reads_matches else {}
    errors = sum((await open_by_source(db, caller)).values()) if reads_matches else 0
    amounts = {call.id: Decimal(str(call.value.amount)) for call in found.items if call.value}
    return page(
        request, "officer/calls.html", calls=found.items, amounts=amounts, kept=kept, errors=errors,
        following=found.next, state=state, q=q,
        states=[each.value for each in TenderStatus if each is not TenderStatus.PLANNED],
    )  # fmt: skip


@router.get("/{tender_id:uuid}")
async def show_call(
    tender_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, visitor: VisitorDep
) -> Response:
    """One call: where it stands, what may be done now, what it says and asks."""
    row = await browse.own(db, caller, TenderId(tender_id))
    asked = await requirements.show(db, caller, TenderId(tender_id))
    documents = await requirements.documents(db, caller, TenderId(tender_id))
    steps, _ = await browse.timeline(db, caller, TenderId(tender_id), None)
    return page(
        request, "officer/call.html", call=row, steps=steps_at(row["status"]), fields=said(row["record"], visitor.lang),
        asked=[one for one in demands_of(asked, visitor.lang) if one.kind not in TOLD],
        pending=asked.pending, documents=documents, latest=latest(steps[:LATEST], visitor.lang),
        writes="tenders:write" in caller.scopes,
    )  # fmt: skip


@router.get("/{tender_id:uuid}/preview")
async def preview_call(
    tender_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, visitor: VisitorDep
) -> Response:
    """A call as a founder will see it."""
    row = await browse.own(db, caller, TenderId(tender_id))
    return page(request, "officer/preview.html", call=row, shown=shown_of(row, visitor.lang))


@router.get("/{tender_id:uuid}/versions")
async def list_versions(
    tender_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep, visitor: VisitorDep,
    before: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Response:  # fmt: skip
    """What a call said and when, the latest first."""
    row = await browse.own(db, caller, TenderId(tender_id))
    steps, further = await browse.timeline(db, caller, TenderId(tender_id), before)
    told = [(one, changes(one.changes, visitor.lang)) for one in steps]
    return page(request, "officer/versions.html", call=row, versions=told, following=further)


@router.get("/{tender_id:uuid}/step/{step}")
async def confirm_step(
    tender_id: uuid.UUID, step: str, request: Request, caller: Writer, db: ReadSessionDep, visitor: VisitorDep,
    now: NowDep,
) -> Response:  # fmt: skip
    """What a step means, before it is taken."""
    row = await browse.own(db, caller, TenderId(tender_id))
    if step in STEPS and Action(step) not in steps_at(row["status"]):
        return see_other(request, f"/calls/{tender_id}")  # the way back, once it was taken
    action = _action(step, row)
    keeper: FactsKeeper = request.state.facts
    told = await warnings(db, keeper, row, now, visitor.lang) if action is Action.PUBLISH else []
    return page(
        request, "officer/step.html", call=row, step=action.value, warnings=told,
        missing=missing(row["record"]) if action is Action.PUBLISH else (),
        over=row["deadline_at"] is not None and row["deadline_at"] < now,
        shown=shown_of(row, visitor.lang),
    )  # fmt: skip


@router.post("/{tender_id:uuid}/step/{step}")
async def take_step(
    tender_id: uuid.UUID, step: str, request: Request, caller: Writer, db: SessionDep, now: NowDep
) -> Response:
    """Take it, if the call still says what was looked at; otherwise look again."""
    form = await sent_form(request)
    row = await browse.own(db, caller, TenderId(tender_id))
    action = _action(step, row)
    if form.value("version") != str(row["version"]):
        return see_other(request, f"/calls/{tender_id}/step/{step}", done="call-changed")
    etag = tender_etag(row["id"], row["version"], row["simplified_access"])
    edit = Edit(caller, TenderId(tender_id), now, etag)
    if action is Action.DELETE:
        await service.discard(db, edit)
        return see_other(request, "/calls", done="call-delete")
    await service.move(db, edit, action)
    return see_other(request, f"/calls/{tender_id}", done=f"call-{action.value}")


def _action(step: str, row: RowMapping) -> Action:
    """The step of that name, if the call may take it now; a link to another is a dead one."""
    action = next((each for each in STEPS if each.value == step), None)
    if action is None or action not in steps_at(row["status"]):
        raise NotFound
    return action
