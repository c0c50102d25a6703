"""Suite ``web``: what each page costs its server, over a full database.

Every page that links lead to is found as the browser tests find it, then asked for again and again by one reader. The
milliseconds and queries are those of the server's own log; rows are kinds of pages, ids replaced by ``*``.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.service import create_organisation
from app.config import Settings
from app.db.session import unit_of_work
from app.jobs.messages import MatchStartups, MatchTenders
from app.jobs.queue import enqueue
from app.kit.clock import utc_now
from app.kit.ids import OrganisationId
from app.members.roles import Role
from app.members.service import enrol
from app.members.sessions import begin_session
from app.models.organisation import OrganisationKind
from app.runtime import Runtime, open_runtime
from bench.database import connect, running_server
from bench.figures import Figure
from bench.market import SECRET, Market, filled, free_port, load_average
from tests.support.crawl import crawl
from tests.support.db import Database
from tests.support.processes import Serving
from tests.support.site import Cost, Site, Visited, Who

SIZES = (10_000,)
TENDERS_PER_STARTUP = 5
OWN_CALLS, COHORT = 60, 200
ROUNDS = 20
GOAL_MS, GOAL_QUERIES = 80, 12
ROLES: Final[Mapping[Who, OrganisationKind]] = {
    "founder": OrganisationKind.STARTUP,
    "officer": OrganisationKind.BUYER,
    "incubator": OrganisationKind.INCUBATOR,
    "operator": OrganisationKind.OPERATOR,
}


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """``sizes``: startups, with five times as many tenders; 10,000 if not given."""
    return [figure for n in sizes or SIZES for figure in asyncio.run(_run(n))]


async def _run(n: int) -> list[Figure]:
    with running_server() as server, tempfile.TemporaryDirectory() as folder:
        async with (
            filled(server, tenders=TENDERS_PER_STARTUP * n, startups=n) as market,
            _opened(market, Path(folder) / "server.log") as site,
        ):
            return await asyncio.to_thread(lambda: list(_measured(site, n)))


@asynccontextmanager
async def _opened(market: Market, log: Path) -> AsyncIterator[Site]:
    port = free_port()
    settings = {"database_url": market.url, "secret": SECRET, "rate_limit": "0", "log_format": "json"}
    site = Site(f"http://127.0.0.1:{port}", Database("", market.url, ""), log)
    own = Settings(database_url=SecretStr(market.url), secret=SecretStr(SECRET), pool_size=2)
    async with open_runtime(own) as runtime:
        async with unit_of_work(runtime.sessions) as session:
            for who, kind in ROLES.items():
                await _enter(site, runtime, session, who, kind)
        await _share_out(market, site)
        async with unit_of_work(runtime.sessions) as session:
            startups = tuple(map(UUID, market.startups[: COHORT + 1]))
            await enqueue(session, MatchStartups(startup_ids=startups))
            await enqueue(session, MatchTenders(tender_ids=tuple(map(UUID, market.tenders[:OWN_CALLS]))))
        with Serving("serve", "--port", str(port), err=log, **settings) as process:
            await asyncio.to_thread(process.wait_ready, site.url)
            while await runtime.hot.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer"):  # noqa: ASYNC110
                await asyncio.sleep(0.2)
            yield site


async def _enter(site: Site, runtime: Runtime, session: AsyncSession, who: Who, kind: OrganisationKind) -> None:
    now = utc_now()
    organisation = create_organisation(session, kind=kind, name=f"The {who}'s", country="MA")
    await session.flush()
    owner = site.organisations[who] = OrganisationId(organisation.id)
    person = await enrol(
        session, runtime.keyring, mail=f"{who}@people.example", name=who, lang="fr", organisation=owner,
        role=Role.ADMIN, password=None, now=now,
    )  # fmt: skip
    site.tokens[who] = await begin_session(session, runtime.keyring, person.id, owner, now, second_factor=False)


async def _share_out(market: Market, site: Site) -> None:
    """A startup to the founder, calls to the officer, a cohort to the incubator."""
    connection = await connect(market.url)
    own, cohort = market.startups[:1], market.startups[1 : COHORT + 1]
    for sql, who, ids in (
        ("UPDATE startup SET owner_id = $1 WHERE id = ANY($2::uuid[])", "founder", own),
        ("UPDATE startup SET registrar_id = $1 WHERE id = ANY($2::uuid[])", "incubator", cohort),
        ("UPDATE tender SET owner_id = $1 WHERE id = ANY($2::uuid[])", "officer", market.tenders[:OWN_CALLS]),
    ):
        await connection.execute(sql, site.organisations[who], list(ids))  # type: ignore[index]
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()


def _measured(site: Site, n: int) -> Iterator[Figure]:
    for who in ROLES:
        try:
            yield from _of_role(site, who, n)
        except httpx.TimeoutException as late:
            print(f"  {who}: no answer in time to {late.request.url}", file=sys.stderr, flush=True)


def _of_role(site: Site, who: Who, n: int) -> Iterator[Figure]:
    kinds: dict[str, list[Visited]] = {}
    for page in crawl(site, who):
        if page.status < 400 and page.is_page:
            kinds.setdefault(page.kind, []).append(page)
    asked = _asked(site, who, kinds)
    costs = site.costs([request for requests in asked.values() for request in requests])
    for kind, requests in sorted(asked.items()):
        yield from _figures(who, kind, n, [costs[request] for request in requests])
    print(f"  {who}: {len(kinds)} kinds, load average {load_average():.1f}", file=sys.stderr, flush=True)


def _asked(site: Site, who: Who, kinds: Mapping[str, Sequence[Visited]]) -> Mapping[str, list[str]]:
    """Ask for the pages of each kind, turn by turn; the ids of the requests that answered."""
    asked: dict[str, list[str]] = {kind: [] for kind in kinds}
    with site.client(who) as client:
        for turn in range(ROUNDS):
            for kind, pages in kinds.items():
                answer = client.get(next(islice(pages, turn % len(pages), None)).path)
                asked[kind].append(answer.headers["x-request-id"])
    return asked


def _figures(who: Who, kind: str, n: int, costs: Sequence[Cost]) -> Iterator[Figure]:
    told = sorted(cost.ms for cost in costs)
    queries = max(cost.queries for cost in costs)
    p95 = told[int(0.95 * (len(told) - 1))]
    over = (p95 > GOAL_MS) + (queries > GOAL_QUERIES)
    yield Figure("web", who, kind, n, "p50", statistics.median(told), "ms")
    yield Figure("web", who, kind, n, "p95", p95, "ms")
    yield Figure("web", who, kind, n, "queries", queries, "")
    yield Figure("web", who, kind, n, "goals missed", over, "")
