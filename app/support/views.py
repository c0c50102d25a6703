"""Rows of meetings and offers as their readers may see them."""

from __future__ import annotations

from app.accounts.caller import Caller
from app.models.meeting import Meeting, MeetingState, Side
from app.models.support_offer import SupportOffer
from app.support.meetings import side_of
from app.support.schemas import MeetingOut, OfferOut, Party

_PLAIN = (
    "id", "state", "asked_by", "tender_id", "pilot_id", "topic", "starts_at", "minutes", "place", "note",
    "created_at", "updated_at",
)  # fmt: skip
_OFFERED = (
    "id", "kind", "title", "description", "gaps", "country", "regions", "languages", "valid_from", "valid_until",
    "url", "created_at", "updated_at",
)  # fmt: skip


def meeting_view(meeting: Meeting, startup: str, buyer: str, caller: Caller) -> MeetingOut:
    """A meeting as one of its sides sees it: the other's contact only once it is accepted, and while it is."""
    you = side_of(caller, meeting)
    contacts = (meeting.startup_contact, meeting.buyer_contact)
    yours, theirs = contacts if you is Side.STARTUP else contacts[::-1]
    return MeetingOut.model_validate(
        {
            **{name: getattr(meeting, name) for name in _PLAIN},
            "you": you,
            "turn": meeting.turn if meeting.state is MeetingState.ASKED else None,
            "startup": Party(id=meeting.startup_id, name=startup),
            "buyer": Party(id=meeting.buyer_id, name=buyer),
            "your_contact": yours,
            "their_contact": theirs if meeting.state is MeetingState.ACCEPTED else None,
        }
    )


def offer_view(offer: SupportOffer, provider: str) -> OfferOut:
    """An offer with who makes it."""
    told = {name: getattr(offer, name) for name in _OFFERED}
    return OfferOut.model_validate({**told, "provider": Party(id=offer.provider_id, name=provider)})
