"""The first three minutes: a few lines, a website or a deck become a profile to correct, then the first matches.

What was understood is entered at once, hidden from buyers, so that the ranking can begin while its owner corrects it;
it is shown to buyers only where the owner says so at the end.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Request
from pydantic import Field
from starlette.datastructures import UploadFile

from app.api.upload import filename_of
from app.db.base import JsonObject
from app.kit.cpu_pool import CpuPool
from app.kit.errors import AppError
from app.kit.i18n import translate
from app.kit.ids import StartupId
from app.kit.schemas import Schema
from app.models.profile_proposal import ProfileProposal, ProposalState
from app.models.startup import Startup
from app.profiling import service as proposals
from app.profiling.proposing import Passage, propose
from app.profiling.reading import draft_of
from app.profiling.schemas import ProfileFields, WebsiteIn
from app.startups import service as startups
from app.startups.schemas import StartupIn
from app.web.forms import Form
from app.web.founder.here import Here
from scrapers.fields import Word

MOST_ABOUT: Final = 20_000
_DRAFT_SECONDS: Final = 10.0
_HAS_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_KEY = re.compile(r"[0-9a-f-]{32,36}")


class BeginningIn(Schema):
    """What the first step asks; one of ``about``, ``website`` and a deck has to be there."""

    about: Annotated[str, Field(max_length=MOST_ABOUT)] = ""
    website: str | None = None
    name: Annotated[Word, Field(max_length=200)] | None = None
    city: Annotated[Word, Field(max_length=200)] | None = None
    key: Annotated[str, Field(pattern=_KEY.pattern, max_length=36)]
    """Made with the empty form: the same form sent twice makes one profile."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the first step told, read: the record that it makes, and what is to be proposed beside it."""

    record: JsonObject
    website: str | None
    deck: proposals.Deck | None


@dataclass(frozen=True, slots=True)
class Begun:
    """What the first step made."""

    startup: Startup
    proposal: ProfileProposal | None


def address_of(typed: str | None) -> str | None:
    """The address of a website as people type it, with https where nothing is said; ``None``: nothing was typed."""
    bare = (typed or "").strip()
    if not bare:
        return None
    return bare if _HAS_SCHEME.match(bare) else f"https://{bare}"


def checked_website(typed: str | None) -> str | None:
    """The address, if a browser could go there. Raises ``pydantic.ValidationError``."""
    return WebsiteIn(url=address_of(typed)).url


def websites_allowed(request: Request) -> bool:
    """Whether this installation reads websites."""
    allowed: bool = request.state.websites
    return allowed


async def read_all(request: Request, given: BeginningIn, website: str | None, deck: UploadFile | None) -> Told:
    """What the text and the deck say; the deck itself is not kept.

    Raises:
        UnsupportedMedia, DocumentUnreadable, DocumentEncrypted, DocumentWithoutText, DocumentTooHeavy: what they say.

    """
    cpu: CpuPool = request.state.cpu
    record: JsonObject = {"id": given.key, "name": given.name or _organisation(request)}
    about = given.about.strip()
    for name, value in (("description", about), ("website", website), ("city", given.city)):
        if value:
            record[name] = value
    if about:
        draft = await cpu.run(propose, _paragraphs(about), deadline=_DRAFT_SECONDS)
        record |= {name: value for name, value in draft.proposed.items() if name not in record}
    read = None
    if deck is not None:
        found, digest = await draft_of(deck.file, cpu)
        read = proposals.Deck(filename_of(deck.filename), digest, found)
    return Told(record, website, read)


async def begin(here: Here, told: Told) -> Begun:
    """Enter the profile that the first step makes, hidden; with a proposal where a website or a deck is read.

    Raises:
        StartupAlreadyExists: the same form came before.

    """
    startup = await startups.create(here.db, here.caller, StartupIn.model_validate(told.record), here.now)
    await startups.set_listed(here.db, startup, here.now, listed=False)
    return Begun(startup, await _proposal(here, StartupId(startup.id), told))


async def proposal_of(here: Here, wanted: str | None, *, lock: bool = False) -> ProfileProposal | None:
    """The proposal that an address names; ``None`` where it names none, or one that was decided about."""
    if not wanted:
        return None
    try:
        found = await proposals.show(here.db, here.caller, here.startup_id, uuid.UUID(wanted), lock=lock)
    except (ValueError, AppError):
        return None
    return None if found.state in {ProposalState.CONFIRMED, ProposalState.DISCARDED} else found


def waiting(proposal: ProfileProposal | None) -> bool:
    """Whether a website is still being read."""
    return proposal is not None and proposal.state in {ProposalState.QUEUED, ProposalState.RUNNING}


def drafted(startup: Startup, proposal: ProfileProposal | None) -> JsonObject:
    """The record with what the proposal adds to it."""
    if proposal is None or proposal.state is not ProposalState.READY:
        return startup.record
    return {**startup.record, **proposals.counting(startup.record, proposal.proposed, ProfileFields())}


def needs_something(form: Form, here: Here) -> Form:
    """The form that says that it needs at least one thing to go by."""
    return form.wrong(about=translate("web.founder.new.nothing", here.lang))


async def _proposal(here: Here, startup_id: StartupId, told: Told) -> ProfileProposal | None:
    if told.deck is not None:
        return await proposals.from_deck(here.db, here.caller, startup_id, told.deck, here.now)
    if told.website is None or not websites_allowed(here.request):
        return None
    wanted = WebsiteIn(url=told.website)
    return await proposals.from_website(here.db, here.caller, startup_id, wanted, allowed=True)


def _paragraphs(text: str) -> list[Passage]:
    return [Passage("text", part.strip()) for part in text.split("\n") if part.strip()]


def _organisation(request: Request) -> str:
    """The name of the reader's organisation: what a profile is called until its owner says otherwise."""
    who = request.state.visitor.who
    return str(who.organisation)[:200]
