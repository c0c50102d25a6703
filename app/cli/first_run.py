"""What ``--sample`` shows: the sample set loaded, three of its tenders ranked with reasons, a key for each role."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text
from sqlalchemy import select

from app.cli.match_output import reason_text
from app.cli.steps import Steps
from app.db.session import reading, unit_of_work
from app.ingest.sample import load_sample, rotate_sample_keys
from app.ingest.sample_people import renew_sample_people
from app.kit.clock import utc_now
from app.kit.i18n import has_message, translate
from app.matches.documents import OPEN, tender_doc_of_row
from app.matches.ranking import Ranker
from app.models.startup import Startup
from app.models.tender import Tender
from app.runtime import Runtime
from app.sample import sample_plan
from app.sample.dates import ZONE
from matching.types import Gates, MatchResult, Ranking, TenderDoc

_SHOWN = 3
_REASONS = 3
_NARROW = 80
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
        people = await renew_sample_people(session, runtime.keyring, utc_now())
    print("API keys of the sample set, shown this once (`safqa sample keys` makes new ones):")
    for key in made:
        print(f"  {key.organisation.kind.value:<10} {key.made.token}  {key.organisation.name}")
    print("Send one as `Authorization: Bearer <key>`: GET /v1/tenders, say.\n")
    print(
        "People of the sample set and their passwords, to sign in to the pages with (`safqa sample people` makes new):"
    )
    for person in people:
        print(f"  {person.mail:<28} {person.password}  {person.role.value:<6} {person.organisation}")
    print(flush=True)


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
    rankings = {
        name: await ranker.startups_for(tenders[name], k=_SHOWN, gates=gates) for name in plan.show if name in tenders
    }
    names = await _names(runtime, {item.startup_id for ranking in rankings.values() for item in ranking.items})
    steps.end(None if rankings else "Its calls have closed since: `safqa sample load` dates them from today again.")
    width = min(shutil.get_terminal_size((_NARROW, 24)).columns, _WIDEST) if sys.stdout.isatty() else _NARROW
    console = Console(file=sys.stdout, width=width, highlight=False)
    for name, ranking in rankings.items():
        console.print(ranked_table(tenders[name], ranking, names))
    sys.stdout.flush()


def ranked_table(tender: TenderDoc, ranking: Ranking, names: Mapping[str, str]) -> Table:
    """A tender's best startups with their grade and why, to be read at 80 columns."""
    value = f"{tender.value.amount:,.0f} {tender.value.currency}" if tender.value else None
    closes = f"closes {tender.deadline.astimezone(ZONE):%d %b %Y %H:%M}" if tender.deadline else None
    facts = " · ".join(filter(None, [tender.buyer, tender.place, value, closes]))
    table = Table(
        title=Text.assemble((tender.title, "bold"), "\n", (facts, "dim")),
        title_justify="left",
        title_style="",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        header_style="bold",
        expand=True,
    )
    table.add_column("Startup", width=20, overflow="fold")
    table.add_column("Match", width=8)
    table.add_column("Why", ratio=1, overflow="fold")
    for item in ranking.items:
        lot = f" (lot {item.lot_id})" if item.lot_id else ""
        table.add_row(
            Text(f"{names.get(item.startup_id, item.startup_id)}{lot}"),
            Text(translate(f"grade.{item.grade}", "en")),
            Text("\n".join(_reasons(item))),
        )
    return table


def _reasons(item: MatchResult) -> list[str]:
    weighty = sorted(item.reasons, key=lambda reason: -reason.contribution)
    worded = [
        reason_text(reason, "en")
        for reason in weighty
        if reason.contribution > 0 and has_message(f"reason.{reason.code}") and reason.code not in {"base", "rest"}
    ]
    return worded[:_REASONS]


async def _names(runtime: Runtime, ids: set[str]) -> dict[str, str]:
    async with reading(runtime.sessions) as session:
        rows = await session.execute(select(Startup.id, Startup.name, Startup.city).where(Startup.id.in_(list(ids))))
        return {str(row): ", ".join(filter(None, [name, city])) for row, name, city in rows}
