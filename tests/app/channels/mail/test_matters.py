"""What waits for an organisation is told to its people: to them alone, once, and to nobody who does not want it."""

from __future__ import annotations

import datetime as dt
import itertools
import operator
import re
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update
from structlog.testing import capture_logs

from app.channels.mail import matters
from app.channels.mail.quieting import quiet_token
from app.channels.mail.tasks import MailJobs
from app.channels.mail.times import LEASE
from app.db.session import unit_of_work
from app.jobs.errors import Retry
from app.jobs.messages import MakeDigests, SendMatterLetter
from app.kit.clock import utc_now
from app.members.matter_letters import MatterLetters
from app.members.roles import Role
from app.members.service import enrol
from app.models.matter import Matter, MatterGroup, MatterLetter
from app.models.person import Membership
from app.models.person import Person as Human
from app.models.pilot import Pilot
from app.runtime import mail_plan
from app.searches.feeding import searched
from app.worker import post_office
from tests.app.channels.mail.conftest import mail_settings
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup, tender
from tests.support.mail_server import Mail, MailBox, running_mail_server
from tests.support.meetings import meeting
from tests.support.pilots import applied, pilot

_STOP = re.compile(r"https://safqa\.example(/mail/quiet/sfq_\w{43})")
_numbers = itertools.count(1)


@dataclass
class House:
    """The application with its mail, and a worker that is called by hand."""

    api: Api
    box: MailBox
    names: dict[str, str] = field(default_factory=dict)

    async def human(self, owner: Person, lang: str | None = "en") -> tuple[str, uuid.UUID]:
        """A new member of an organisation: address and id."""
        runtime, mail = self.api.runtime, f"human-{next(_numbers)}@people.example"
        async with unit_of_work(runtime.sessions) as session:
            made = await enrol(
                session, runtime.keyring, mail=mail, name="Amina", lang=lang, organisation=owner.id,  # type: ignore[arg-type]
                role=Role.MEMBER, password=None, now=utc_now(),
            )  # fmt: skip
        return mail, made.id

    async def queued(self) -> list[SendMatterLetter]:
        """The jobs that wait, taken out of the queue."""
        async with unit_of_work(self.api.runtime.sessions) as session:
            rows = await session.execute(
                text("DELETE FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_matter_letter' RETURNING payload")
            )
            return [SendMatterLetter.model_validate_json(payload) for (payload,) in rows]

    def letters(self) -> MatterLetters:
        runtime = self.api.runtime
        return MatterLetters(runtime.sessions, utc_now, runtime.keyring, mail_plan(runtime.settings), runtime.metrics)

    async def sent(self, jobs: Sequence[SendMatterLetter] | None = None) -> list[Mail]:
        """Do what waits, each job twice; what came since the last time, in the order of addresses."""
        for job in await self.queued() if jobs is None else jobs:
            for _ in range(2):
                await self.letters().send(job)
        came, self.box.got[:] = sorted(self.box.got, key=lambda mail: mail.to), []
        return came

    async def execute(self, statement: Any) -> None:
        async with unit_of_work(self.api.runtime.sessions) as session:
            await session.execute(statement)


@pytest.fixture(scope="module")
async def house(cluster: Cluster) -> AsyncIterator[House]:
    async with (
        running_mail_server() as box,
        cluster.copy("matters") as database,
        running_api(database, **mail_settings(box)) as api,
    ):
        yield House(api, box)


async def pair(house: House, title: str = "Fuites d'eau") -> tuple[Person, Person, str, str]:
    """A buyer with an open pilot, and a startup."""
    buyer, owner = await house.api.person("buyer", "Régie fictive"), await house.api.person("startup", "Firme fictive")
    firm = (await owner.client.post("/v1/startups", json=startup(name="Capteurs fictifs"))).json()["id"]
    posted = await buyer.client.post("/v1/pilots", json=pilot(title) | {"state": "open"})
    return buyer, owner, firm, posted.json()["id"]


def subjects(mails: Sequence[Mail]) -> list[tuple[str, str]]:
    return [(mail.to, str(mail.message["Subject"])) for mail in mails]


async def test_a_meeting_is_told_to_the_other_side_alone_in_each_readers_language(house: House) -> None:
    buyer, owner, firm, trial = await pair(house)
    (english, _), (arabic, _), (asker, _) = [
        await house.human(who, lang) for who, lang in ((buyer, "en"), (buyer, "ar"), (owner, "fr"))
    ]
    quiet, left, disabled, unsure = [(await house.human(buyer))[1] for _ in range(4)]
    await house.human(await house.api.person("buyer", "Commune étrangère"))
    await house.execute(update(Human).where(Human.id == quiet).values(quiet=["meetings"]))
    await house.execute(update(Human).where(Human.id == disabled).values(disabled_at=utc_now()))
    await house.execute(update(Human).where(Human.id == unsure).values(mail_confirmed_at=None))
    asked = await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial, topic="Secret"))
    again = await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial))
    assert (asked.status_code, again.status_code) == (201, 409)
    await house.execute(delete(Membership).where(Membership.person_id == left))  # after it was queued
    first, second = await house.sent()
    assert (first.to, second.to) == (english, arabic)
    assert first.message["Subject"] == "Capteurs fictifs asks for a meeting"
    assert second.message["Subject"] == "طلب لقاء من Capteurs fictifs"
    said = first.part("plain")
    assert f"https://safqa.example/meetings/{asked.json()['id']}" in said
    assert "Fuites d'eau" in said
    assert "as a member of Régie fictive" in said
    assert "Secret" not in said
    assert "equipe@exemple.invalid" not in first.raw.decode(errors="replace")
    assert 'dir="rtl"' in second.part("html")
    assert "«\u2068Fuites d'eau\u2069»" in second.part("plain")
    path = f"/v1/meetings/{asked.json()['id']}"
    later = {"starts_at": in_days(8), "place": "online", "contact": "x"}
    assert (await buyer.client.post(f"{path}/propose", json=later)).status_code == 200
    assert subjects(await house.sent()) == [(asker, "Régie fictive propose une autre date de rendez-vous")]
    assert (await owner.client.post(f"{path}/accept", json={})).status_code == 200
    accepted = await house.queued()
    assert (await buyer.client.post(f"{path}/withdraw", json={})).status_code == 200
    assert await house.sent(accepted) == [], "it was called off before that it was accepted could be told"
    assert subjects(await house.sent()) == [(asker, "Régie fictive annule le rendez-vous")]


async def test_applications_are_told_once_a_day_and_decisions_to_whom_they_concern(house: House) -> None:
    trial = await applied(house.api, title="Réseau <b>d'eau</b>")
    officer, _ = await house.human(trial.buyer)
    founder, _ = await house.human(trial.owner)
    other = await house.api.person("startup", "Autre firme fictive")
    rival, _ = await house.human(other)
    theirs = (await other.client.post("/v1/startups", json=startup())).json()["id"]
    where = f"/v1/pilots/{trial.pilot_id}/applications"
    for said in ("Une première fois.", "Une seconde fois."):
        assert (await other.client.put(f"{where}/{theirs}", json={"message": said})).status_code == 200
    (told,) = await house.sent()
    assert (told.to, "so far: 2" in told.part("plain")) == (officer, True)
    assert "première fois" not in told.part("plain")
    assert "Réseau &lt;b&gt;d&#39;eau&lt;/b&gt;" in told.part("html")
    third = await house.api.person("startup", "Troisième firme fictive")
    mine = (await third.client.post("/v1/startups", json=startup())).json()["id"]
    await third.client.put(f"{where}/{mine}", json={"message": "Nous aussi."})
    async with unit_of_work(house.api.runtime.sessions) as session:
        waiting = await session.scalar(
            select(MatterLetter.due_at).where(
                MatterLetter.subject_id == uuid.UUID(trial.pilot_id), MatterLetter.startup_id == uuid.UUID(mine)
            )
        )
        delay = await session.scalar(
            text("SELECT execute_after - created FROM pgqueuer.pgqueuer WHERE entrypoint = 'send_matter_letter'")
        )
    assert waiting is not None
    assert waiting > utc_now() + dt.timedelta(hours=23)
    assert delay > dt.timedelta(hours=23)
    await trial.close("met", "not_met")
    jobs = await house.queued()
    came = await house.sent(jobs)
    assert subjects(came) == sorted(
        [
            (founder, "There is a verdict on “Réseau <b>d'eau</b>”"),
            (rival, "Another startup will run “Réseau <b>d'eau</b>”"),
        ]
    ), "that it was chosen and who applied no longer holds"


async def test_a_cancelled_pilot_is_told_to_those_that_applied(house: House) -> None:
    trial = await applied(house.api)
    founder, _ = await house.human(trial.owner, None)
    await house.human(trial.buyer)
    await trial.step("cancel", {"because": "Un secret du conseil"})
    (mail,) = await house.sent()
    assert mail.to == founder
    assert "is cancelled" in str(mail.message["Subject"])
    assert "Un secret du conseil" not in mail.part("plain")


async def test_invitations_and_answered_errors_are_told(house: House) -> None:
    buyer, owner, firm, _ = await pair(house)
    founder, _ = await house.human(owner)
    call = (await buyer.client.post("/v1/tenders", json=tender("Compteurs") | {"status": "published"})).json()["id"]
    path = f"/v1/tenders/{call}/decisions/{firm}"
    for kind in ("invited", "shortlisted", "invited"):
        assert (await buyer.client.put(path, json={"kind": kind})).status_code == 200
    (mail,) = await house.sent()
    assert (mail.to, str(mail.message["Subject"])) == (founder, "Régie fictive invites Capteurs fictifs")
    assert f"/tenders/{call}?startup={firm}" in mail.part("plain")
    wrong = {"tender_id": call, "startup_id": firm, "verdict": "notice_error", "because": "La date"}
    error = (await owner.client.post("/v1/feedback", json=wrong)).json()["id"]
    for _ in range(2):
        answered = {"outcome": "corrected", "answer": "Corrigée, dit la régie."}
        assert (await buyer.client.put(f"/v1/notice-errors/{error}/answer", json=answered)).status_code == 200
    (mail,) = await house.sent()
    assert (mail.to, str(mail.message["Subject"])) == (founder, "The error that you reported was answered")
    assert "dit la régie" not in mail.part("plain")


async def test_a_title_reaches_into_no_header_and_turns_nothing(house: House) -> None:
    trial = await applied(house.api)
    founder, _ = await house.human(trial.owner)
    hostile = "Eau\r\nBcc: evil@example.invalid\r\n\r\n\u202e<img src=x onerror=alert(1)>" + "x" * 4_000
    await house.execute(update(Pilot).where(Pilot.id == uuid.UUID(trial.pilot_id)).values(title=hostile))
    await trial.step("choose", {"startup_id": trial.startup_id})
    (mail,) = await house.sent()
    assert mail.to == founder
    assert set(mail.message.keys()) & {"Bcc", "Cc"} == set()
    assert "\u202e" not in mail.part("plain")
    assert "<img" not in mail.part("html")
    assert len(str(mail.message["Subject"])) < 300
    assert len(mail.raw) < 10_000


async def test_one_click_ends_letters_of_a_group_and_the_account_brings_them_back(house: House) -> None:
    buyer, owner, firm, trial = await pair(house)
    mail, person = await house.human(buyer)
    await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial))
    (told,) = await house.sent()
    assert told.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    (stop,) = _STOP.findall(str(told.message["List-Unsubscribe"]))
    assert stop in told.part("html")
    looked = await house.api.client.get(stop)
    assert (looked.status_code, "<form" in looked.text) == (200, True)
    await house.api.client.post(f"{stop[:-1]}{'0' if stop[-1] != '0' else '1'}")  # a forged one
    await owner.client.put(f"/v1/pilots/{trial}/applications/{firm}", json={"message": "x"})
    assert [one.to for one in await house.sent()] == [mail], "looking changed nothing, and pilots are another group"
    for _ in range(2):
        done = await house.api.client.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert (done.status_code, "<form" in done.text) == (200, False)
    await buyer.client.post(
        f"/v1/meetings/{(await buyer.client.get('/v1/meetings')).json()['items'][0]['id']}/decline", json={}
    )
    await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial))
    assert await house.sent() == []
    async with unit_of_work(house.api.runtime.sessions) as session:
        assert (await session.get_one(Human, person)).quiet == ["meetings"]
    for nobody in (uuid.uuid4(), person):
        token = quiet_token(house.api.runtime.keyring, nobody, MatterGroup.CALLS)
        forged = token if nobody != person else f"sfq_{token[4:][::-1]}"
        assert (await house.api.client.post(f"/mail/quiet/{forged}")).status_code == 404


async def test_nothing_is_sent_twice_whatever_the_server_does(house: House) -> None:
    buyer, owner, firm, trial = await pair(house)
    await house.human(buyer)
    made = (await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial))).json()["id"]
    (job,) = await house.queued()
    house.box.contents = ["451 4.3.0 later"]
    with pytest.raises(Retry):
        await house.letters().send(job)
    (told,) = await house.sent([job])
    assert str(job.letter_id) in told.message_id
    await owner.client.post(f"/v1/meetings/{made}/withdraw", json={})
    (job,) = await house.queued()
    house.box.hang_up = True
    kept = await house.sent([job])
    house.box.hang_up = False
    assert len(kept) == 1
    assert await house.sent([job]) == []
    async with unit_of_work(house.api.runtime.sessions) as session:
        letter = await session.get_one(MatterLetter, job.letter_id)
        assert (letter.state, letter.answer) == ("uncertain", "connection-lost")
        await session.execute(update(MatterLetter).where(MatterLetter.id == job.letter_id).values(state="sending"))
    assert await house.sent([job]) == [], "its worker died while it was sent"


async def test_a_letter_whose_worker_was_lost_is_told_of_once_its_lease_is_over(house: House) -> None:
    buyer, owner, firm, trial = await pair(house)
    await house.human(buyer)
    await owner.client.post("/v1/meetings", json=meeting(firm, pilot_id=trial))
    (job,) = await house.queued()
    sessions, now = house.api.runtime.sessions, utc_now()
    async with unit_of_work(sessions) as session:
        letter = await matters.claim(session, job.letter_id)
        assert letter is not None
        assert await matters.begin(session, letter, now)
    office = post_office(house.api.runtime)
    assert office is not None
    for later, state in ((LEASE - dt.timedelta(seconds=5), "sending"), (LEASE + dt.timedelta(minutes=1), "uncertain")):
        then = replace(office, clock=partial(operator.add, now, later))
        with capture_logs() as logs:
            await MailJobs(then, searched).make(MakeDigests())
        given_up = {line["letter_id"] for line in logs if line["event"] == "mail.uncertain"}
        assert (str(job.letter_id) in given_up) == (state == "uncertain")
        async with unit_of_work(sessions) as session:
            assert (await session.get_one(MatterLetter, job.letter_id)).state == state
    assert await house.sent([job]) == []


async def test_one_organisation_floods_nobody(house: House) -> None:
    buyer, owner, _, _ = await pair(house)
    await house.human(buyer)
    now = utc_now()
    async with unit_of_work(house.api.runtime.sessions) as session:
        told = [
            await matters.tell(
                session, owner.id, matters.News(Matter.MEETING_ASKED, uuid.uuid4(), [buyer.id, owner.id]), now
            )
            for _ in range(matters.MOST_A_DAY + 3)
        ]
        assert sum(told) == matters.MOST_A_DAY
        other = matters.News(Matter.MEETING_ASKED, uuid.uuid4(), [buyer.id])
        assert await matters.tell(session, uuid.uuid4(), other, now) == 1
        tomorrow = now + dt.timedelta(days=1, minutes=1)
        assert (
            await matters.tell(
                session, owner.id, matters.News(Matter.MEETING_ASKED, uuid.uuid4(), [buyer.id]), tomorrow
            )
            == 1
        )
        await matters.forget(session, before=tomorrow)
        assert await matters.tell(session, uuid.uuid4(), other, now) == 1
    await house.queued()
