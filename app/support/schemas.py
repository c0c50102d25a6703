"""Meetings, offers and aid on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from app.kit.schemas import OutSchema, Schema, UtcDatetime
from app.models.meeting import MeetingState, Side
from app.models.support_offer import SupportKind
from app.support.gaps import Gap
from scrapers.redaction import cleaned_text


def _without_contacts(text: str) -> str:
    if cleaned_text(text) != text:
        raise PydanticCustomError("contact_in_text", "holds an address or a number: put it into `contact`")
    return text


def _web(url: str) -> str:
    if not url.startswith(("https://", "http://")):
        raise PydanticCustomError("url_scheme", "is no web address")
    return url


Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]
OpenText = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000), AfterValidator(_without_contacts)
]
Place = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300), AfterValidator(_without_contacts)
]
Contact = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
Minutes = Annotated[int, Field(ge=10, le=480)]
Web = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000), AfterValidator(_web)]
_CONTACT = "How the other side reaches you, in your words; shown to it only once the meeting is accepted."


class MeetingTime(Schema):
    """When and where."""

    starts_at: UtcDatetime
    minutes: Minutes = 30
    place: Place = Field(description="An address, a room, or `online`.")


class MeetingIn(MeetingTime):
    """A request for a meeting about a call or a pilot."""

    startup_id: uuid.UUID = Field(description="Your startup, or for a buyer, the one you want to meet.")
    tender_id: uuid.UUID | None = None
    pilot_id: uuid.UUID | None = None
    topic: OpenText = Field(description="What about. Without addresses and numbers.")
    contact: Contact = Field(description=_CONTACT)

    @model_validator(mode="after")
    def _one_subject(self) -> Self:
        if (self.tender_id is None) == (self.pilot_id is None):
            raise PydanticCustomError("one_subject", "needs either a call or a pilot")
        return self


class Proposal(MeetingTime):
    """Another time."""

    note: OpenText | None = None
    contact: Contact | None = Field(default=None, description=_CONTACT)


class Acceptance(Schema):
    """A yes."""

    contact: Contact | None = Field(default=None, description=f"{_CONTACT} Needed unless you gave one before.")


class Answer(Schema):
    """A no, or a meeting called off."""

    note: OpenText | None = None


class Party(OutSchema):
    """One side of a meeting."""

    id: uuid.UUID
    name: str


class MeetingOut(OutSchema):
    """A request for a meeting, as one of its sides sees it."""

    id: uuid.UUID
    state: MeetingState
    you: Side
    asked_by: Side
    turn: Side | None = Field(description="Who has to answer; null once it is answered.")
    startup: Party
    buyer: Party
    tender_id: uuid.UUID | None
    pilot_id: uuid.UUID | None
    topic: str
    starts_at: dt.datetime
    minutes: int
    place: str
    note: str | None = Field(description="What was said with the last step.")
    your_contact: str | None
    their_contact: str | None = Field(description="Once the meeting is accepted.")
    created_at: dt.datetime
    updated_at: dt.datetime


class OfferBody(Schema):
    """What a partner organisation offers."""

    kind: SupportKind
    title: Line
    description: Text
    gaps: Annotated[list[Gap], Field(min_length=1, max_length=len(Gap))] = Field(description="Which gaps it closes.")
    country: Annotated[str | None, Field(pattern="^[A-Z]{2}$")] = Field(default=None, description="Null: anywhere.")
    regions: Annotated[list[Line], Field(max_length=50)] = Field(default=[], description="Empty: the whole country.")
    languages: Annotated[list[Annotated[str, Field(pattern="^[a-z]{2,3}$")]], Field(max_length=20)] = Field(
        default=[], description="Empty: any."
    )
    valid_from: dt.date
    valid_until: dt.date | None = Field(default=None, description="The last day; null if there is none yet.")
    url: Web | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.valid_until is not None and self.valid_until < self.valid_from:
            raise PydanticCustomError("window_order", "`valid_until` is before `valid_from`")
        return self


class OfferOut(OutSchema):
    """An offer of a partner organisation."""

    id: uuid.UUID
    provider: Party
    kind: SupportKind
    title: str
    description: str
    gaps: list[Gap]
    country: str | None
    regions: list[str]
    languages: list[str]
    valid_from: dt.date
    valid_until: dt.date | None
    url: str | None
    created_at: dt.datetime
    updated_at: dt.datetime


class AidOut(OutSchema):
    """A public or well-known programme of the catalogue."""

    id: str
    country: str
    name: str
    gives: str
    who: str = Field(description="Who may ask for it.")
    gaps: list[Gap]
    regions: list[str] = Field(description="Empty: the whole country.")
    source: str
    url: str | None
    as_of: dt.date = Field(description="When this was so, as far as is known.")
    confidence: Literal["primary", "secondary", "unverified"]


class SupportPage(OutSchema):
    """What closes a gap: offers, the newest first, and on the first page every programme of the catalogue."""

    notice: str = Field(description="What this is worth.")
    aid: list[AidOut]
    items: list[OfferOut]
    next: str | None = Field(description="Send it as `cursor` to get the next page; null on the last one.")
