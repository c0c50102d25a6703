"""Taking in what a form sent to be imported: a file, or pasted text, looked at and held until its owner begins it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import BinaryIO, Final

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.upload import filename_of
from app.config import Settings
from app.ingest import previews, service
from app.ingest.endpoints import NEWEST
from app.ingest.repository import ImportRepository
from app.ingest.runs import read_options
from app.ingest.service import NewImport
from app.kit.errors import FieldError, ValidationFailed
from app.kit.i18n import Lang
from app.kit.ids import ImportRunId
from app.kit.paging import PageRequest
from app.models.import_run import ImportKind, ImportRun
from app.web.forms import Form, sent_file, sent_form

_FILE: Final = "file"
_TEXT: Final = "text"
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


async def form_again(request: Request, refused: ValidationFailed, lang: Lang) -> Form:
    """The form that nothing could be held of, with what was pasted and what is wrong."""
    sent = await sent_form(request)
    return Form({_FILE: (), _TEXT: (), **sent.values}).refused(refused, lang)


async def imports_before(
    db: AsyncSession, caller: Caller, asked: PageRequest
) -> tuple[Sequence[ImportRun], str | None]:
    """A page of the caller's imports, the newest first, and the cursor of the next."""
    before = asked.after(NEWEST)
    runs = await ImportRepository(db).runs(caller, before[0] if before else None, asked.limit + 1)
    return runs[: asked.limit], asked.next_cursor(runs, NEWEST, lambda run: (run.id,))


async def _given(request: Request) -> tuple[BinaryIO, str, int]:
    upload = await sent_file(request, _FILE)
    if upload is not None and upload.size:
        return upload.file, filename_of(upload.filename), upload.size
    pasted = (await sent_form(request)).value(_TEXT).encode("utf-8", "replace")
    if not pasted.strip():
        raise ValidationFailed(FieldError("#/file", "missing", fallback="choose a file, or paste the records"))
    return io.BytesIO(pasted), _PASTED, len(pasted)
