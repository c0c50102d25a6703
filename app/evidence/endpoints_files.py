"""Routes of the files behind the evidence."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Request, Response, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.api.idempotency import IdempotentRoute
from app.api.problems import problems
from app.api.upload import Filename, IdempotencyKeyHeader, receive, upload_body
from app.evidence import service
from app.evidence.errors import EvidenceQuotaExceeded
from app.evidence.schemas import FileOut
from app.evidence.sniffing import ACCEPTED
from app.kit.errors import NotFound, PayloadTooLarge, UnsupportedMedia
from app.kit.ids import StartupId

router = APIRouter(tags=["evidence"], route_class=IdempotentRoute)


@router.post(
    "/startups/{startup_id}/evidence/files",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=upload_body("The file itself: PDF, JPEG, PNG or DOCX", *ACCEPTED),
    responses=problems(NotFound, PayloadTooLarge, UnsupportedMedia, EvidenceQuotaExceeded),
)
async def upload_evidence_file(
    startup_id: uuid.UUID,
    request: Request,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
    response: Response,
    filename: Filename = "file",
    idempotency_key: IdempotencyKeyHeader = None,
) -> FileOut:
    """Keep a file that shows something, of 10 MB at most; name its `id` as the `file` of what it shows. A startup keeps
    100 files and 100 MB. Only those who see the evidence get it back; nobody else ever does.
    """
    async with receive(request, db, filename, idempotency_key) as upload:
        async with request.state.read_sessions() as looking:
            await service.check_held(looking, caller, StartupId(startup_id))
        given = await asyncio.to_thread(service.FILES.read, upload.file, upload.filename, upload.size)
    file = await service.add_file(db, caller, StartupId(startup_id), given, now)
    response.headers["Location"] = f"/v1/startups/{startup_id}/evidence/files/{file.id}"
    return FileOut.model_validate(file)


@router.get(
    "/startups/{startup_id}/evidence/files/{file_id}",
    response_class=Response,
    responses={
        **problems(NotFound),
        200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ACCEPTED}},
    },
)
async def download_evidence_file(
    startup_id: uuid.UUID,
    file_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
) -> Response:
    """The file as it came, to be saved: never shown in a page of ours."""
    file = await service.file_content(db, caller, StartupId(startup_id), file_id)
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f"attachment; filename=\"file\"; filename*=UTF-8''{quote(file.filename, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


@router.delete(
    "/startups/{startup_id}/evidence/files/{file_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def delete_evidence_file(
    startup_id: uuid.UUID,
    file_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("startups:write")],
    db: SessionDep,
    now: NowDep,
) -> None:
    """Delete a file for good. Evidence that refers to it does so no longer, as a new version."""
    await service.delete_file(db, caller, StartupId(startup_id), file_id, now)
