"""Routes of evidence: shown to its owner, replaced, patched, dated, and what of it expires."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

from fastapi import APIRouter, Body, Path, Query, Request, Response
from pydantic import JsonValue, TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.etag import IfMatch, set_etag
from app.api.merge_patch import merge_patch, read_as_body
from app.api.problems import problems
from app.evidence import endpoints_files, service
from app.evidence.expiry import Ending, ending_before, undated
from app.evidence.schemas import (
    EndingOut,
    EvidenceIn,
    EvidenceOut,
    EvidenceVersionOut,
    EvidenceVersionWhole,
    ExpiringOut,
    FileOut,
)
from app.evidence.service import Shown
from app.kit.errors import FieldError, NotFound, PreconditionFailed, PreconditionRequired, ValidationFailed
from app.kit.ids import StartupId, TenderId
from app.kit.paging import Keyset, Page
from scrapers.evidence import EvidenceRecord
from scrapers.normalise import HOME_ZONE

router = APIRouter(tags=["evidence"])

Reader = Annotated[Caller, CallerDep("startups:read")]
Writer = Annotated[Caller, CallerDep("startups:write")]
BY_VERSION = Keyset("evidence.versions", TypeAdapter(tuple[int]))
VersionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]
_CHANGE = problems(NotFound, PreconditionFailed, PreconditionRequired)


@router.get("/startups/{startup_id}/evidence", responses=problems(NotFound))
async def get_evidence(
    startup_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep
) -> EvidenceOut:
    """What a startup can show to enter a call: for itself, and until it has taken its profile over for whoever brought
    it in. Never for buyers or anybody it is matched with.
    """
    shown = await service.show(db, caller, StartupId(startup_id))
    set_etag(request, response, shown.etag)
    return _out(shown)


@router.put("/startups/{startup_id}/evidence", responses=_CHANGE)
async def replace_evidence(
    startup_id: uuid.UUID,
    evidence: EvidenceIn,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> EvidenceOut:
    """Replace the whole evidence; a new version, unless it says so already."""
    held = await service.hold(db, caller, StartupId(startup_id), if_match)
    return _answer(response, await service.replace(db, caller, held, evidence, now))


@router.patch("/startups/{startup_id}/evidence", responses=_CHANGE)
async def patch_evidence(
    startup_id: uuid.UUID,
    patch: Annotated[dict[str, JsonValue], Body(media_type="application/merge-patch+json")],
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    if_match: IfMatch = None,
) -> EvidenceOut:
    """Change some fields (JSON Merge Patch, RFC 7396): objects are merged, `null` removes, lists are replaced."""
    held = await service.hold(db, caller, StartupId(startup_id), if_match)
    with read_as_body():
        evidence = EvidenceIn.model_validate(merge_patch(held.document, patch))
    return _answer(response, await service.replace(db, caller, held, evidence, now))


@router.get("/startups/{startup_id}/evidence/versions", responses=problems(NotFound))
async def list_evidence_versions(
    startup_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[EvidenceVersionOut]:
    """When the evidence was changed, and by which organisation, the newest first."""
    before = page.after(BY_VERSION)
    found = await service.versions(db, caller, StartupId(startup_id), before[0] if before else None, page.limit + 1)
    made = Page[EvidenceVersionOut](
        items=[EvidenceVersionOut.model_validate(one) for one in found[: page.limit]],
        next=page.next_cursor(found, BY_VERSION, lambda one: (one.version,)),
    )
    return with_link(request, response, made)


@router.get("/startups/{startup_id}/evidence/versions/{version}", responses=problems(NotFound))
async def get_evidence_version(
    startup_id: uuid.UUID, version: VersionNumber, caller: Reader, db: ReadSessionDep
) -> EvidenceVersionWhole:
    """What the evidence said from a version on."""
    found = await service.version(db, caller, StartupId(startup_id), version)
    return EvidenceVersionWhole.model_validate(found)


@router.get("/startups/{startup_id}/evidence/expiring", responses=problems(NotFound))
async def list_expiring_evidence(
    startup_id: uuid.UUID,
    caller: Reader,
    db: ReadSessionDep,
    now: NowDep,
    until: Annotated[dt.date | None, Query(description="What is not valid on this day.")] = None,
    tender_id: Annotated[uuid.UUID | None, Query(description="The same for the day of this call's deadline.")] = None,
) -> ExpiringOut:
    """What of the evidence will have ended on a day, or when a call closes. Say one of `until` and `tender_id`."""
    shown = await service.show(db, caller, StartupId(startup_id))
    if (until is None) == (tender_id is None):
        raise ValidationFailed(FieldError("#/until", "one-of", "query", fallback="give either until or tender_id"))
    day = until or await service.day_of(db, caller, TenderId(_given(tender_id)))
    evidence, today = EvidenceRecord.model_validate(shown.document), now.astimezone(HOME_ZONE).date()
    return ExpiringOut(
        until=day,
        expiring=[_ending(one, today) for one in ending_before(evidence, day)],
        undated=[_ending(one, today) for one in undated(evidence)],
    )


def _given(tender_id: uuid.UUID | None) -> uuid.UUID:
    assert tender_id is not None
    return tender_id


def _ending(one: Ending, today: dt.date) -> EndingOut:
    ended = None if one.expires is None else one.expires < today
    return EndingOut.model_validate({**{name: getattr(one, name) for name in one.__slots__}, "ended": ended})


def _answer(response: Response, shown: Shown) -> EvidenceOut:
    response.headers["ETag"] = shown.etag
    return _out(shown)


def _out(shown: Shown) -> EvidenceOut:
    return EvidenceOut.model_validate({
        **shown.document,
        "startup_id": shown.startup_id,
        "version": shown.version,
        "updated_at": shown.updated_at,
        "files": [FileOut.model_validate(file) for file in shown.files],
    })  # fmt: skip


router.include_router(endpoints_files.router)
