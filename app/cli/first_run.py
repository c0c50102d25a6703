"""What ``--sample`` shows: the sample set loaded, three of its tenders ranked with reasons, a key for each role."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace

from sqlalchemy import select

from app.cli.match_output import Answer, Names, TableWriter
from app.cli.steps import Steps
from app.db.session import reading, unit_of_work
from app.ingest.sample import load_sample, rotate_sample_keys
from app.kit.clock import utc_now
from app.matches.documents import OPEN, startup_doc_of_row, tender_doc_of_row
from app.matches.ranking import Ranker
from app.models.startup import Startup
from app.models.tender import Tender
from app.runtime import Runtime
from app.sample import sample_plan
from matching.types import Gates, StartupDoc, TenderDoc

_SHOWN = 3
_WIDEST = 120


async def show_sample(runtime: Runtime, ranker: Ranker, steps: Steps) -> None:
    """Load the sample set into a database without organisations, rank three tenders of it; at the load, make keys."""
    steps.begin("Looking at the sample set")
    async with unit_of_work(runtime.sessions) as session:
        loaded = await load_sample(session, utc_now())
    if loaded is not None:
        counts = f"{loaded.startups.seen} startups and {loaded.tenders.seen} tenders, all fictional"
        steps.end(f"Loaded the sample set: {counts}.")
    steps.begin("Ranking three tenders of it (the first time, the ranking is compiled for this machine)")
    await show_tenders(runtime, ranker, steps)
    if loaded is not None:
        await _show_keys(runtime)


async def _show_keys(runtime: Runtime) -> None:
    async with unit_of_work(runtime.sessions) as session:
        made = await rotate_sample_keys(session, runtime.keyring)
    print("API keys of the sample set, shown this once (`safqa sample keys` makes new ones):")
    for key in made:
        print(f"  {key.organisation.kind.value:<10} {key.made.token}  {key.organisation.name}")
    print("Send one as `Authorization: Bearer <key>`: GET /v1/tenders, say.\n", flush=True)


async def show_tenders(runtime: Runtime, ranker: Ranker, steps: Steps) -> None:
    """Print the ranking of the sample's three tenders that are open still."""
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
    steps.end(None if answers else "Its calls have closed since: `safqa sample load` dates them from today again.")
    for answer in answers:
        writer.write(answer)
    sys.stdout.flush()


async def _startups(runtime: Runtime, ids: set[str]) -> dict[str, StartupDoc]:
    async with reading(runtime.sessions) as session:
        rows = await session.execute(select(Startup.id, Startup.record).where(Startup.id.in_(list(ids))))
        return {str(row): startup_doc_of_row(row, record) for row, record in rows}
