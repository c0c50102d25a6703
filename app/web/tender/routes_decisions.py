"""What a founder does about a call: keep it or not, look for a partner, note a bid and its end, ask for a meeting."""

from __future__ import annotations

import contextlib
import uuid
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.kit.errors import AppError, NotFound, ValidationFailed
from app.kit.ids import TenderId
from app.kit.schemas import Schema
from app.matches import deciding
from app.matches.decisions import Pair
from app.matches.schemas_decisions import DecisionIn, FeedbackIn
from app.models.decision import DecisionKind, FeedbackVerdict, NoticePart
from app.support import meetings
from app.support.schemas import MeetingIn
from app.web.forms import Form, read, sent_form
from app.web.local_time import at_home
from app.web.meetings.typed import MeetingForm
from app.web.pages import local_path, page, page_router, see_other
from app.web.startups import StartupParam
from app.web.tender.opening import Actor, Opened, lang_of, opened

router: APIRouter = page_router("/tenders/{tender_id:uuid}")
_LONGEST_REASON = 2_000


class DecisionForm(Schema):
    """A decision: ``next`` is the page to go back to."""

    startup: str | None = None
    kind: DecisionKind
    reason: Annotated[str | None, Field(max_length=_LONGEST_REASON)] = None
    next: str | None = None


class TakeBackForm(Schema):
    """A decision taken back."""

    startup: str | None = None
    next: str | None = None


class FeedbackForm(Schema):
    """A word on a match, or on the notice."""

    startup: str | None = None
    verdict: FeedbackVerdict
    because: Annotated[str | None, Field(max_length=_LONGEST_REASON)] = None
    part: NoticePart | None = None
    next: str | None = None


@router.post("/decision")
async def decide(tender_id: uuid.UUID, request: Request, caller: Actor, db: SessionDep, now: NowDep) -> Response:
    """Save, dismiss, look for a partner, or note a bid; the last decision stands."""
    sent, _ = read(DecisionForm, await sent_form(request), lang_of(request))
    if sent is None:
        raise ValidationFailed
    here, pair = await _pair(db, caller, tender_id, sent.startup)
    await deciding.decide_as_startup(db, caller, pair, DecisionIn(kind=sent.kind, note=sent.reason), now)
    return see_other(request, local_path(sent.next, here.view("")), done=f"decision-{sent.kind.value}")


@router.post("/undecide")
async def undecide(tender_id: uuid.UUID, request: Request, caller: Actor, db: SessionDep) -> Response:
    """Take a decision back; one that is gone already stays gone."""
    sent, _ = read(TakeBackForm, await sent_form(request), lang_of(request))
    if sent is None:
        raise ValidationFailed
    here, pair = await _pair(db, caller, tender_id, sent.startup)
    with contextlib.suppress(NotFound):
        await deciding.take_back(db, caller, pair)
    return see_other(request, local_path(sent.next, here.view("")), done="decision-undone")


@router.post("/feedback")
async def give_feedback(tender_id: uuid.UUID, request: Request, caller: Actor, db: SessionDep, now: NowDep) -> Response:
    """Say how a bid ended, whether the match is right, or what is wrong in the notice."""
    sent, _ = read(FeedbackForm, await sent_form(request), lang_of(request))
    if sent is None:
        raise ValidationFailed
    here, pair = await _pair(db, caller, tender_id, sent.startup)
    said = FeedbackIn(
        tender_id=pair.tender_id, startup_id=pair.startup_id, verdict=sent.verdict, because=sent.because,
        part=sent.part if sent.verdict is FeedbackVerdict.NOTICE_ERROR else None,
    )  # fmt: skip
    await deciding.give_feedback(db, caller, said, now)
    return see_other(request, local_path(sent.next, here.view("")), done=f"feedback-{sent.verdict.value}")


@router.get("/meeting")
async def show_meeting_form(
    tender_id: uuid.UUID, request: Request, caller: Actor, db: ReadSessionDep, startup: StartupParam = None
) -> Response:
    """The form that asks the buyer for a meeting."""
    here, _ = await _pair(db, caller, tender_id, startup)
    return page(request, "tender/meeting.html", here=here, form=Form())


@router.post("/meeting")
async def ask_for_meeting(
    tender_id: uuid.UUID, request: Request, caller: Actor, db: SessionDep, now: NowDep
) -> Response:
    """Ask the buyer for a meeting; refused while bidders compete for a public call."""
    lang, form = lang_of(request), await sent_form(request)
    here, pair = await _pair(db, caller, tender_id, form.value("startup") or None)
    sent, form = read(MeetingForm, form, lang)
    if sent is not None:
        wanted = MeetingIn(
            startup_id=pair.startup_id, tender_id=pair.tender_id, topic=sent.topic, contact=sent.contact,
            starts_at=at_home(sent.starts_at), minutes=sent.minutes, place=sent.place,
        )  # fmt: skip
        try:
            made = await meetings.ask(db, caller, wanted, now)
        except AppError as error:
            form = form.refused(error, lang)
        else:
            return see_other(request, f"/meetings/{made}", done="meeting-sent")
    return page(request, "tender/meeting.html", 422, here=here, form=form)


async def _pair(db: SessionDep, caller: Actor, tender_id: uuid.UUID, startup: str | None) -> tuple[Opened, Pair]:
    here = await opened(db, caller, tender_id, startup)
    if here.choice is None:
        raise NotFound
    return here, Pair(TenderId(tender_id), here.choice.id)
