"""A post office: the real application, a dispatcher with a clock that is moved by hand, and receivers on loopback."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import asyncpg
import pytest
from sqlalchemy.dialects.postgresql import insert

from app.channels.webhooks.desk import DispatchLimits
from app.channels.webhooks.dispatcher import Dispatcher, Outside
from app.db.session import unit_of_work
from app.models.event import Event
from app.runtime import webhook_guard
from scrapers.net import AddressGuard, Resolver, resolve
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.receiver import Receiver, running_receiver

LIMITS = DispatchLimits()


@dataclass
class Office:
    """``now`` is what the dispatcher's clock shows, in real time plus what was waited."""

    api: Api
    pool: asyncpg.Pool
    receivers: list[Receiver]
    waited: dt.timedelta = dt.timedelta(0)
    dispatchers: list[Dispatcher] = field(default_factory=list)

    @property
    def receiver(self) -> Receiver:
        return self.receivers[0]

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.waited

    def dispatcher(
        self, limits: DispatchLimits = LIMITS, guard: AddressGuard | None = None, resolver: Resolver = resolve
    ) -> Dispatcher:
        outside = Outside(guard or webhook_guard(self.api.runtime.settings), self.now, resolver, lambda: 0.0)
        made = Dispatcher(self.pool, self.api.runtime.keyring, outside, limits)
        self.dispatchers.append(made)
        return made

    async def drain(self, **waited: float) -> int:
        """Let time pass, then send what is due; how many requests were made."""
        self.waited += dt.timedelta(**waited)
        return await self.dispatcher().drain()

    async def event(
        self, kind: str = "match.created", to: Person | None = None, audience: str | None = None, **data: object
    ) -> uuid.UUID:
        """Append an event for an organisation, or for everyone."""
        async with unit_of_work(self.api.runtime.sessions) as session:
            found = await session.scalar(
                insert(Event)
                .values(
                    type=kind,
                    audience=audience or ("organisation" if to else "everyone"),
                    organisation_id=to.id if to and audience is None else None,
                    key=str(uuid.uuid4()),
                    tender_id=data.get("tender_id"),
                    startup_id=data.get("startup_id"),
                    payload=data,
                    occurred_at=dt.datetime.now(dt.UTC),
                )
                .returning(Event.id)
            )
        assert found is not None
        return found

    async def deliveries(self) -> list[asyncpg.Record]:
        return await self.pool.fetch("SELECT * FROM webhook_delivery ORDER BY id")


@pytest.fixture(scope="module")
async def house(cluster: Cluster) -> AsyncIterator[Office]:
    """One database, application and pair of receivers for all tests of a module: most of the time goes into them."""
    async with AsyncExitStack() as stack:
        fresh = await stack.enter_async_context(cluster.copy("office"))
        receivers = [await stack.enter_async_context(running_receiver()) for _ in range(2)]
        allowed = tuple(receiver.address for receiver in receivers)
        api = await stack.enter_async_context(running_api(fresh, webhook_addresses=allowed))
        pool = await stack.enter_async_context(
            asyncpg.create_pool(host=fresh.host, user="postgres", database=fresh.name, min_size=1, max_size=6)
        )
        yield Office(api, pool, receivers)


@pytest.fixture
async def office(house: Office) -> AsyncIterator[Office]:
    """The house, with nothing left in it of the test before."""
    async with house.pool.acquire() as connection, connection.transaction():
        await connection.execute("SET LOCAL session_replication_role = replica")  # audit trails refuse to be emptied
        await connection.execute("TRUNCATE organisation, event, webhook_outbox, pgqueuer.pgqueuer CASCADE")
    for receiver in house.receivers:
        receiver.begin_anew()
    office = Office(house.api, house.pool, house.receivers)
    yield office
    for dispatcher in office.dispatchers:
        await dispatcher.close()


async def hook(person: Person, url: str, **fields: object) -> dict[str, str]:
    """Register an endpoint: its id and secret among the rest."""
    answer = await person.client.post("/v1/webhooks", json={"url": url, **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made
