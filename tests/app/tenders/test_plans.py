"""The hot reads: how many statements they take, and that they walk indexes instead of the table."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from sqlalchemy import Executable, insert, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement
from structlog.testing import capture_logs

from app.db.engine import create_engine
from app.db.session import create_sessions
from app.kit.ids import OrganisationId
from app.models import Organisation, OrganisationKind, Tender, TenderStatus
from app.tenders import document
from app.tenders.columns import tender_columns
from app.tenders.filters import TenderFilters, conditions, search_query, unworded
from app.tenders.ocid import ocid_of
from app.tenders.pages import BY_DEADLINE, BY_PUBLICATION, Slice, page
from app.tenders.ranked import Sought, nearest_page, ranked_page
from app.tenders.repository import TenderRepository, changed_statement, column_values
from app.tenders.words import read_words
from scrapers.records import TenderRecord
from tests.app.tenders.calls import posted
from tests.support.api import Api
from tests.support.db import Cluster

ROWS = 4_000
_START = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
_SKIPPED = uuid.UUID(int=7)


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement: Executable) -> None:
        self.statement = statement


@compiles(_Explain)
def _explain(element: _Explain, compiler: SQLCompiler, **options: object) -> str:
    return "EXPLAIN " + compiler.process(element.statement, **options)


@dataclass
class Market:
    session: AsyncSession
    owner: OrganisationId

    async def plan(self, statement: Executable) -> str:
        return "\n".join(row[0] for row in await self.session.execute(_Explain(statement)))


@pytest.fixture(scope="module")
async def market(cluster: Cluster) -> AsyncIterator[Market]:
    """Some thousand published calls of one owner, as PostgreSQL plans with after an import."""
    async with cluster.copy("plans") as database:
        engine = create_engine(database.url, pool_size=2, statement_timeout_seconds=60)
        async with create_sessions(engine)() as session:
            owner = uuid.uuid4()
            session.add(Organisation(id=owner, kind=OrganisationKind.BUYER, name="x"))
            await session.flush()
            await session.execute(insert(Tender), [_row(number, owner) for number in range(ROWS)])
            await session.commit()
            await session.execute(text("ANALYZE tender"))
            await session.commit()
            yield Market(session, OrganisationId(owner))
        await engine.dispose()


def _row(number: int, owner: uuid.UUID) -> dict[str, object]:
    deadline = None if number % 10 == 0 else _START + dt.timedelta(minutes=number)
    record = TenderRecord.model_validate({
        "id": f"AO-{number}", "title": f"Marché numéro {number} de travaux", "description": "voirie réseau " * 20,
        "deadline": deadline, "published": None if number % 7 == 0 else _START - dt.timedelta(minutes=number),
        "cpv": [f"{number % 90 + 10}000000"], "buyer": {"name": f"Commune {number % 500}"},
    })  # fmt: skip
    made = uuid.UUID(int=number + 1_000)
    values = column_values(tender_columns(record, zone=None))
    return {"id": made, "owner_id": owner, "ocid": ocid_of(made), "status": TenderStatus.PUBLISHED, **values}


_DEEP = Slice((_START + dt.timedelta(minutes=2_000), _SKIPPED), 21)
_DEEP_UNDATED = Slice((None, uuid.UUID(int=3_000)), 21)
_DEEP_NEWEST = Slice((_START - dt.timedelta(minutes=2_000), _SKIPPED), 21)


@pytest.mark.parametrize("part", [Slice(None, 21), _DEEP, _DEEP_UNDATED], ids=["first", "deep", "undated"])
async def test_a_list_by_deadline_walks_its_index_and_sorts_nothing_large(market: Market, part: Slice) -> None:
    plan = await market.plan(page(BY_DEADLINE, conditions(TenderFilters(), market.owner), part))
    assert "ix_tender_open" in plan
    assert "Seq Scan on tender" not in plan
    assert all("rows=4000" not in line for line in plan.splitlines() if "Sort" in line)


async def test_open_calls_are_walked_from_now_on_not_through_all_that_are_over(market: Market) -> None:
    now = dt.datetime(2099, 1, 1, tzinfo=dt.UTC)
    holds = conditions(TenderFilters(open_at=now), market.owner)
    plan = await market.plan(page(BY_DEADLINE, holds, Slice(None, 21, beyond=now)))
    assert any("Index Cond" in line and "deadline_at >" in line for line in plan.splitlines())
    assert "Seq Scan on tender" not in plan


async def test_calls_of_several_statuses_are_walked_status_by_status(market: Market) -> None:
    statuses = (TenderStatus.PUBLISHED, TenderStatus.CLOSED, TenderStatus.AWARDED)
    part = Slice(None, 21, statuses=statuses)
    plan = await market.plan(page(BY_PUBLICATION, conditions(TenderFilters(statuses=statuses), market.owner), part))
    assert "ix_tender_newest" in plan
    assert "Seq Scan on tender" not in plan


async def test_a_word_of_many_forms_is_looked_up_not_looked_for(market: Market) -> None:
    asked = TenderFilters(q="écoles مياه", open_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    plan = await market.plan(page(BY_DEADLINE, conditions(asked, market.owner), Slice(None, 21)))
    assert "ix_tender_search" in plan
    assert "Seq Scan on tender" not in plan


async def test_a_filter_that_few_calls_pass_can_be_told_from_the_index_of_open_calls(market: Market) -> None:
    for other in ("seqscan", "bitmapscan"):  # a table as small as this one is read whole
        await market.session.execute(text(f"SET LOCAL enable_{other} = off"))
    rare = TenderFilters(
        regions=["Dakhla-Oued Ed-Dahab"], categories=["works"], sector="public", country="MA", reserved_sme=True,
        simplified_access=True, currency="MAD", min_value=Decimal(1), open_at=_START,
    )  # fmt: skip
    plan = await market.plan(page(BY_DEADLINE, conditions(rare, market.owner), Slice(None, 21, beyond=_START)))
    await market.session.rollback()
    assert plan.count("Index Only Scan using ix_tender_open") == 2


async def test_all_that_say_a_word_are_ranked_whenever_they_close(market: Market) -> None:
    repository, asked = TenderRepository(market.session), TenderFilters(q="voirie numero")
    last, words = uuid.UUID(int=9), read_words("voirie numero")
    made = {**_row(ROWS - 1, market.owner), "id": last, "ocid": "x", "external_id": "x"}
    made["search_text"] = f"voirie numero un, {made['search_text']}"
    added = await market.session.begin_nested()
    await market.session.execute(insert(Tender), [made])
    first, second = await repository.ranked(market.owner, asked, words, None, 2)
    assert (first["id"], first["place_of_words"], second["place_of_words"]) == (last, 0, 1)
    key = first["place_of_words"], first["ends_at"], first["id"]
    following = await repository.ranked(market.owner, asked, words, key, 1)
    assert [row["id"] for row in following] == [second["id"]]
    await added.rollback()


async def test_the_nearest_calls_fill_the_pages_that_an_index_of_words_would(market: Market) -> None:
    words = read_words("travaux")
    sought = Sought(search_query(words, wide=False), search_query(words, wide=True), denies=False)
    holds, after, seen = unworded(TenderFilters(), market.owner), None, list[uuid.UUID]()
    for _ in range(3):
        pages = nearest_page(sought, TenderFilters(), holds, after, 150), ranked_page(sought, 0, holds, after, 150)
        near, found = [(await market.session.execute(each)).mappings().all() for each in pages if each is not None]
        assert [row["id"] for row in near] == [row["id"] for row in found]
        after = 0, near[-1]["ends_at"], near[-1]["id"]
        seen += [row["id"] for row in near]
    assert len(set(seen)) == 450


@pytest.mark.parametrize("part", [Slice(None, 21), _DEEP_NEWEST, _DEEP_UNDATED], ids=["first", "deep", "undated"])
async def test_a_list_by_publication_walks_its_index(market: Market, part: Slice) -> None:
    plan = await market.plan(page(BY_PUBLICATION, conditions(TenderFilters(), market.owner), part))
    assert "ix_tender_newest" in plan
    assert "Seq Scan on tender" not in plan


@pytest.mark.parametrize(
    "filters",
    [TenderFilters(q="numero 1234"), TenderFilters(buyer="commune 77"), TenderFilters(cpv="99000000", q="marche num")],
    ids=["words", "buyer", "cpv"],
)
async def test_a_search_uses_the_index_of_words(market: Market, filters: TenderFilters) -> None:
    plan = await market.plan(page(BY_DEADLINE, conditions(filters, market.owner), Slice(None, 21)))
    assert "ix_tender_search" in plan
    assert "Seq Scan on tender" not in plan


async def test_the_feed_walks_its_index_from_where_the_reader_stands(market: Market) -> None:
    newest = (await market.session.execute(text("SELECT max(changed_tx::text::bigint) FROM tender"))).scalar_one()
    plan = await market.plan(changed_statement((newest - 1, _SKIPPED), 101))
    assert "ix_tender_feed" in plan
    assert "Seq Scan" not in plan
    assert "Sort" not in plan


async def test_one_call_is_found_by_its_key(market: Market) -> None:
    connection = await market.session.connection()
    raw = (await connection.get_raw_connection()).driver_connection
    plan = await raw.fetch("EXPLAIN " + document.ONE, [b"x" * 32], uuid.UUID(int=1_234))
    assert any("pk_tender" in row[0] or "ix_tender_state" in row[0] for row in plan)  # both are of the id alone


async def test_a_read_takes_the_statement_of_its_caller_and_one_more_or_both_in_one(api: Api) -> None:
    buyer = await api.person("buyer")
    for _ in range(5):
        made = await posted(buyer)
    url = f"/v1/tenders/{made['id']}"
    for path in (url, "/v1/tenders", "/v1/tenders?q=reseau&limit=2", f"{url}/ocds", "/v1/tenders/ocds",
                 f"{url}/versions", "/v1/changes/tenders"):  # fmt: skip
        with capture_logs() as logs:
            assert (await buyer.client.get(path)).status_code == 200
        (done,) = [line for line in logs if line["event"] == "request.done"]
        assert (path, done["queries"]) == (path, 1 if path == url else 2)
