"""Candidates as a file: the same list through the same filters, and its place in the audit trail."""

from __future__ import annotations

from typing import Final, Literal

from fastapi.responses import StreamingResponse

from app.api.deps import CpuDep, SessionDep
from app.matches import live
from app.web.candidates.listing import region_names, rows_of
from app.web.candidates.routes import LookingDep
from app.web.candidates.sheet import MOST_EXPORTED, csv_of, in_pieces, table_of, xlsx_of
from app.web.pages import page_router

_SECONDS = 20.0
_TYPES: Final = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

router = page_router("/calls/{tender_id:uuid}")


@router.get("/candidates.{form}")
async def export_candidates(
    form: Literal["csv", "xlsx"], ask: LookingDep, db: SessionDep, cpu: CpuDep
) -> StreamingResponse:
    """The best candidates as a table."""
    question = ask.question
    found = await live.candidates(ask.sessions, ask.ranker, question, None, MOST_EXPORTED)
    await live.keep_view(db, question, found.items, {"after": 0, "exported": form})
    rows = await cpu.run(rows_of, found.items, 0, question.lang, deadline=_SECONDS)
    table = table_of(rows, region_names(question.lang), question.lang)
    named = {"Content-Disposition": f'attachment; filename="candidates-{question.tender_id}.{form}"'}
    headers = {**named, "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
    if form == "csv":
        return StreamingResponse(csv_of(table, question.lang), media_type=_TYPES[form], headers=headers)
    made = await cpu.run(xlsx_of, table, question.lang, deadline=_SECONDS)
    return StreamingResponse(in_pieces(made), media_type=_TYPES[form], headers=headers)
