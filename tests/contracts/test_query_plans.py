"""The statements of the hot paths, explained over some thousand rows: each walks an index, and none the whole table.

Each statement is caught on its way to the database while the code that makes it runs, so that what is explained is what
is sent. (Lists of calls are explained in ``tests/app/tenders/test_plans.py``.)
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import asyncpg
import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from app.accounts.caller import Caller
from app.accounts.repository import BY_DIGEST, AccountRepository
from app.db.engine import create_engine
from app.ingest.repository import ImportRepository
from app.kit.ids import ApiKeyId, OrganisationId, StartupId, TenderId
from app.matches.cards import startup_cards, tender_cards
from app.matches.decisions import DecisionRepository
from app.matches.documents import changed_startups, changed_tenders
from app.matches.kept import KeptMatches, MatchFilters
from app.matches.live_index import PEEK
from app.matches.repository import MatchRepository
from app.matches.subjects import own_open_tender
from app.models.organisation import OrganisationKind
from app.startups.filters import StartupFilters
from app.startups.repository import StartupRepository
from tests.support.db import Cluster, Database

ROWS = 3_000
LARGE = (
    "tender",
    "startup",
    "match",
    "decision",
    "feedback",
    "api_key",
    "import_run",
    "startup_version",
    "tender_version",
)
OWNERS = 100
ONE = uuid.UUID(int=1)


def number(kind: int, n: int) -> uuid.UUID:
    """The id of the n-th row of a kind; ``_ID`` makes the same in SQL."""
    return uuid.UUID(int=kind * 10**9 + n)


def _id(kind: int, n: str) -> str:
    return f"lpad(to_hex({kind}::bigint * 1000000000 + {n}), 32, '0')::uuid"


ORGANISATION, TENDER, STARTUP, MATCH, KEY, RUN, FEEDBACK = range(1, 8)
_OWNER = _id(ORGANISATION, f"(n % {OWNERS}) + 1")
# Each batch is a transaction of its own, so that the feeds have an order.
FILL = (
    f"""INSERT INTO tender (id, owner_id, external_id, ocid, status, title, record, content_hash, deadline_at)
    SELECT {_id(TENDER, "n")}, {_OWNER}, 'T' || n, 'ocds-' || n, 'published', 'Marche ' || n,
           jsonb_build_object('id', 'T' || n, 'title', 'Marche ' || n), 'x', timestamptz '2099-01-01' + make_interval(mins => n::int)
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO startup (id, registrar_id, owner_id, external_id, name, sort_name, record, content_hash, listed,
                             agreed_at)
    SELECT {_id(STARTUP, "n")}, {_OWNER}, {_OWNER}, 'S' || n, 'Firme ' || n, 'firme ' || n,
           jsonb_build_object('id', 'S' || n, 'name', 'Firme ' || n), 'x', true, now()
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO startup_version (startup_id, version, record, author_id)
    SELECT {_id(STARTUP, "n")}, 1, jsonb_build_object('id', 'S' || n), {_OWNER}
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO match (id, tender_id, startup_id, score, grade, reasons, unknown, algorithm, tender_version,
                           startup_version, for_tender, for_startup, public, state)
    SELECT {_id(MATCH, "n * 10 + m")}, {_id(TENDER, f"(n * 7 + m * 131) % {ROWS} + 1")}, {_id(STARTUP, "n")}, m / 10.0,
           'good', '[]', '{{}}', 'x-1', 1, 1, true, true, true, 'active'
    FROM generate_series($1::bigint, $2::bigint) AS n, generate_series(0, 9) AS m""",
    f"""INSERT INTO decision (organisation_id, tender_id, startup_id, kind)
    SELECT {_OWNER}, {_id(TENDER, "n")}, {_id(STARTUP, "n")}, 'invited'
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO feedback (id, organisation_id, tender_id, startup_id, verdict)
    SELECT {_id(FEEDBACK, "n")}, {_OWNER}, {_id(TENDER, "n")}, {_id(STARTUP, "n")}, 'right'
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO api_key (id, organisation_id, name, hint, digest, scopes)
    SELECT {_id(KEY, "n")}, {_OWNER}, 'x', 'x', sha256(n::text::bytea), '{{}}'
    FROM generate_series($1::bigint, $2::bigint) AS n""",
    f"""INSERT INTO import_run (id, organisation_id, kind, state, filename, size, seen, created, updated, unchanged,
                                rejected)
    SELECT {_id(RUN, "n")}, {_OWNER}, 'tenders', 'finished', 'x', 1, 1, 1, 0, 0, 0
    FROM generate_series($1::bigint, $2::bigint) AS n""",
)


@dataclass
class Market:
    """A filled database, and what its last transactions were."""

    engine: AsyncEngine
    raw: asyncpg.Connection
    newest: int

    async def plans(self, ask: Callable[[AsyncSession], Awaitable[object]]) -> list[str]:
        """The plan of every statement that ``ask`` sends over a session."""
        with _caught(self.engine) as sent:
            async with AsyncSession(self.engine) as session:
                await ask(session)
        assert sent
        return [await self.explain(statement, *parameters) for statement, parameters in sent]

    async def explain(self, statement: str, *parameters: object) -> str:
        return "\n".join(row[0] for row in await self.raw.fetch("EXPLAIN " + statement, *parameters))


@contextmanager
def _caught(engine: AsyncEngine) -> Iterator[list[tuple[str, tuple[object, ...]]]]:
    sent: list[tuple[str, tuple[object, ...]]] = []

    def catch(_connection: object, _cursor: object, statement: str, parameters: tuple[object, ...], *_: object) -> None:
        sent.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", catch)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", catch)


@pytest.fixture(scope="module")
async def market(cluster: Cluster) -> AsyncIterator[Market]:
    async with cluster.copy("plans") as database:
        newest = await _fill(database)
        engine = create_engine(database.url, pool_size=2, statement_timeout_seconds=60)
        raw = await database.connect()
        await raw.execute("SET jit = off")
        yield Market(engine, raw, newest)
        await raw.close()
        await engine.dispose()


async def _fill(database: Database) -> int:
    connection = await database.connect()
    await connection.execute(
        f"INSERT INTO organisation (id, kind, name) SELECT {_id(ORGANISATION, 'n')}, 'buyer', 'x' || n "
        f"FROM generate_series(1, {OWNERS}) AS n"
    )
    for statement in FILL:
        for first in range(1, ROWS + 1, 100):
            await connection.execute(statement, first, first + 99)
    for table in ("organisation", *LARGE):
        await connection.execute(f"ANALYZE {table}")
    newest = await connection.fetchval("SELECT max(changed_tx::text::bigint) FROM startup")
    await connection.close()
    return int(newest)


def caller(kind: OrganisationKind) -> Caller:
    return Caller(OrganisationId(number(ORGANISATION, 7)), kind, frozenset(), ApiKeyId(ONE))


CALL_BY_ID = ("pk_tender", "ix_tender_state")
"""Both are of the id alone, and cost the same: PostgreSQL takes either."""


def walks(plan: str, *indexes: str | tuple[str, ...]) -> None:
    """Assert that a plan uses these indexes (one of several that are alike), and reads no large table whole."""
    for table in LARGE:
        assert f"Seq Scan on {table} " not in plan + " ", plan
    for index in indexes:
        assert any(one in plan for one in ((index,) if isinstance(index, str) else index)), plan


STARTUP_CALLER = caller(OrganisationKind.STARTUP)
BUYER = caller(OrganisationKind.BUYER)
INCUBATOR = caller(OrganisationKind.INCUBATOR)
OPERATOR = caller(OrganisationKind.OPERATOR)
FIRM, CALL = StartupId(number(STARTUP, 6)), TenderId(number(TENDER, 6))
SOME = [number(STARTUP, n) for n in range(50, 71)]
CALLS = [number(TENDER, n) for n in range(50, 71)]


@pytest.mark.parametrize("after", [None, (0.5, ONE)], ids=["first", "deep"])
async def test_a_page_of_matches(market: Market, after: tuple[float, uuid.UUID] | None) -> None:
    async def ask(db: AsyncSession) -> None:
        await KeptMatches(db).of_startup(STARTUP_CALLER, FIRM, MatchFilters(), after, 21)

    for plan in await market.plans(ask):
        walks(plan, "ix_match_by_startup", CALL_BY_ID, "pk_startup")


@pytest.mark.parametrize("who", [OPERATOR, BUYER, STARTUP_CALLER], ids=["operator", "buyer", "startup"])
async def test_the_feed_of_matches_from_where_its_reader_stands(market: Market, who: Caller) -> None:
    newest = await market.raw.fetchval("SELECT max(changed_tx::text::bigint) FROM match")

    async def ask(db: AsyncSession) -> None:
        await KeptMatches(db).changed_after(who, (newest - 1, ONE), 101)

    for plan in await market.plans(ask):
        assert "Seq Scan on match" not in plan
        assert "ix_match_feed" in plan, plan


async def test_the_look_for_changes(market: Market) -> None:
    walks(await market.explain(PEEK, market.newest - 1, market.newest - 1, 1_000), "ix_startup_feed", "ix_tender_feed")


async def test_reading_what_changed(market: Market) -> None:
    async def ask(db: AsyncSession) -> None:
        assert [batch async for batch in changed_startups(db, market.newest - 1)]
        assert not [batch async for batch in changed_tenders(db, market.newest + 1_000)]

    startups, lessons, tenders = await market.plans(ask)
    walks(startups, "ix_startup_feed")
    walks(lessons, "ix_decision_startup_id")
    walks(tenders, "ix_tender_feed")


async def test_the_call_whose_candidates_are_asked_for_and_their_lines(market: Market) -> None:
    async def ask(db: AsyncSession) -> None:
        await own_open_tender(db, OPERATOR, CALL)
        await startup_cards(db, SOME)
        await tender_cards(db, CALLS)
        await DecisionRepository(db).kinds_for_tender(BUYER.organisation_id, CALL, SOME)

    call, lessons, firms, calls, decisions = await market.plans(ask)
    walks(call, CALL_BY_ID)
    walks(lessons, "decision")
    walks(firms, "pk_startup")
    walks(calls, CALL_BY_ID)
    walks(decisions, "decision")


async def test_decisions(market: Market) -> None:
    async def ask(db: AsyncSession) -> None:
        decisions = DecisionRepository(db)
        await decisions.of_tender(BUYER.organisation_id, CALL, None, 21)
        await decisions.invitations(FIRM, None, 21)
        await decisions.kinds_for_startup(STARTUP_CALLER.organisation_id, FIRM, CALLS)

    shortlist, invitations, kinds = await market.plans(ask)
    walks(shortlist, "decision")
    walks(invitations, "ix_decision_startup_id")
    walks(kinds, "decision")


async def test_what_a_ranking_keeps_for_the_other_side(market: Market) -> None:
    async def ask(db: AsyncSession) -> None:
        await MatchRepository(db).kept_for_startups(CALL)
        await MatchRepository(db).kept_for_tenders(FIRM)

    for plan in await market.plans(ask):
        walks(plan, "match")


async def test_the_key_of_a_caller(market: Market) -> None:
    walks(await market.explain(BY_DIGEST, [b"x" * 32, b"y" * 32]), "uq_api_key_digest")


async def test_keys_of_an_organisation(market: Market) -> None:
    async def ask(db: AsyncSession) -> None:
        await AccountRepository(db).keys(BUYER.organisation_id)

    for plan in await market.plans(ask):
        walks(plan, "ix_api_key_organisation_id")


@pytest.mark.parametrize("who", [BUYER, OPERATOR], ids=["own", "everybody's"])
async def test_import_runs(market: Market, who: Caller) -> None:
    async def ask(db: AsyncSession) -> None:
        await ImportRepository(db).runs(who, None, 21)
        await ImportRepository(db).runs(who, number(RUN, 1_500), 21)

    for plan in await market.plans(ask):
        walks(plan, "import_run")


@pytest.mark.parametrize("who", [STARTUP_CALLER, INCUBATOR, BUYER, OPERATOR], ids=lambda who: who.kind.value)
async def test_lists_of_startups(market: Market, who: Caller) -> None:
    async def ask(db: AsyncSession) -> None:
        startups = StartupRepository(db)
        await startups.visible(who, FIRM)
        await startups.by_name(who, StartupFilters(), None, 21)
        await startups.by_name(who, StartupFilters(), ("firme 2", ONE), 21)
        await startups.newest(who, StartupFilters(), number(STARTUP, 1_500), 21)
        await startups.versions(who, FIRM, None, 21)

    for plan in await market.plans(ask):
        walks(plan)


async def test_a_call_that_is_deleted_drags_nothing_large_along(market: Market) -> None:
    """Foreign keys that point at it are looked up by index."""
    rows = await market.raw.fetch(
        """SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND c.confrelid IN ('tender'::regclass, 'startup'::regclass, 'import_run'::regclass)
        AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1])"""
    )
    assert [tuple(row) for row in rows] == []
