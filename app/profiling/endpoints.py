"""Routes of proposals: a website or a deck in, a proposal to confirm or discard out."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.api.upload import Filename, IdempotencyKeyHeader, receive, upload_body
from app.kit.errors import NotFound, PayloadTooLarge, UnsupportedMedia
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.profiling import service
from app.profiling.errors import (
    DocumentEncrypted,
    DocumentTooHeavy,
    DocumentUnreadable,
    DocumentWithoutText,
    OwnerOnly,
    ProposalNotReady,
    ProposalPending,
    WebsitesDisabled,
)
from app.profiling.reading import ACCEPTED, draft_of
from app.profiling.schemas import ConfirmationIn, ProposalOut, WebsiteIn

router = APIRouter(tags=["profiles"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("startups:read")]
Writer = Annotated[Caller, CallerDep("startups:write")]
NEWEST = Keyset("profile-proposals", TypeAdapter(tuple[uuid.UUID]))
_DECK = upload_body("The deck itself", *ACCEPTED)


@router.post(
    "/startups/{startup_id}/profile:from-website",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(NotFound, OwnerOnly, WebsitesDisabled, ProposalPending),
)
async def propose_from_website(
    startup_id: uuid.UUID,
    wanted: WebsiteIn,
    request: Request,
    caller: Writer,
    db: SessionDep,
    response: Response,
    _: IdempotencyDep,
) -> ProposalOut:
    """Have your profile proposed from your website: its start page and a few pages behind it are read, within its
    robots.txt. Follow the proposal at its `Location`; nothing of it counts before you confirm it.
    """
    allowed: bool = request.state.websites
    made = await service.from_website(db, caller, StartupId(startup_id), wanted, allowed=allowed)
    response.headers["Location"] = _location(startup_id, made.id)
    return ProposalOut.model_validate(made)


@router.post(
    "/startups/{startup_id}/profile:from-deck",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=_DECK,
    responses=problems(
        NotFound, OwnerOnly, PayloadTooLarge, UnsupportedMedia,
        DocumentUnreadable, DocumentEncrypted, DocumentWithoutText, DocumentTooHeavy,
    ),
)  # fmt: skip
async def propose_from_deck(
    startup_id: uuid.UUID,
    request: Request,
    caller: Writer,
    db: SessionDep,
    cpu: CpuDep,
    now: NowDep,
    response: Response,
    filename: Filename = "deck",
    idempotency_key: IdempotencyKeyHeader = None,
) -> ProposalOut:
    """Have your profile proposed from a deck: PDF or DOCX. The deck itself is not kept. Nothing of the proposal counts
    before you confirm it.
    """
    async with receive(request, db, filename, idempotency_key) as upload:
        async with request.state.read_sessions() as looking:  # its own, so that none waits for the deck to be read
            await service.owned(looking, caller, StartupId(startup_id))
        draft, digest = await draft_of(upload.file, cpu)
    deck = service.Deck(upload.filename, digest, draft)
    made = await service.from_deck(db, caller, StartupId(startup_id), deck, now)
    response.headers["Location"] = _location(startup_id, made.id)
    return ProposalOut.model_validate(made)


@router.get("/startups/{startup_id}/proposals", responses=problems(NotFound, OwnerOnly))
async def list_profile_proposals(
    startup_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[ProposalOut]:
    """The proposals for your profile, the newest first, with what became of each. Those that count for nothing are
    forgotten after ninety days.
    """
    before = page.after(NEWEST)
    found = await service.newest(db, caller, StartupId(startup_id), before[0] if before else None, page.limit + 1)
    made = Page[ProposalOut](
        items=[ProposalOut.model_validate(one) for one in found[: page.limit]],
        next=page.next_cursor(found, NEWEST, lambda one: (one.id,)),
    )
    return with_link(request, response, made)


@router.get("/startups/{startup_id}/proposals/{proposal_id}", responses=problems(NotFound, OwnerOnly))
async def get_profile_proposal(
    startup_id: uuid.UUID, proposal_id: uuid.UUID, caller: Reader, db: ReadSessionDep
) -> ProposalOut:
    """One proposal: its fields, the passages behind each of them, and where they were read."""
    return ProposalOut.model_validate(await service.show(db, caller, StartupId(startup_id), proposal_id))


@router.post(
    "/startups/{startup_id}/proposals/{proposal_id}:confirm", responses=problems(NotFound, OwnerOnly, ProposalNotReady)
)
async def confirm_profile_proposal(
    startup_id: uuid.UUID,
    proposal_id: uuid.UUID,
    confirmation: ConfirmationIn,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    _: IdempotencyDep,
) -> ProposalOut:
    """Let a proposal count, with your edits: your profile gets a new version, and is ranked anew."""
    proposal = await service.show(db, caller, StartupId(startup_id), proposal_id, lock=True)
    return ProposalOut.model_validate(await service.confirm(db, caller, proposal, confirmation.edits, now))


@router.post(
    "/startups/{startup_id}/proposals/{proposal_id}:discard", responses=problems(NotFound, OwnerOnly, ProposalNotReady)
)
async def discard_profile_proposal(
    startup_id: uuid.UUID, proposal_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep, _: IdempotencyDep
) -> ProposalOut:
    """Let a proposal count for nothing."""
    proposal = await service.show(db, caller, StartupId(startup_id), proposal_id, lock=True)
    return ProposalOut.model_validate(await service.discard(db, caller, proposal, now))


def _location(startup_id: uuid.UUID, proposal_id: uuid.UUID) -> str:
    return f"/v1/startups/{startup_id}/proposals/{proposal_id}"
