"""What ``--sample`` shows: the sample set loaded, three of its tenders ranked with reasons, a key for each role."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace

from sqlalchemy import select

from app.cli.match_output import Answer, Names, TableWriter
from app.cli.steps import Steps
from app.db.session import reading
from app.kit.clock import utc_now
from app.kit.observability import get_logger
from app.matches.documents import OPEN, startup_doc_of_row, tender_doc_of_row
from app.matches.ranking import Ranker
from app.models.startup import Startup
from app.models.tender import Tender
from app.runtime import Runtime
from app.sample import sample_plan
from matching.types import Gates, StartupDoc, TenderDoc

_SHOWN = 3
_WIDEST = 120
log = get_logger(__name__)


async def show_sample(runtime: Runtime, ranker: Ranker, steps: Steps) -> None:
    """Load the sample set into an empty database, and show what it ranks."""
    steps.begin("Ranking three tenders of the sample set")
    await show_tenders(runtime, ranker, steps)


async def show_tenders(runtime: Runtime, ranker: Ranker, steps: Steps) -> int:
    """Print the ranking of the sample's three tenders that are open still; how many there were."""
    plan = sample_plan()
    async with reading(runtime.sessions) as session:
        rows = await session.execute(
            select(Tender.id, Tender.external_id, Tender.record).where(Tender.external_id.in_(plan.show), OPEN)
        )
        tenders = {name: tender_doc_of_row(row, record) for row, name, record in rows}
    await ranker.index.catch_up()
    gates = Gates(as_of=utc_now())
    answers = [
        Answer(replace(tenders[name], id=name), await ranker.startups_for(tenders[name], k=_SHOWN, gates=gates))
        for name in plan.show
        if name in tenders
    ]
    names = Names({answer.query.id: answer.query for answer in answers if isinstance(answer.query, TenderDoc)}, {})
    startups = await _startups(runtime, {item.startup_id for answer in answers for item in answer.ranking.items})
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDEST)
    writer = TableWriter(sys.stdout, "en", replace(names, startups=startups), width if sys.stdout.isatty() else 80)
    steps.end()
    for answer in answers:
        writer.write(answer)
    sys.stdout.flush()
    return len(answers)


async def _startups(runtime: Runtime, ids: set[str]) -> dict[str, StartupDoc]:
    async with reading(runtime.sessions) as session:
        rows = await session.execute(select(Startup.id, Startup.record).where(Startup.id.in_(list(ids))))
        return {str(row): startup_doc_of_row(row, record) for row, record in rows}
