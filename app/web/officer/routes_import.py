"""Calls brought in from a file, or pasted: looked at first, on the page of the import."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import PageParams, ReadSessionDep, SessionDep
from app.kit.errors import ValidationFailed
from app.models.import_run import ImportKind
from app.models.organisation import OrganisationKind
from app.web.forms import Form
from app.web.pages import page, page_router, see_other
from app.web.progress.receiving import form_again, hold_import, imports_before
from app.web.visitor import Guard, VisitorDep

router = page_router("/calls/import")
Importer = Annotated[
    Caller, Depends(Guard("imports:write", OrganisationKind.BUYER, OrganisationKind.OPERATOR))
]  # fmt: skip


@router.get("")
async def show_import_form(request: Request, caller: Importer, db: ReadSessionDep, asked: PageParams) -> Response:
    """Where a file is chosen, and the imports before."""
    runs, following = await imports_before(db, caller, asked)
    return page(request, "officer/import.html", form=Form(), runs=runs, following=following)


@router.post("")
async def receive_import(request: Request, caller: Importer, db: SessionDep, visitor: VisitorDep) -> Response:
    """Take a file or a pasted text in, to be looked at."""
    try:
        run_id = await hold_import(request, db, caller, ImportKind.TENDERS)
    except ValidationFailed as refused:
        form = await form_again(request, refused, visitor.lang)
        return page(request, "officer/import.html", 422, form=form, runs=(), following=None)
    return see_other(request, f"/imports/{run_id}")
