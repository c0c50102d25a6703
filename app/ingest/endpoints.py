"""Routes of bulk imports."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import StreamingResponse
from pydantic import TypeAdapter
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.accounts.auth import Caller, CallerDep
from app.api.deps import NowDep, PageParams, ReadSessionDep, SessionDep, with_link
from app.api.idempotency import IdempotentRoute
from app.api.problems import problems
from app.api.upload import Filename, IdempotencyKeyHeader, Upload, receive, upload_body
from app.files.export import csv_text
from app.ingest import service
from app.ingest.repository import ImportRepository
from app.ingest.schemas import ImportRunOut, RejectedOut
from app.ingest.service import AgreementNotYours, NewImport
from app.kit.errors import NotFound, PayloadTooLarge
from app.kit.ids import ImportRunId
from app.kit.paging import Keyset, Page
from app.models.import_run import ImportKind
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["imports"], route_class=IdempotentRoute)

Reader = Annotated[Caller, CallerDep("imports:read")]
Writer = Annotated[Caller, CallerDep("imports:write")]
NEWEST = Keyset("imports.newest", TypeAdapter(tuple[uuid.UUID]))
BY_POSITION = Keyset("imports.rejected", TypeAdapter(tuple[int]))
_UPLOAD = upload_body(
    "The file itself",
    *("application/x-ndjson", "text/csv", "application/gzip"),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
_CSV_ROWS_AT_ONCE = 1_000
_CSV_HEADINGS = ("line", "unit", "code", "reason", "excerpt")


@router.post(
    "/imports/startups",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_UPLOAD,
    responses=problems(WrongOrganisationKind, AgreementNotYours, PayloadTooLarge),
)
async def import_startups(
    request: Request,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    filename: Filename = "upload",
    agreed: Annotated[
        bool, Query(description="The startups have agreed to being listed. Only the operator may say so; recorded.")
    ] = False,
    idempotency_key: IdempotencyKeyHeader = None,
) -> ImportRunOut:
    """Bring in startups from a file: JSONL, JSON, CSV or XLSX, also gzipped (see docs/formats.md).

    Profiles stay unlisted until their startups have agreed. A record with the `id` of one that you brought in before
    replaces it, as a new version where it differs. Follow the run at its `Location`.
    """
    service.check_importer(caller, ImportKind.STARTUPS, agreed=agreed)
    async with receive(request, db, filename, idempotency_key) as upload:
        return await _start(db, caller, _wanted(ImportKind.STARTUPS, upload, agreed=agreed), upload, now, response)


@router.post(
    "/imports/tenders",
    status_code=status.HTTP_202_ACCEPTED,
    openapi_extra=_UPLOAD,
    responses=problems(WrongOrganisationKind, PayloadTooLarge),
)
async def import_tenders(
    request: Request,
    caller: Writer,
    db: SessionDep,
    now: NowDep,
    response: Response,
    filename: Filename = "upload",
    idempotency_key: IdempotencyKeyHeader = None,
) -> ImportRunOut:
    """Bring in calls for tenders from a file: JSONL, JSON, CSV, XLSX or OCDS 1.1, also gzipped (see docs/formats.md).

    They are published at once. A record with the `id` of one of your calls amends it where it differs, as a new
    version with its changes. Follow the run at its `Location`.
    """
    service.check_importer(caller, ImportKind.TENDERS, agreed=False)
    async with receive(request, db, filename, idempotency_key) as upload:
        return await _start(db, caller, _wanted(ImportKind.TENDERS, upload), upload, now, response)


@router.get("/imports")
async def list_imports(
    request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[ImportRunOut]:
    """Your organisation's imports, the newest first; for operators, everybody's."""
    before = page.after(NEWEST)
    found = await ImportRepository(db).runs(caller, before[0] if before else None, page.limit + 1)
    made = Page[ImportRunOut](
        items=[ImportRunOut.model_validate(run) for run in found[: page.limit]],
        next=page.next_cursor(found, NEWEST, lambda run: (run.id,)),
    )
    return with_link(request, response, made)


@router.get("/imports/{import_id}", responses=problems(NotFound))
async def get_import(import_id: uuid.UUID, caller: Reader, db: ReadSessionDep) -> ImportRunOut:
    """One import and how far it is."""
    return ImportRunOut.model_validate(await service.show(db, caller, ImportRunId(import_id)))


@router.get("/imports/{import_id}/rejected", responses=problems(NotFound))
async def list_rejected(
    import_id: uuid.UUID, request: Request, response: Response, caller: Reader, db: ReadSessionDep, page: PageParams
) -> Page[RejectedOut]:
    """The records that an import refused, each with its reason, in the order they were met."""
    after = page.after(BY_POSITION)
    found = await service.rejected(db, caller, ImportRunId(import_id), after[0] if after else -1, page.limit + 1)
    made = Page[RejectedOut](
        items=[RejectedOut.model_validate(row) for row in found[: page.limit]],
        next=page.next_cursor(found, BY_POSITION, lambda row: (row.position,)),
    )
    return with_link(request, response, made)


@router.get(
    "/imports/{import_id}/rejected.csv",
    response_class=Response,
    responses={**problems(NotFound), 200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
)
async def download_rejected(import_id: uuid.UUID, request: Request, caller: Reader, db: ReadSessionDep) -> Response:
    """All of them as a CSV file for a spreadsheet; what a spreadsheet would take for a formula is made plain text."""
    run = await service.show(db, caller, ImportRunId(import_id))
    name = f"import-{run.id}-rejected.csv"
    return StreamingResponse(
        _csv(request.state.read_sessions, caller, ImportRunId(run.id)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _wanted(kind: ImportKind, upload: Upload, *, agreed: bool = False) -> NewImport:
    return NewImport(kind, upload.filename, upload.size, agreed)


async def _start(
    db: AsyncSession, caller: Caller, wanted: NewImport, upload: Upload, now: NowDep, response: Response
) -> ImportRunOut:
    run = await service.start(db, caller, wanted, upload.file, now)
    response.headers["Location"] = f"/v1/imports/{run.id}"
    return ImportRunOut.model_validate(run)


async def _csv(sessions: async_sessionmaker[AsyncSession], caller: Caller, run_id: ImportRunId) -> AsyncIterator[bytes]:
    """The file in pieces, each read in a transaction of its own: a slow reader holds nothing."""
    after = -1
    headings: tuple[str, ...] = _CSV_HEADINGS
    yield b"\xef\xbb\xbf"  # so that a spreadsheet reads accents and Arabic rightly
    while True:
        async with sessions() as session:
            rows = await ImportRepository(session).rejected(caller, run_id, after, _CSV_ROWS_AT_ONCE)
        cells = [(row.line, row.unit, row.code, row.reason, row.excerpt) for row in rows]
        yield "".join(csv_text(cells, headings=headings)).encode()
        if len(rows) < _CSV_ROWS_AT_ONCE:
            return
        after, headings = rows[-1].position, ()
