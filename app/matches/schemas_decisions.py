"""Decisions, feedback and errors of notices on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema
from app.models.decision import DecisionKind, FeedbackVerdict, NoticeErrorOutcome, NoticePart
from app.startups.schemas import StartupSummary
from app.tenders.schemas import TenderSummary


class DecisionIn(Schema):
    """What is decided about a pair."""

    kind: DecisionKind
    note: Annotated[str | None, Field(max_length=2_000)] = None


class DecisionOut(OutSchema):
    """A standing decision."""

    tender_id: uuid.UUID
    startup_id: uuid.UUID
    kind: DecisionKind
    note: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class ShortlistItem(DecisionOut):
    """A decision of a buyer, with the startup it is about."""

    startup: StartupSummary


class NoticeErrorAnswerIn(Schema):
    """What became of an error told of in a notice."""

    outcome: NoticeErrorOutcome = Field(
        description="`as_published`: the notice says so where it was published, and only whoever calls can mend it."
    )
    answer: Annotated[str | None, Field(max_length=2_000, description="In words, for whoever told of it.")] = None


class NoticeErrorAnswerOut(OutSchema):
    """What became of an error told of in a notice."""

    outcome: NoticeErrorOutcome
    answer: str | None
    answered_at: dt.datetime


class NoticeErrorOut(OutSchema):
    """That somebody found an error in a call's notice; who is not told."""

    id: uuid.UUID
    tender: TenderSummary
    part: NoticePart | None = Field(description="Which part of the notice is wrong; null where that was not told.")
    passage: str | None = Field(description="What the notice says there now, at most 500 characters of it.")
    because: str | None
    answered: NoticeErrorAnswerOut | None = Field(description="What became of it; null while it is open.")
    created_at: dt.datetime


class PartnerWantedOut(OutSchema):
    """A listed startup that looks for a partner for a call."""

    startup: StartupSummary
    since: dt.datetime


class InvitationOut(OutSchema):
    """An invitation as the invited startup sees it."""

    tender: TenderSummary
    startup_id: uuid.UUID
    note: str | None
    invited_at: dt.datetime


class FeedbackIn(Schema):
    """A person's word on a match; `notice_error`: on the call's notice, which teaches the ranking nothing."""

    tender_id: uuid.UUID
    startup_id: uuid.UUID
    verdict: FeedbackVerdict
    because: Annotated[str | None, Field(max_length=2_000)] = None
    part: NoticePart | None = Field(default=None, description="For `notice_error`: which part of the notice is wrong.")

    @model_validator(mode="after")
    def _part_of_a_notice(self) -> Self:
        if self.part is not None and self.verdict is not FeedbackVerdict.NOTICE_ERROR:
            raise PydanticCustomError("part_of_notice", "`part` belongs to `notice_error`")
        return self


class FeedbackOut(OutSchema):
    """What was said."""

    id: uuid.UUID
    tender_id: uuid.UUID
    startup_id: uuid.UUID
    verdict: FeedbackVerdict
    because: str | None
    part: NoticePart | None
    score: float | None = Field(description="The score of the pair when this was said.")
    created_at: dt.datetime
