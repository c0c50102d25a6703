"""One database for all these tests; everybody in it has an address of their own."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from app.accounts.service import create_organisation
from app.channels.mail.posting import MailPlan
from app.channels.mail.rendering import Post
from app.channels.mail.smtp import MailServer
from app.db.engine import create_engine
from app.db.session import Sessions, create_sessions, unit_of_work
from app.jobs.messages import SendMemberLetter
from app.kit.clock import utc_now
from app.kit.crypto import Keyring
from app.kit.ids import OrganisationId
from app.kit.metrics import Metrics
from app.members.entering import Browser, Door, Entered
from app.members.letters import MemberLetters
from app.members.roles import Role
from app.members.service import enrol
from app.members.sessions import Awaited, SignedIn, awaited, signed_in
from app.models.organisation import OrganisationKind
from app.models.person import Person
from tests.support.db import Cluster
from tests.support.mail_server import Mail, MailBox

KEYRING = Keyring(["a secret that is only ever used in tests, 32+ characters"])
PASSWORD = "une phrase assez longue"
_LINK = r"https://safqa\.example/(?:sign-in/link|sign-in/take-back|account/address|invitation)/(\w+)"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Entrance:
    """The ways in over a real database."""

    door: Door
    url: str

    @property
    def sessions(self) -> Sessions:
        return self.door.sessions

    def address(self) -> str:
        return f"person-{next(_numbers)}@entrance.example"

    def browser(self) -> Browser:
        """Somebody on a network of their own."""
        return Browser(network=f"192.0.2.{next(_numbers)}", agent="a test")

    async def organisation(self, name: str = "Commune fictive") -> OrganisationId:
        async with unit_of_work(self.sessions) as session:
            made = create_organisation(session, kind=OrganisationKind.BUYER, name=name, country="MA")
            await session.flush()
            return OrganisationId(made.id)

    async def person(
        self, organisation: OrganisationId, *, mail: str | None = None, role: Role = Role.ADMIN,
        password: str | None = None,
    ) -> Person:  # fmt: skip
        async with unit_of_work(self.sessions) as session:
            return await enrol(
                session, KEYRING, mail=mail or self.address(), name="Amina", lang="fr", organisation=organisation,
                role=role, password=password, now=utc_now(),
            )  # fmt: skip

    async def who(self, entry: object) -> SignedIn | None:
        assert isinstance(entry, Entered), entry
        async with unit_of_work(self.sessions) as session:
            from app.db.session import driver_connection

            return await signed_in(await driver_connection(session), KEYRING.token_hashes(entry.token))

    async def waiting(self, entry: Entered) -> Awaited | None:
        async with unit_of_work(self.sessions) as session:
            from app.db.session import driver_connection

            return await awaited(await driver_connection(session), KEYRING.token_hashes(entry.token))


@pytest.fixture(scope="package")
async def entrance(cluster: Cluster) -> AsyncIterator[Entrance]:
    async with cluster.copy("members") as database:
        engine = create_engine(database.url, pool_size=4, statement_timeout_seconds=20)
        yield Entrance(Door(create_sessions(engine), KEYRING), database.url)
        await engine.dispose()


@pytest.fixture(autouse=True, scope="package")
def _cheap_hashes() -> None:
    """Hash with the least that Argon2 allows: what hashing costs is not what these tests are about."""
    from argon2 import PasswordHasher

    from app.members import passwords

    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # type: ignore[misc]


@pytest.fixture(autouse=True)
async def _nothing_queued(entrance: Entrance) -> None:
    """Letters that other tests left in the queue are none of this one's."""
    async with unit_of_work(entrance.sessions) as session:
        await session.execute(text("DELETE FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_member_letter'"))


async def send(entrance: Entrance, box: MailBox) -> None:
    """Send what is queued, as the worker does."""
    plan = MailPlan(
        MailServer("127.0.0.1", box.port, "none", "people@safqa.example"),
        Post("people@safqa.example", "https://safqa.example"),
    )
    letters = MemberLetters(entrance.sessions, utc_now, KEYRING, plan, Metrics())
    async with unit_of_work(entrance.sessions) as session:
        queued = await session.execute(
            text("DELETE FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_member_letter' RETURNING payload")
        )
        jobs = [SendMemberLetter.model_validate_json(payload) for (payload,) in queued]
    for job in jobs:
        await letters.send(job)


def token_of(box: MailBox) -> str:
    """The token of the last link or invitation that came."""
    (*_, found) = re.findall(_LINK, "\n".join(one.part("plain") for one in box.got))
    return str(found)


def with_links(box: MailBox) -> list[Mail]:
    """The letters with a link or an invitation: other tests leave word of changes in the queue."""
    return [one for one in box.got if re.search(_LINK, one.part("plain"))]
