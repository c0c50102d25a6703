"""Routes of the documents of a call, for its owner."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Request, Response, status

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.api.idempotency import IdempotentRoute
from app.api.problems import problems
from app.api.upload import Filename, IdempotencyKeyHeader, receive, upload_body
from app.kit.errors import NotFound, PayloadTooLarge, UnsupportedMedia
from app.kit.ids import TenderId
from app.requirements import service
from app.requirements.errors import TenderDocumentExists, TenderDocumentsFull
from app.requirements.schemas import DocumentOut, DocumentWhole
from app.requirements.sniffing import ACCEPTED

router = APIRouter(tags=["requirements"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("tenders:read")]
Writer = Annotated[Caller, CallerDep("tenders:write")]


@router.post(
    "/tenders/{tender_id:uuid}/documents",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=upload_body("The document itself: PDF, DOCX, HTML or text in UTF-8", *ACCEPTED),
    responses=problems(NotFound, PayloadTooLarge, UnsupportedMedia, TenderDocumentExists, TenderDocumentsFull),
)
async def upload_document(
    tender_id: uuid.UUID,
    request: Request,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    filename: Filename = "document",
    idempotency_key: IdempotencyKeyHeader = None,
) -> DocumentOut:
    """Have a document of your call read for what it asks, of 20 MB at most; a call has 30 and 100 MB. It is read in a
    moment (`state`); the document itself is not kept then, its text without contacts for a while.
    """
    async with receive(request, db, filename, idempotency_key) as upload:
        async with request.state.read_sessions() as looking:
            await service.check_owned(looking, caller, TenderId(tender_id))
        given = await asyncio.to_thread(service.DOCUMENTS.read, upload.file, upload.filename, upload.size)
    made = await service.add_document(db, caller, TenderId(tender_id), given, now)
    response.headers["Location"] = f"/v1/tenders/{tender_id}/documents/{made.id}"
    return DocumentOut.model_validate(made)


@router.get("/tenders/{tender_id:uuid}/documents", responses=problems(NotFound))
async def list_documents(tender_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> list[DocumentOut]:
    """The documents of your call, the oldest first, with what became of each."""
    found = await service.documents(db, caller, TenderId(tender_id))
    return [DocumentOut.model_validate(one) for one in found]


@router.get("/tenders/{tender_id:uuid}/documents/{document_id}", responses=problems(NotFound))
async def get_document(
    tender_id: uuid.UUID, document_id: uuid.UUID, caller: Reader, db: ReadSessionDep
) -> DocumentWhole:  # fmt: skip
    """A document of your call with the text that was read; the places of findings are places in it."""
    return DocumentWhole.model_validate(await service.document(db, caller, TenderId(tender_id), document_id))


@router.delete(
    "/tenders/{tender_id:uuid}/documents/{document_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(NotFound),
)
async def delete_document(
    tender_id: uuid.UUID, document_id: uuid.UUID, caller: Writer, db: SessionDep, now: NowDep
) -> None:  # fmt: skip
    """Delete a document of your call, and what was found in it."""
    await service.delete_document(db, caller, TenderId(tender_id), document_id, now)
