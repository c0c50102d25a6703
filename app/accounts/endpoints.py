"""Routes of organisations and keys."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Response, status
from pydantic import TypeAdapter

from app.accounts import service
from app.accounts.auth import Caller, CallerDep
from app.accounts.repository import AccountRepository
from app.accounts.schemas import (
    CallerOut,
    KeyIn,
    KeyOut,
    NewKeyOut,
    OrganisationIn,
    OrganisationOut,
    OrganisationWithKeyOut,
)
from app.api.deps import KeyringDep, PageParams, ReadSessionDep, SessionDep
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import ApiKeyId
from app.kit.paging import Keyset, Page

router = APIRouter(tags=["accounts"], route_class=IdempotentRoute)
BY_AGE = Keyset("organisations.age", TypeAdapter(tuple[uuid.UUID]))


@router.get("/me")
async def get_me(caller: Annotated[Caller, CallerDep("accounts:read")], db: ReadSessionDep) -> CallerOut:
    """Whom the key of this request stands for, and its scopes."""
    organisation = await service.organisation_of(db, caller)
    return CallerOut(organisation=OrganisationOut.model_validate(organisation), scopes=sorted(caller.scopes))


@router.get("/keys")
async def list_keys(caller: Annotated[Caller, CallerDep("accounts:read")], db: ReadSessionDep) -> list[KeyOut]:
    """The keys of the caller's organisation, the newest first, revoked ones included."""
    found = await AccountRepository(db).keys(caller.organisation_id)
    return [KeyOut.model_validate(key) for key in found]


@router.post("/keys", status_code=status.HTTP_201_CREATED, responses=problems(service.ScopeBeyondCaller))
async def create_key(
    order: KeyIn,
    caller: Annotated[Caller, CallerDep("accounts:write")],
    db: SessionDep,
    keyring: KeyringDep,
    response: Response,
    _: IdempotencyDep,
) -> NewKeyOut:
    """Make a further key. Its token is in this answer and nowhere else."""
    wanted = service.KeyOrder(order.name, order.scopes, order.expires_at)
    made = await service.create_key_for(db, keyring, caller, wanted)
    response.headers["Location"] = f"/v1/keys/{made.key.id}"
    return _new_key(made)


@router.delete("/keys/{key_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def revoke_key(key_id: uuid.UUID, caller: Annotated[Caller, CallerDep("accounts:write")], db: SessionDep) -> None:
    """End a key at once."""
    await service.revoke_key(db, caller, ApiKeyId(key_id))


@router.post("/organisations", status_code=status.HTTP_201_CREATED, responses=problems(NotFound))
async def create_organisation(
    order: OrganisationIn,
    caller: Annotated[Caller, CallerDep("accounts:write")],
    db: SessionDep,
    keyring: KeyringDep,
    response: Response,
    _: IdempotencyDep,
) -> OrganisationWithKeyOut:
    """Enter an organisation and make its first key. For operators; anybody else is told there is no such route."""
    organisation, made = await service.onboard(
        db, keyring, caller, kind=order.kind, name=order.name, country=order.country
    )
    response.headers["Location"] = f"/v1/organisations/{organisation.id}"
    return OrganisationWithKeyOut(organisation=OrganisationOut.model_validate(organisation), key=_new_key(made))


@router.get("/organisations", responses=problems(NotFound))
async def list_organisations(
    caller: Annotated[Caller, CallerDep("accounts:read")], db: ReadSessionDep, page: PageParams
) -> Page[OrganisationOut]:
    """The organisations of this installation, the oldest first. For operators."""
    after = page.after(BY_AGE)
    found = await service.list_organisations(db, caller, after[0] if after else None, page.limit + 1)
    return Page[OrganisationOut](
        items=[OrganisationOut.model_validate(row) for row in found[: page.limit]],
        next=page.next_cursor(found, BY_AGE, lambda row: (row.id,)),
    )


@router.get("/organisations/{organisation_id}", responses=problems(NotFound))
async def get_organisation(
    organisation_id: uuid.UUID, caller: Annotated[Caller, CallerDep("accounts:read")], db: ReadSessionDep
) -> OrganisationOut:
    """One organisation: the caller's own, or for operators, any."""
    return OrganisationOut.model_validate(await service.get_organisation(db, caller, organisation_id))


def _new_key(made: service.NewKey) -> NewKeyOut:
    return NewKeyOut(**KeyOut.model_validate(made.key).model_dump(), token=made.token)
