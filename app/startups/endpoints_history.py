"""Routes of what is kept about a startup: its history, and all of it as one document."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, with_link
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.startups import portability, service
from app.startups.errors import StartupClaimed
from app.startups.export_schemas import StartupExport
from app.startups.schemas import StartupVersionOut, StartupVersionWhole
from app.startups.views import whole_view

router = APIRouter(tags=["startups"])

BY_VERSION = Keyset("startups.history", TypeAdapter(tuple[int]))
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/startups/{startup_id}/history", responses=problems(NotFound))
async def list_startup_versions(
    startup_id: uuid.UUID,
    request: Request,
    response: Response,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
    page: PageParams,
) -> Page[StartupVersionOut]:
    """When a profile was changed, and by which organisation, the newest first. Not for buyers."""
    before = page.after(BY_VERSION)
    found = await service.versions(db, caller, StartupId(startup_id), before[0] if before else None, page.limit + 1)
    items = [StartupVersionOut.model_validate(one) for one in found[: page.limit]]
    cursor = page.next_cursor(found, BY_VERSION, lambda one: (one.version,))
    return with_link(request, response, Page[StartupVersionOut](items=items, next=cursor))


@router.get("/startups/{startup_id}/history/{version}", responses=problems(NotFound))
async def get_startup_version(
    startup_id: uuid.UUID,
    version: VersionNumber,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
) -> StartupVersionWhole:
    """What one version of a profile said."""
    return StartupVersionWhole.model_validate(await service.version(db, caller, StartupId(startup_id), version))


@router.get("/startups/{startup_id}/export", responses=problems(NotFound, StartupClaimed))
async def export_startup(
    startup_id: uuid.UUID, caller: Annotated[Caller, CallerDep("startups:read")], db: ReadSessionDep, now: NowDep
) -> StartupExport:
    """All that is held about a startup as one document: the profile with its history, matches, claims, its own
    decisions and feedback, and the invitations it got.
    """
    startup, held = await portability.export(db, caller, StartupId(startup_id))
    return StartupExport.model_validate({
        "exported_at": now,
        "startup": whole_view(startup),
        **{name: getattr(held, name) for name in held.__slots__},
    })  # fmt: skip
