"""Who owns a webhook that was switched off is told, once per address."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import AsyncIterator

import asyncpg
import pytest

from app.channels.webhooks.dispatcher import Dispatcher, Outside
from app.models.digest import LetterState
from app.runtime import webhook_guard
from tests.app.channels.mail.conftest import Mailroom, mail_settings
from tests.app.channels.webhooks.conftest import hook
from tests.support.api import running_api
from tests.support.db import Cluster
from tests.support.mail_server import running_mail_server
from tests.support.receiver import Receiver, answering, running_receiver

_EVENT = """
INSERT INTO event (type, audience, organisation_id, key, payload, occurred_at)
VALUES ('import.finished', 'organisation', $1, gen_random_uuid()::text, '{}', now())
"""


@pytest.fixture
async def rooms(cluster: Cluster) -> AsyncIterator[tuple[Mailroom, Receiver]]:
    async with (
        running_mail_server() as box,
        running_receiver() as receiver,
        cluster.copy("notices") as database,
        running_api(database, **mail_settings(box), webhook_addresses=(receiver.address,)) as api,
    ):
        yield Mailroom(api, box), receiver


async def test_each_confirmed_address_is_told_once(rooms: tuple[Mailroom, Receiver]) -> None:
    room, receiver = rooms
    owner, other = await room.api.person("startup", "Firme fictive"), await room.api.person("incubator")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    room.waited = dt.timedelta(days=2)
    await room.confirmed(owner, lang="en")  # the same address, for its cohort
    await room.confirmed(other, "other@incubator.example")
    await room.subscribe(owner, "pending@firm.example")
    await room.minute()
    room.box.got.clear()
    made = await hook(owner, f"{receiver.url}/secret-path")
    receiver.otherwise = answering(410)
    connection = await room.connect()
    await connection.execute(_EVENT, uuid.UUID(str(owner.id)))
    async with asyncpg.create_pool(
        room.api.runtime.url.replace("postgresql+asyncpg://", "postgresql://"), min_size=1
    ) as pool:
        outside = Outside(
            webhook_guard(room.api.runtime.settings), lambda: dt.datetime.now(dt.UTC), metrics=room.api.runtime.metrics
        )
        dispatcher = Dispatcher(pool, room.api.runtime.keyring, outside)
        assert await dispatcher.drain() == 1
        assert await dispatcher.drain() == 0
        await dispatcher.close()
    assert await room.minute() == [LetterState.SENT]
    (mail,) = room.box.got
    text = mail.part("plain")
    assert "127.0.0.1" in text
    assert made["id"] in text
    assert "secret-path" not in text
    assert mail.message["List-Unsubscribe"] is not None
    assert b'safqa_webhooks_disabled_total{why="gone"} 1.0' in room.api.runtime.metrics.render()
    assert await room.minute() == []
    await connection.close()
