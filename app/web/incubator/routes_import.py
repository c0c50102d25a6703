"""Bringing a cohort in: a file that is looked at first, with a template for it and the imports before."""

from __future__ import annotations

import asyncio
import uuid
from typing import Final

from fastapi import Request
from fastapi.responses import Response

from app.api.deps import PageParams, ReadSessionDep, SessionDep
from app.ingest import service
from app.kit.errors import ValidationFailed
from app.kit.ids import ImportRunId
from app.models.import_run import ImportKind
from app.web.forms import Form
from app.web.incubator.access import Importer, ImportReader
from app.web.incubator.import_template import COLUMNS, XLSX, also_understood, template_csv, template_xlsx
from app.web.incubator.mending import MOST_MENDED, to_mend
from app.web.pages import page, page_router, see_other
from app.web.progress.receiving import form_again, hold_import, imports_before
from app.web.rendering import link
from app.web.visitor import VisitorDep

router = page_router("/cohort/import")

_COLUMNS: Final = tuple((name, also_understood(name)) for name in COLUMNS)


@router.get("")
async def show_import_form(request: Request, caller: Importer, db: ReadSessionDep, asked: PageParams) -> Response:
    """Where a file is chosen, what it may hold, and the imports before."""
    runs, following = await imports_before(db, caller, asked)
    return page(
        request,
        "incubator/import.html",
        form=Form(),
        columns=_COLUMNS,
        runs=runs,
        next=link("/cohort/import", cursor=following) if following else None,
        first="/cohort/import" if asked.cursor else None,
    )


@router.post("")
async def receive_import(request: Request, caller: Importer, db: SessionDep, visitor: VisitorDep) -> Response:
    """Take a file or pasted rows in, to be looked at: nothing of them is stored as startups yet."""
    try:
        run_id = await hold_import(request, db, caller, ImportKind.STARTUPS)
    except ValidationFailed as refused:
        form = await form_again(request, refused, visitor.lang)
        return page(request, "incubator/import.html", 422, form=form, columns=_COLUMNS, runs=(), next=None, first=None)
    return see_other(request, f"/imports/{run_id}")


@router.get("/template.csv")
async def download_csv(caller: Importer) -> Response:
    """The template for any spreadsheet."""
    del caller
    return _file(template_csv(), "text/csv; charset=utf-8", "csv")


@router.get("/template.xlsx")
async def download_xlsx(caller: Importer) -> Response:
    """The template as a workbook."""
    del caller
    return _file(template_xlsx(), XLSX, "xlsx")


@router.get("/{import_id:uuid}/mend.csv")
async def download_to_mend(
    import_id: uuid.UUID, caller: ImportReader, db: ReadSessionDep, visitor: VisitorDep
) -> Response:
    """The refused startups, to be mended and sent again."""
    rejected = await service.rejected(db, caller, ImportRunId(import_id), -1, MOST_MENDED)
    return _file(await asyncio.to_thread(to_mend, rejected, visitor.lang), "text/csv; charset=utf-8", "csv")


def _file(content: bytes, media_type: str, suffix: str) -> Response:
    disposition = f'attachment; filename="safqa-startups.{suffix}"'
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})
