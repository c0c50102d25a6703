"""One application that sends mail, for all tests of the ways in and of accounts."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, text

from app.channels.mail.posting import MailPlan
from app.db.session import unit_of_work
from app.jobs.messages import SendMemberLetter
from app.kit.clock import utc_now
from app.kit.ids import OrganisationId
from app.members import passwords
from app.members.letters import MemberLetters
from app.members.roles import Role
from app.members.service import enrol
from app.models.entry import AttemptCount
from app.runtime import mail_plan
from tests.support.api import Api, running_api
from tests.support.db import Cluster
from tests.support.mail_server import MailBox, running_mail_server
from tests.support.pages import Browser, stranger

PASSWORD = "une phrase assez longue"
_numbers = itertools.count(1)


@dataclass
class House:
    """The application, its mail box, and organisations in it."""

    api: Api
    box: MailBox

    def address(self) -> str:
        return f"visitor-{next(_numbers)}@house.example"

    async def organisation(self, kind: str = "buyer", name: str = "Commune fictive") -> OrganisationId:
        return (await self.api.person(kind, name)).id

    async def person(
        self, organisation: OrganisationId, mail: str, role: Role = Role.ADMIN, password: str | None = PASSWORD
    ) -> None:
        async with unit_of_work(self.api.runtime.sessions) as session:
            await enrol(
                session, self.api.runtime.keyring, mail=mail, name="Amina <b>", lang="fr", organisation=organisation,
                role=role, password=password, now=utc_now(),
            )  # fmt: skip

    async def admin(self, mail: str, organisation: OrganisationId | None = None, role: Role = Role.ADMIN) -> Browser:
        """Somebody who came in by their password."""
        await self.person(organisation or await self.organisation(), mail, role)
        browser = stranger(self.api)
        shown = await browser.submit(await browser.get("/sign-in"), "/sign-in", {"mail": mail, "password": PASSWORD})
        assert browser.client.cookies.get("safqa"), shown.text()
        return browser

    async def letter(self) -> str:
        """Send what is queued, as the worker does; the path of the link in the last letter."""
        runtime = self.api.runtime
        plan = mail_plan(runtime.settings)
        assert isinstance(plan, MailPlan)
        connection = runtime.hot
        letters = MemberLetters(runtime.sessions, utc_now, runtime.keyring, plan, runtime.metrics)
        jobs = await connection.fetch("SELECT payload FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_member_letter'")
        async with unit_of_work(runtime.sessions) as session:
            await session.execute(text("DELETE FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_member_letter'"))
        for job in jobs:
            await letters.send(SendMemberLetter.model_validate_json(job["payload"]))
        told = "\n".join(one.part("plain") for one in self.box.got)
        (*_, found) = re.findall(
            r"http://localhost(/(?:sign-in/link|sign-in/take-back|account/address|invitation)/\w+)", told
        )
        return str(found)


@pytest.fixture(scope="package")
async def house(cluster: Cluster) -> AsyncIterator[House]:
    cheap, passwords._HASHER = passwords._HASHER, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # type: ignore[misc]
    async with cluster.copy("entry") as database, running_mail_server() as box:
        mail = {
            "smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_tls": "none", "mail_from": "people@safqa.example",
            "public_url": "http://localhost",
        }  # fmt: skip
        async with running_api(database, **mail) as api:
            yield House(api, box)
    passwords._HASHER = cheap  # type: ignore[misc]


@pytest.fixture(autouse=True)
async def _nobody_tried_before(house: House) -> None:
    """All tests come from one network: what the others tried is forgotten."""
    async with unit_of_work(house.api.runtime.sessions) as session:
        await session.execute(delete(AttemptCount))
