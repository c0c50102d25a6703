"""The documents of a call: sent to be read for what it asks, and taken away again."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import NowDep, SessionDep
from app.kit.errors import FieldError, ValidationFailed
from app.kit.ids import TenderId
from app.models.organisation import OrganisationKind
from app.requirements import endpoints_documents, service
from app.web.forms import sent_file
from app.web.pages import page_router, see_other
from app.web.visitor import Guard

router = page_router("/calls")
Writer = Annotated[
    Caller, Depends(Guard("tenders:write", OrganisationKind.BUYER, OrganisationKind.OPERATOR))
]  # fmt: skip


@router.post("/{tender_id:uuid}/documents")
async def send_document(
    tender_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, now: NowDep
) -> Response:
    """Have a document read."""
    if await sent_file(request, "file") is None:
        raise ValidationFailed(FieldError("#/file", "missing", fallback="choose a file"))
    await endpoints_documents.upload_document(tender_id, request, caller, db, now, Response())
    return see_other(request, f"/calls/{tender_id}", done="document-sent")


@router.post("/{tender_id:uuid}/files/{document_id:uuid}/delete")
async def delete_document(
    tender_id: uuid.UUID, document_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, now: NowDep
) -> Response:  # fmt: skip
    """Take a document and what was found in it away."""
    await service.delete_document(db, caller, TenderId(tender_id), document_id, now)
    return see_other(request, f"/calls/{tender_id}", done="document-deleted")
