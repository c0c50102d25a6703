"""Routes of subscriptions, for the organisations that enter them."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.channels.mail import service
from app.channels.mail.addresses import unseal
from app.channels.mail.errors import DigestExists, MailOff, TooManyDigests
from app.channels.mail.schemas import DigestChange, DigestIn, DigestOut, DigestWithLetters, LetterOut
from app.kit.crypto import Keyring
from app.kit.errors import NotFound
from app.models.digest import DigestState, DigestSubscription

router = APIRouter(tags=["digests"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("digests:read")]
Writer = Annotated[Caller, CallerDep("digests:write")]


def get_desk(request: Request, keyring: KeyringDep) -> service.MailDesk:
    """What addresses are sealed with, and whether mail is sent."""
    return service.MailDesk(keyring, on=request.state.mail)


DeskDep = Annotated[service.MailDesk, Depends(get_desk)]


@router.post(
    "/digests", status_code=status.HTTP_201_CREATED, responses=problems(NotFound, MailOff, DigestExists, TooManyDigests)
)
async def create_digest(
    wanted: DigestIn, caller: Writer, db: SessionDep, desk: DeskDep, now: NowDep, response: Response, _: IdempotencyDep
) -> DigestOut:
    """Have new matches mailed, daily or weekly. The owner of the address is asked first, and gets nothing unless it is
    confirmed.
    """
    made = await service.create(db, desk, caller, wanted, now)
    response.headers["Location"] = f"/v1/digests/{made.id}"
    return _out(desk.keyring, made)


@router.get("/digests")
async def list_digests(caller: Reader, db: ReadSessionDep, keyring: KeyringDep) -> list[DigestOut]:
    """The subscriptions of your organisation, the oldest first; there are 500 at most."""
    return [_out(keyring, one) for one in await service.subscriptions(db, caller)]


@router.get("/digests/{digest_id}", responses=problems(NotFound))
async def get_digest(
    digest_id: uuid.UUID, caller: Reader, db: ReadSessionDep, keyring: KeyringDep
) -> DigestWithLetters:
    """One subscription, and what became of its latest letters."""
    found, letters = await service.with_letters(db, caller, digest_id)
    shown = [LetterOut.model_validate(letter) for letter in letters]
    return DigestWithLetters(**_out(keyring, found).model_dump(), letters=shown)


@router.patch("/digests/{digest_id}", responses=problems(NotFound))
async def change_digest(
    digest_id: uuid.UUID, wanted: DigestChange, caller: Writer, db: SessionDep, keyring: KeyringDep, now: NowDep
) -> DigestOut:
    """Change its language, its times or its least grade. Whether it is sent is the word of the address's owner."""
    return _out(keyring, await service.change(db, caller, digest_id, wanted, now))


@router.delete("/digests/{digest_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def delete_digest(digest_id: uuid.UUID, caller: Writer, db: SessionDep) -> None:
    """Send nothing more; the address is forgotten."""
    await service.remove(db, caller, digest_id)


def _out(keyring: Keyring, found: DigestSubscription) -> DigestOut:
    names = DigestOut.model_fields.keys() - {"address", "next_at"}
    return DigestOut.model_validate(
        {name: getattr(found, name) for name in names}
        | {
            "address": unseal(keyring, found.id, found.address),
            "next_at": found.next_at if found.state is DigestState.CONFIRMED else None,
        }
    )
