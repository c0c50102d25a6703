"""A mail room: the real application, a post office with a clock that is moved by hand, and a mail server on loopback."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from app.channels.mail.letters import waiting
from app.channels.mail.posting import PostOffice
from app.channels.mail.tasks import MailJobs
from app.db.session import unit_of_work
from app.jobs.messages import MakeDigests
from app.models.digest import LetterState
from app.runtime import mail_plan
from app.searches.feeding import searched
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import startup, tender
from tests.support.mail_server import Mail, MailBox, running_mail_server

ADDRESS = "amina@firm.example"
_MATCH = """
INSERT INTO match (id, tender_id, startup_id, score, grade, reasons, unknown, algorithm, tender_version,
    startup_version, for_tender, for_startup, public, state, created_at, updated_at)
VALUES ($1, $2, $3, $4, $5, $6, '{}', 'profile-2', 1, 1, true, true, true, 'active', now(), now())
"""
_REASONS = """[{"code": "text.term", "contribution": 1.5, "term": "mobil", "facts": {}, "in_startup": [],
    "in_tender": [{"field": "title", "start": 0, "end": 6, "text": "mobile"}]}]"""


def mail_settings(box: MailBox) -> dict[str, object]:
    return {
        "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_tls": "none", "mail_from": "digests@safqa.example",
        "public_url": "https://safqa.example",
    }  # fmt: skip


@dataclass
class Mailroom:
    """``now`` is what the post office's clock shows, in real time plus what was waited."""

    api: Api
    box: MailBox
    waited: dt.timedelta = dt.timedelta(0)

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC) + self.waited

    def office(self) -> PostOffice:
        plan = mail_plan(self.api.runtime.settings)
        assert plan is not None
        runtime = self.api.runtime
        return PostOffice(runtime.sessions, self.now, runtime.keyring, plan, runtime.metrics)

    async def minute(self, **waited: float) -> list[LetterState | None]:
        """Let time pass, then do what the worker does by the minute; what became of each letter."""
        self.waited += dt.timedelta(**waited)
        office = self.office()
        await MailJobs(office, searched).make(MakeDigests())
        async with unit_of_work(office.sessions) as session:
            letters = await waiting(session, self.now(), 100)
        return [await office.send(letter) for letter in letters]

    async def firm(self, owner: Person, **fields: object) -> uuid.UUID:
        answer = await owner.client.post("/v1/startups", json=startup(**fields))  # type: ignore[arg-type]
        assert answer.status_code == 201, answer.text
        return uuid.UUID(answer.json()["id"])

    async def match(self, firm: uuid.UUID, grade: str = "strong", score: float = 3.0, **fields: object) -> uuid.UUID:
        """A call that fits."""
        buyer = await self.api.person("buyer", "Commune fictive d'Aïn Lilia")
        call = await buyer.client.post(
            "/v1/tenders", json={**tender(buyer={"name": "Commune fictive"}), "status": "published", **fields}
        )
        assert call.status_code == 201, call.text
        connection = await self.connect()
        made = uuid.uuid4()
        await connection.execute(_MATCH, made, uuid.UUID(call.json()["id"]), firm, score, grade, _REASONS)
        await connection.close()
        return made

    async def connect(self):  # type: ignore[no-untyped-def]
        import asyncpg

        return await asyncpg.connect(self.api.runtime.url.replace("postgresql+asyncpg://", "postgresql://"))

    async def subscribe(self, person: Person, address: str = ADDRESS, **fields: object) -> dict[str, object]:
        answer = await person.client.post("/v1/digests", json={"address": address, **fields})
        assert answer.status_code == 201, answer.text
        made: dict[str, object] = answer.json()
        return made

    async def confirmed(self, person: Person, address: str = ADDRESS, **fields: object) -> dict[str, object]:
        """A subscription whose owner has said yes; its letter is taken out of the box."""
        made = await self.subscribe(person, address, **fields)
        await self.minute()
        mail = self.box.got.pop()
        assert (await self.api.client.post(link_of(mail))).status_code == 200
        return made

    async def shown(self, person: Person, made: dict[str, object]) -> dict[str, object]:
        found: dict[str, object] = (await person.client.get(f"/v1/digests/{made['id']}")).json()
        return found


def link_of(mail: Mail) -> str:
    """The path of the link that a letter has."""
    found = re.search(r"https://safqa\.example(/mail/[a-z]+/\w+)", mail.part("plain"))
    assert found is not None
    return found[1]


@pytest.fixture
async def room(cluster: Cluster) -> AsyncIterator[Mailroom]:
    async with (
        running_mail_server() as box,
        cluster.copy("mail") as database,
        running_api(database, **mail_settings(box)) as api,
    ):
        yield Mailroom(api, box)
