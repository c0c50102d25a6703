"""Errors told of in notices: the list, open or answered, and the answers."""

from __future__ import annotations

import uuid
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.errors import ValidationFailed
from app.kit.schemas import CleanStr
from app.matches import notice_errors
from app.matches.endpoints_notice_errors import ERRORS
from app.matches.notice_error_repository import NoticeErrorFilters
from app.matches.schemas_decisions import NoticeErrorAnswerIn
from app.models.decision import NoticeErrorOutcome
from app.models.organisation import OrganisationKind
from app.web.forms import read, sent_form
from app.web.pages import local_path, page, page_router, see_other
from app.web.rendering import link
from app.web.tender.notice import amount_of
from app.web.visitor import Guard, VisitorDep

router = page_router("/notice-errors")

_KINDS: Final = (OrganisationKind.BUYER, OrganisationKind.OPERATOR)
Reader = Annotated[Caller, Depends(Guard("matches:read", *_KINDS))]
Mender = Annotated[Caller, Depends(Guard("matches:write", *_KINDS))]

_HERE: Final = "/notice-errors"
_STATES: Final = ("open", "answered", "all")
_ANSWERED: Final = {"open": False, "answered": True, "all": None}


@router.get("")
async def show_errors(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    asked: PageParams,
    state: Annotated[str, Query(max_length=20)] = "open",
    source: Annotated[CleanStr, Query(max_length=200)] = "",
) -> Response:
    """What was told of, the latest first; what is open if nothing else is asked for."""
    shown = state if state in _STATES else "open"
    filters = NoticeErrorFilters(_ANSWERED[shown], source or None)
    before = asked.after(ERRORS)
    found = await notice_errors.told(db, caller, filters, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(found, ERRORS, lambda row: (row.id,))
    waiting = await notice_errors.open_by_source(db, caller)
    items = await notice_errors.items(db, found[: asked.limit])
    here = link(_HERE, state=shown, source=source)
    return page(
        request,
        "notice_errors/list.html",
        told=[(one, amount_of(one.tender.value)) for one in items],
        state=shown,
        states=_STATES,
        source=source,
        sources=[(name, title, count) for (name, title), count in waiting.items() if name is not None],
        waiting=sum(waiting.values()),
        outcomes=[outcome.value for outcome in NoticeErrorOutcome],
        here=here,
        next=link(_HERE, state=shown, source=source, cursor=following) if following else None,
        first=here if asked.cursor else None,
        may_write="matches:write" in caller.scopes,
    )


@router.post("/{error_id:uuid}/answer")
async def answer(
    error_id: uuid.UUID, request: Request, caller: Mender, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Say what became of one."""
    form = await sent_form(request)
    said, _ = read(NoticeErrorAnswerIn, form, visitor.lang)
    if said is None:
        raise ValidationFailed
    await notice_errors.answer(db, caller, error_id, said, now)
    return see_other(request, local_path(form.value("next"), _HERE), done="notice-answered")


@router.post("/{error_id:uuid}/reopen")
async def reopen(error_id: uuid.UUID, request: Request, caller: Mender, db: SessionDep) -> Response:
    """Take an answer back."""
    await notice_errors.reopen(db, caller, error_id)
    return see_other(request, local_path((await sent_form(request)).value("next"), _HERE), done="notice-reopened")
