"""Proposals: asked for, shown, confirmed with the owner's edits, discarded. Only a startup's owner does so."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.db.base import JsonObject
from app.jobs.messages import ProposeProfile
from app.jobs.queue import enqueue
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import StartupId, new_uuid
from app.models.profile_proposal import ProfileProposal, ProposalOrigin, ProposalState
from app.models.startup import Startup
from app.profiling.errors import OwnerOnly, ProposalNotReady, ProposalPending, WebsitesDisabled
from app.profiling.proposing import Draft
from app.profiling.repository import ProposalRepository
from app.profiling.schemas import ProfileFields, WebsiteIn
from app.startups import service as startups
from app.startups.visibility import sees_whole
from scrapers.records import StartupRecord


@dataclass(frozen=True, slots=True)
class Deck:
    """An uploaded deck that was read: its name, its SHA-256, and what was drafted from it."""

    filename: str
    sha256: str
    draft: Draft


async def owned(session: AsyncSession, caller: Caller, startup_id: StartupId) -> Startup:
    """The caller's own startup.

    Raises:
        NotFound: there is none, or none that the caller sees whole.
        OwnerOnly: the caller sees it, and it is not the caller's own.
    """
    startup = await startups.show(session, caller, startup_id)
    if startup.owner_id != caller.organisation_id:
        raise OwnerOnly if sees_whole(caller) else NotFound
    return startup


async def from_website(
    session: AsyncSession, caller: Caller, startup_id: StartupId, wanted: WebsiteIn, *, allowed: bool
) -> ProfileProposal:
    """Ask for a proposal from a website.

    Raises:
        NotFound, OwnerOnly: as for any proposal.
        WebsitesDisabled: whoever runs this installation has not allowed it.
        ValidationFailed: no address is given, and the profile has no usable one.
        ProposalPending: one is being made.
    """
    await owned(session, caller, startup_id)
    if not allowed:
        raise WebsitesDisabled
    startup = await startups.lock_for_change(session, caller, startup_id)
    address = wanted.url or _website_of(startup)
    repository = ProposalRepository(session)
    if await repository.is_pending(startup_id):
        raise ProposalPending
    proposal = _new(startup_id, caller, ProposalOrigin.WEBSITE, address)
    await repository.add(proposal)
    await enqueue(session, ProposeProfile(proposal_id=proposal.id))
    return proposal


async def from_deck(
    session: AsyncSession, caller: Caller, startup_id: StartupId, deck: Deck, now: dt.datetime
) -> ProfileProposal:
    """Enter the proposal that a deck made. Raises NotFound and OwnerOnly, as for any proposal."""
    await owned(session, caller, startup_id)
    proposal = _new(startup_id, caller, ProposalOrigin.DECK, deck.filename)
    proposal.state, proposal.finished_at = ProposalState.READY, now
    proposal.proposed, proposal.evidence = deck.draft.proposed, deck.draft.evidence
    proposal.read = [{"address": deck.filename, "at": now.isoformat(), "sha256": deck.sha256}]
    await ProposalRepository(session).add(proposal)
    return proposal


async def show(
    session: AsyncSession, caller: Caller, startup_id: StartupId, proposal_id: uuid.UUID, *, lock: bool = False
) -> ProfileProposal:
    """One proposal of the caller's own startup. Raises NotFound and OwnerOnly."""
    await owned(session, caller, startup_id)
    found = await ProposalRepository(session).one(startup_id, proposal_id, lock=lock)
    if found is None:
        raise NotFound
    return found


async def newest(
    session: AsyncSession, caller: Caller, startup_id: StartupId, before: uuid.UUID | None, limit: int
) -> Sequence[ProfileProposal]:
    """The proposals of the caller's own startup, the newest first. Raises NotFound and OwnerOnly."""
    await owned(session, caller, startup_id)
    return await ProposalRepository(session).newest(startup_id, before, limit)


async def confirm(
    session: AsyncSession, caller: Caller, proposal: ProfileProposal, edits: ProfileFields, now: dt.datetime
) -> ProfileProposal:
    """Let a locked proposal count: the profile gets a new version that says it.

    Raises:
        ProposalNotReady: it is not there to be decided about.
    """
    startup = await startups.lock_for_change(session, caller, StartupId(proposal.startup_id))
    _decide(proposal, caller, ProposalState.CONFIRMED, now)
    changed = {**startup.record, **counting(startup.record, proposal.proposed, edits)}
    await startups.replace(session, caller, startup, StartupRecord.model_validate(changed), now)
    proposal.profile_version = startup.version
    await session.flush()
    return proposal


async def discard(
    session: AsyncSession, caller: Caller, proposal: ProfileProposal, now: dt.datetime
) -> ProfileProposal:  # fmt: skip
    """Let a locked proposal count for nothing. Raises ProposalNotReady."""
    _decide(proposal, caller, ProposalState.DISCARDED, now)
    await session.flush()
    return proposal


def counting(record: JsonObject, proposed: JsonObject, edits: ProfileFields) -> JsonObject:
    """The fields that change: the owner's edits, else what was proposed, lists added to those of the profile."""
    said = edits.model_dump(mode="json", exclude_unset=True)
    counting: JsonObject = {name: cast("JsonValue", value) for name, value in said.items() if value is not None}
    for name, value in proposed.items():
        if name in said:
            continue
        known = record.get(name)
        if isinstance(value, list):
            counting[name] = _together(known if isinstance(known, list) else [], value)
        else:
            counting[name] = value
    return counting


def _together(known: Sequence[JsonValue], found: Sequence[JsonValue]) -> list[JsonValue]:
    """One list after the other, each word once, however it is written."""
    kept = {str(word).casefold(): word for word in reversed([*known, *found])}
    order = dict.fromkeys(str(word).casefold() for word in [*known, *found])
    return [kept[word] for word in order]


def _decide(proposal: ProfileProposal, caller: Caller, state: ProposalState, now: dt.datetime) -> None:
    if proposal.state is not ProposalState.READY:
        raise ProposalNotReady(state=proposal.state)
    proposal.state, proposal.decided_at, proposal.decided_by_key_id = state, now, caller.key_id


def _website_of(startup: Startup) -> str:
    try:
        address = WebsiteIn.model_validate({"url": startup.record.get("website")}).url
    except ValueError:
        address = None
    if address is None:
        raise ValidationFailed(FieldError("#/url", "missing", fallback="the profile has no website that can be read"))
    return address


def _new(startup_id: StartupId, caller: Caller, origin: ProposalOrigin, address: str) -> ProfileProposal:
    return ProfileProposal(
        id=new_uuid(),
        startup_id=startup_id,
        origin=origin,
        state=ProposalState.QUEUED,
        address=address,
        asked_by_key_id=caller.key_id,
    )
