"""Meetings: those of an organisation, one of them with what may be done now, and the form that asks for one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep
from app.kit.errors import AppError, NotFound
from app.kit.ids import StartupId, TenderId
from app.models.meeting import MeetingState
from app.models.organisation import OrganisationKind
from app.pilots import service as pilots
from app.startups import service as startups
from app.support import meetings
from app.support.endpoints_meetings import NEWEST
from app.support.meeting_repository import MeetingRepository
from app.support.meetings import Step
from app.support.schemas import Acceptance, Answer, MeetingIn, MeetingOut
from app.support.views import meeting_view
from app.tenders import browse
from app.web.forms import Form, filled, read, sent_form
from app.web.local_time import at_home, field_of
from app.web.meetings.typed import MeetingForm, ProposalForm
from app.web.pages import page, page_router, see_other
from app.web.rendering import link
from app.web.visitor import Guard, VisitorDep

router = page_router("/meetings")

Reader = Annotated[Caller, Depends(Guard("support:read"))]
Writer = Annotated[Caller, Depends(Guard("support:write"))]

_HERE: Final = "/meetings"
_STATES: Final = tuple(MeetingState)
_FORMS: Final[dict[Step, type[BaseModel]]] = {
    Step.ACCEPT: Acceptance, Step.PROPOSE: ProposalForm, Step.DECLINE: Answer, Step.WITHDRAW: Answer,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Subject:
    """What a meeting is about, with the page of it where the reader may see that."""

    kind: str
    title: str | None
    path: str | None


@router.get("")
async def list_meetings(
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    asked: PageParams,
    state: Annotated[str, Query(max_length=20)] = "",
) -> Response:
    """Requests that were made or got, the newest first."""
    wanted = [each for each in _STATES if each.value == state]
    before = asked.after(NEWEST)
    rows = await MeetingRepository(db).newest(caller, wanted, before[0] if before else None, asked.limit + 1)
    following = asked.next_cursor(rows, NEWEST, lambda row: (row[0].id,))
    return page(
        request,
        "meetings/list.html",
        meetings=[meeting_view(*row, caller) for row in rows[: asked.limit]],
        states=[each.value for each in _STATES],
        state=state,
        next=link(_HERE, state=state, cursor=following) if following else None,
        first=link(_HERE, state=state) if asked.cursor else None,
    )


@router.get("/new")
async def show_form(
    request: Request,
    caller: Writer,
    db: ReadSessionDep,
    startup: uuid.UUID,
    tender: uuid.UUID | None = None,
    pilot: uuid.UUID | None = None,
) -> Response:
    """The form that asks the other side: a buyer's or a startup's, about a call or a pilot."""
    return await _form_page(request, db, caller, _Asked(startup, tender, pilot), Form())


@router.post("/new")
async def ask(
    request: Request,
    caller: Writer,
    visitor: VisitorDep,
    db: SessionDep,
    now: NowDep,
    startup: uuid.UUID,
    tender: uuid.UUID | None = None,
    pilot: uuid.UUID | None = None,
) -> Response:
    """Ask for a meeting."""
    about = _Asked(startup, tender, pilot)
    sent, form = read(MeetingForm, await sent_form(request), visitor.lang)
    if sent is None:
        return await _form_page(request, db, caller, about, form)
    about.check()
    wanted = MeetingIn(
        startup_id=startup, tender_id=tender, pilot_id=pilot, topic=sent.topic, contact=sent.contact,
        starts_at=at_home(sent.starts_at), minutes=sent.minutes, place=sent.place,
    )  # fmt: skip
    try:
        made = await meetings.ask(db, caller, wanted, now)
    except NotFound:
        raise
    except AppError as error:
        return await _form_page(request, db, caller, about, form.refused(error, visitor.lang))
    return see_other(request, f"{_HERE}/{made}", done="meeting-sent")


@router.get("/{meeting_id:uuid}")
async def show_meeting(meeting_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """One meeting; the other's contact once it is agreed."""
    return await _shown(request, db, caller, meeting_id, Form())


@router.post("/{meeting_id:uuid}/{step}")
async def take_step(
    meeting_id: uuid.UUID, step: Step, request: Request, caller: Writer, visitor: VisitorDep, db: SessionDep,
    now: NowDep,
) -> Response:  # fmt: skip
    """Accept, propose another time, decline, or call off."""
    said, form = read(_FORMS[step], await sent_form(request), visitor.lang)
    if said is not None:
        try:
            await _take(db, caller, meeting_id, step, said, now)
        except NotFound:
            raise
        except AppError as error:
            form = form.refused(error, visitor.lang)
        else:
            return see_other(request, f"{_HERE}/{meeting_id}", done=f"meeting-{step.value}")
    return await _shown(request, db, caller, meeting_id, form)


async def _take(
    db: AsyncSession, caller: Caller, meeting_id: uuid.UUID, step: Step, said: BaseModel, now: dt.datetime
) -> None:
    match said:
        case Acceptance():
            await meetings.accept(db, caller, meeting_id, said, now)
        case ProposalForm():
            await meetings.propose(db, caller, meeting_id, said.proposal(), now)
        case Answer() if step is Step.DECLINE:
            await meetings.decline(db, caller, meeting_id, said, now)
        case Answer():
            await meetings.withdraw(db, caller, meeting_id, said, now)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which startup, and about what: a call or a pilot."""

    startup_id: uuid.UUID
    tender_id: uuid.UUID | None
    pilot_id: uuid.UUID | None

    def check(self) -> None:
        """Refuse an address that names none of the two, or both."""
        if (self.tender_id is None) == (self.pilot_id is None):
            raise NotFound

    @property
    def path(self) -> str:
        return link(
            f"{_HERE}/new", startup=str(self.startup_id), tender=str(self.tender_id or ""),
            pilot=str(self.pilot_id or ""),
        )  # fmt: skip


async def _form_page(request: Request, db: AsyncSession, caller: Caller, about: _Asked, form: Form) -> Response:
    about.check()
    startup = await startups.show(db, caller, StartupId(about.startup_id))
    return page(
        request,
        "meetings/new.html",
        422 if form.errors else 200,
        form=form,
        action=about.path,
        startup=startup,
        mine=startup.owner_id == caller.organisation_id,
        subject=await _subject(db, caller, about.tender_id, about.pilot_id),
    )


async def _shown(request: Request, db: AsyncSession, caller: Caller, meeting_id: uuid.UUID, form: Form) -> Response:
    row = await MeetingRepository(db).one(caller, meeting_id)
    if row is None:
        raise NotFound
    meeting = meeting_view(*row, caller)
    return page(
        request,
        "meetings/meeting.html",
        422 if form.errors else 200,
        meeting=meeting,
        other=meeting.buyer.name if meeting.you == "startup" else meeting.startup.name,
        subject=await _subject_if_seen(db, caller, meeting),
        form=form if form.values else _as_proposed(meeting),
        may_write="support:write" in caller.scopes,
    )


def _as_proposed(meeting: MeetingOut) -> Form:
    return filled(
        starts_at=field_of(meeting.starts_at),
        minutes=meeting.minutes,
        place=meeting.place,
    )


async def _subject_if_seen(db: AsyncSession, caller: Caller, meeting: MeetingOut) -> Subject:
    try:
        return await _subject(db, caller, meeting.tender_id, meeting.pilot_id)
    except NotFound:  # a draft of the buyer's that was talked over, or one that came to nothing
        return Subject("call" if meeting.tender_id is not None else "pilot", None, None)


async def _subject(
    db: AsyncSession, caller: Caller, tender_id: uuid.UUID | None, pilot_id: uuid.UUID | None
) -> Subject:
    """What a meeting is about.

    Raises:
        NotFound: it is not for this caller to see.
    """
    if pilot_id is not None:
        seen = await pilots.show(db, caller, pilot_id)
        return Subject("pilot", seen.pilot.title, f"/pilots/{pilot_id}")
    if tender_id is None:
        raise NotFound
    call = await browse.one(db, caller, TenderId(tender_id))
    own = call.own and caller.kind is OrganisationKind.BUYER
    return Subject("call", call.tender.title, f"/calls/{tender_id}" if own else f"/tenders/{tender_id}")
