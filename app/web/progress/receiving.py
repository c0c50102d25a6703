"""Taking in what a form sent to be imported: a file, or pasted text, looked at and held until its owner begins it."""

from __future__ import annotations

import io
from typing import BinaryIO, Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.config import Settings
from app.ingest import previews, service
from app.ingest.runs import read_options
from app.ingest.service import NewImport
from app.kit.errors import FieldError, ValidationFailed
from app.kit.ids import ImportRunId
from app.models.import_run import ImportKind
from app.web.forms import sent_file, sent_form

FILE: Final = "file"
TEXT: Final = "text"
_PASTED: Final = "text"


async def hold_import(
    request: Request, db: AsyncSession, caller: Caller, kind: ImportKind, *, agreed: bool = False
) -> ImportRunId:
    """Hold the field ``file`` of a form, or else its field ``text``; the page ``/imports/{id}`` goes on from there.

    Raises:
        ValidationFailed: neither holds anything.
        WrongOrganisationKind: the caller brings in no such records.
        AgreementNotYours: somebody else than the operator says that the startups have agreed.

    """
    service.check_importer(caller, kind, agreed=agreed)
    file, filename, size = await _given(request)
    settings: Settings = request.state.settings
    options = read_options(memory_bytes=settings.import_memory_bytes, cpu_seconds=settings.import_seconds)
    found = await previews.look(file, filename, kind, options)
    wanted = NewImport(kind, filename, size, agreed)
    run = await service.hold(db, caller, wanted, file, found, request.state.clock())
    return ImportRunId(run.id)


async def _given(request: Request) -> tuple[BinaryIO, str, int]:
    upload = await sent_file(request, FILE)
    if upload is not None and upload.size:
        return upload.file, plain_name(upload.filename), upload.size
    pasted = (await sent_form(request)).value(TEXT).encode("utf-8", "replace")
    if not pasted.strip():
        raise ValidationFailed(FieldError("#/file", "missing", fallback="choose a file, or paste the records"))
    return io.BytesIO(pasted), _PASTED, len(pasted)


def plain_name(given: str | None) -> str:
    """The name that a browser gave a file, without folders and without what can't be stored."""
    name = (given or "").replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in name if char.isprintable() and not "\ud800" <= char <= "\udfff")[:255] or "upload"
