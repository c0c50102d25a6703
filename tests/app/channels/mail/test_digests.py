"""Digests: asked for, confirmed, written once, ended by one click; nothing else ever reaches an address."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
import uuid

import pytest
from structlog.testing import capture_logs

from app.api.ratelimit import RateLimiter
from app.channels.mail.letters import waiting
from app.channels.mail.tasks import MailJobs
from app.channels.mail.times import LEASE
from app.db.session import unit_of_work
from app.housekeeping import Housekeeping
from app.jobs.messages import MakeDigests, SendLetter, Tidy
from app.models.digest import LetterState
from app.searches.feeding import searched
from app.worker import post_office
from tests.app.channels.mail.conftest import ADDRESS, Mailroom, link_of
from tests.support.api import running_api
from tests.support.db import Cluster
from tests.support.factories import in_days

SENT, QUEUED, FAILED, DROPPED = LetterState.SENT, LetterState.QUEUED, LetterState.FAILED, LetterState.DROPPED


async def test_an_address_gets_one_question_and_nothing_else_until_it_is_answered(room: Mailroom) -> None:
    owner = await room.api.person("startup", "Jeune pousse fictive")
    firm = await room.firm(owner)
    await room.match(firm)
    with capture_logs() as logs:
        made = await room.subscribe(owner, startup_id=str(firm))
        assert await room.minute() == [SENT]
        assert await room.minute(days=3) == []
    assert ADDRESS not in str(logs)
    (asked,) = room.box.got
    assert (asked.to, asked.sender) == (ADDRESS, "digests@safqa.example")
    assert "Jeune pousse fictive" in asked.part("plain")
    assert asked.message["List-Unsubscribe"] is None
    # A program that follows links confirms nothing.
    link = link_of(asked)
    for _ in range(2):
        shown = await room.api.client.get(link)
        assert (shown.status_code, "<form" in shown.text) == (200, True)
        assert "form-action 'self'" in shown.headers["content-security-policy"]
    assert (await room.shown(owner, made))["state"] == "pending"
    assert (await room.api.client.post(link)).status_code == 200
    assert (await room.api.client.post(link)).status_code == 200
    assert (await room.shown(owner, made))["state"] == "confirmed"
    assert await room.minute(days=1) == [SENT]
    assert len(room.box.got) == 2


async def test_a_question_can_be_answered_for_a_week(room: Mailroom) -> None:
    owner = await room.api.person("incubator")
    made = await room.subscribe(owner)
    room.waited = -dt.timedelta(days=8)
    assert await room.minute() == []
    room.waited = dt.timedelta(0)
    assert await room.minute() == [SENT]
    connection = await room.connect()
    await connection.execute("UPDATE digest_subscription SET confirm_until = now() - interval '1 second'")
    await connection.close()
    assert (await room.api.client.get(link_of(room.box.got[0]))).status_code == 404
    assert (await room.api.client.post(link_of(room.box.got[0]))).status_code == 404
    assert (await room.shown(owner, made))["state"] == "pending"
    assert (await room.api.client.get("/mail/confirm/sfc_none")).status_code == 404
    assert (await room.api.client.post("/mail/unsubscribe/sfu_none")).status_code == 404


async def test_nobody_tries_tokens_without_end(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    state = room.api.transport.app._state  # type: ignore[attr-defined]
    monkeypatch.setitem(state, "public_limiter", RateLimiter(limit=2, window_seconds=60))
    asked = [(await room.api.client.get("/mail/confirm/sfc_none")).status_code for _ in range(2)]
    asked += [(await room.api.client.request(how, "/mail/unsubscribe/sfu_none")).status_code for how in ("GET", "POST")]
    assert asked == [404, 404, 429, 429]


async def test_nobody_can_have_an_address_flooded(room: Mailroom) -> None:
    for number in range(4):
        other = await room.api.person("incubator")
        made = await room.subscribe(other, ADDRESS.upper() if number % 2 else ADDRESS)
        await other.client.delete(f"/v1/digests/{made['id']}") if number == 0 else None
    assert await room.minute() == []
    assert await room.minute(hours=25) == [SENT]
    assert await room.minute(hours=24) == []
    assert await room.minute(hours=25) == [SENT]
    assert await room.minute(days=3) == []
    assert await room.minute(days=1, hours=1) == [SENT]
    assert len(room.box.got) == 3


async def test_a_digest_says_what_fits_once_and_an_empty_one_is_not_sent(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner, name="Atlas Fictif")
    made = await room.confirmed(owner, startup_id=str(firm), lang="fr")
    assert await room.minute(days=1) == []
    await room.match(firm, "good", title="Application mobile de suivi", value={"amount": 480_000, "currency": "MAD"})
    await room.match(firm, "possible", title="Trop faible")
    await room.match(firm, "strong", title="Déjà close", deadline=in_days(0.5))
    await room.match(firm, "strong", score=9.0, title="La meilleure")
    connection = await room.connect()
    await connection.execute(
        "WITH made AS (INSERT INTO source (id, name, title, licence, attribution) VALUES"
        " (gen_random_uuid(), 'fictional', 'Portail fictif', 'CC BY 4.0', 'Données du portail fictif') RETURNING id)"
        " UPDATE tender SET source_id = made.id FROM made"
    )
    await connection.close()
    assert await room.minute(days=1) == [SENT]
    assert await room.minute(days=1) == []
    (mail,) = room.box.got
    text, html = mail.part("plain"), mail.part("html")
    assert mail.message["Subject"] == "Appels d’offres pour Atlas Fictif\xa0: 2"
    for part in (text, html):
        plain = part.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
        for said in ("La meilleure", "Application mobile de suivi", "Commune fictive", "« mobile »"):
            assert said in plain, said
        assert re.search(r"480.000 MAD", plain)
    assert text.index("La meilleure") < text.index("Application mobile")
    assert "Trop faible" not in text
    assert "Déjà close" not in text
    for part in (text, html):
        assert "Source : Données du portail fictif (CC BY 4.0)" in part.replace("\N{NO-BREAK SPACE}", " ")
    letters = (await room.shown(owner, made))["letters"]
    assert [(one["kind"], one["state"], one["answer"]) for one in letters] == [  # type: ignore[attr-defined]
        ("digest", "sent", "250"), ("confirmation", "sent", "250"),
    ]  # fmt: skip


async def test_arabic_reads_from_right_to_left(room: Mailroom) -> None:
    incubator = await room.api.person("incubator", "حاضنة خيالية")
    firm = await room.firm(incubator, name="شركة خيالية")
    await room.confirmed(incubator, lang="ar")
    await room.match(firm, title="تطوير تطبيق للهاتف")
    assert await room.minute(days=1) == [SENT]
    mail = room.box.got[0]
    assert mail.message["Content-Language"] == "ar"
    assert mail.message["Subject"] == "طلبات عروض تناسب شركاتكم الناشئة: 1"
    assert '<html lang="ar" dir="rtl">' in mail.part("html")
    assert "تطوير تطبيق للهاتف" in mail.part("plain")
    assert "لشركة شركة خيالية" in mail.part("plain")
    page = await room.api.client.get(link_of(mail), headers={"Accept-Language": "en"})
    assert 'dir="rtl"' in page.text


HOSTILE = 'Fin\r\nBcc: victim@firm.example\u2028\u202eevil <script>alert(1)</script> "quoted" {{ 7007 * 7007 }}'


async def test_hostile_titles_reach_neither_headers_nor_markup(room: Mailroom) -> None:
    owner = await room.api.person("startup", f"Org {HOSTILE}")
    firm = await room.firm(owner, name=HOSTILE)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm, title=HOSTILE, url="https://portal.example/?q=%22%3E")
    assert await room.minute(days=1) == [SENT]
    mail = room.box.got[0]
    assert mail.message["Bcc"] is None
    assert b"\nBcc:" not in mail.raw
    assert set(mail.message.keys()) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "List-Unsubscribe",
        "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip
    html = mail.part("html")
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "49098049" not in html  # worked out by a template
    assert "\u202e" not in html + mail.part("plain")
    assert "\nBcc:" not in mail.part("plain")


async def test_one_click_unsubscribes(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    made = await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    assert await room.minute(days=1) == [SENT]
    mail = room.box.got[0]
    header = str(mail.message["List-Unsubscribe"])
    assert b"List-Unsubscribe: <https://safqa.example/mail/unsubscribe/sfu_" in mail.raw, "on one line, as it is"
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = header.strip("<>").removeprefix("https://safqa.example")
    assert "<form" in (await room.api.client.get(path)).text
    assert (await room.shown(owner, made))["state"] == "confirmed"
    answer = await room.api.client.post(
        path, content=b"List-Unsubscribe=One-Click", headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert answer.status_code == 200
    assert (await room.shown(owner, made))["state"] == "unsubscribed"
    await room.match(firm)
    assert await room.minute(days=1) == []
    assert (await room.api.client.post(path)).status_code == 200


async def test_who_unsubscribes_while_a_letter_waits_does_not_get_it(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.recipients = ["451 4.7.1 greylisted"]
    assert await room.minute(days=1) == [QUEUED]
    connection = await room.connect()
    await connection.execute("UPDATE digest_subscription SET state = 'unsubscribed'")
    await connection.close()
    assert await room.minute(minutes=2) == [DROPPED]
    assert room.box.got == []


async def test_a_refusal_for_now_is_tried_again_with_the_same_message_id(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.recipients = ["450 4.2.1 busy"]
    room.box.contents = ["452 4.3.1 full"]
    assert await room.minute(days=1) == [QUEUED]
    assert await room.minute(seconds=30) == []
    assert await room.minute(seconds=31) == [QUEUED]
    assert await room.minute(minutes=5) == [SENT]
    (mail,) = room.box.got
    connection = await room.connect()
    letter = await connection.fetchval("SELECT id FROM letter WHERE kind = 'digest'")
    await connection.close()
    assert mail.message_id == f"<{letter}@safqa.example>"


async def test_a_server_that_is_away_for_long_costs_a_letter_but_no_match(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm, title="Pas perdue")
    room.box.senders = ["451 4.3.0 not now"] * 8
    assert await room.minute(days=1) == [QUEUED]
    ends = [await room.minute(minutes=minutes) for minutes in (1, 5, 15, 60, 120, 240, 480)]
    assert ends[:-1] == [[QUEUED]] * 6
    assert ends[-1] == [FAILED]
    assert SENT in await room.minute(days=1)
    assert "Pas perdue" in room.box.got[0].part("plain")


@pytest.mark.parametrize(
    ("answer", "state", "ends"),
    [
        ("550 5.1.1 <amina@firm.example> no such user", "refused", FAILED),
        ("553 no such mailbox", "refused", FAILED),
        ("552 5.2.1 mailbox disabled", "refused", FAILED),
        ("552 5.2.2 mailbox full", "confirmed", QUEUED),
        ("550 5.7.1 relaying denied", "confirmed", QUEUED),
        ("530 5.7.0 authenticate first", "confirmed", QUEUED),
    ],
)
async def test_an_address_that_is_refused_for_good_is_written_to_no_more(
    room: Mailroom, answer: str, state: str, ends: LetterState
) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    made = await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.recipients = [answer]
    with capture_logs() as logs:
        assert await room.minute(days=1) == [ends]
    assert ADDRESS not in str(logs)
    shown = await room.shown(owner, made)
    assert shown["state"] == state
    assert ADDRESS not in str(shown["letters"])


async def test_content_that_is_refused_for_good_is_not_sent_again(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    made = await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.contents = ["554 5.7.1 looks like spam"]
    assert await room.minute(days=1) == [FAILED]
    assert await room.minute(days=1) == []
    assert (await room.shown(owner, made))["state"] == "confirmed"


async def test_a_connection_cut_before_the_answer_leaves_the_letter_uncertain_and_unrepeated(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    made = await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.hang_up = True
    assert await room.minute(days=1) == [LetterState.UNCERTAIN]
    room.box.hang_up = False
    assert await room.minute(days=1) == []
    assert len(room.box.got) == 1
    letters = (await room.shown(owner, made))["letters"]
    assert letters[0]["state"] == "uncertain"  # type: ignore[index]


async def test_what_a_lost_worker_was_sending_is_uncertain_what_it_had_not_begun_is_sent(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.box.recipients = ["451 later"]
    await room.minute(days=1)
    connection = await room.connect()
    lost = "UPDATE letter SET state = $1, claim = gen_random_uuid(), due_at = $2 WHERE kind = 'digest'"
    await connection.execute(lost, "queued", room.now() + LEASE)
    assert await room.minute(minutes=9) == []
    assert await room.minute(minutes=1, seconds=1) == [SENT]
    await connection.execute(lost, "sending", room.now() + LEASE)
    with capture_logs() as logs:
        assert await room.minute(minutes=10, seconds=1) == []
    assert any(line["event"] == "mail.uncertain" for line in logs)
    assert await connection.fetchval("SELECT state FROM letter WHERE kind = 'digest'") == "uncertain"
    await connection.close()


async def test_addresses_are_sealed(room: Mailroom) -> None:
    owner = await room.api.person("incubator")
    await room.subscribe(owner)
    connection = await room.connect()
    row = await connection.fetchrow("SELECT * FROM digest_subscription")
    await connection.close()
    assert ADDRESS.encode() not in row["address"]
    assert ADDRESS not in repr(dict(row))
    assert (await owner.client.get("/v1/digests")).json()[0]["address"] == ADDRESS


async def test_what_is_asked_for_is_checked(room: Mailroom) -> None:
    owner, stranger = await room.api.person("startup"), await room.api.person("startup")
    firm = await room.firm(owner)
    made = await room.subscribe(owner, startup_id=str(firm))
    for address in ("a@b", "a b@c.example", "a@c.example\r\nBcc: d@e.example", '"a"@c.example', "a@127.0.0.1",
                    "a@[127.0.0.1]", "a@-c.example", "é@c.example", "a@b.example, c@d.example", "a" * 65 + "@b.example",
                    "Amina <a@b.example>"):  # fmt: skip
        answer = await owner.client.post("/v1/digests", json={"address": address})
        assert answer.status_code == 422, address
        assert answer.json()["errors"][0]["code"] in {"mail-address-malformed", "string-too-long"}
    again = await owner.client.post("/v1/digests", json={"address": ADDRESS.upper(), "startup_id": str(firm)})
    assert (again.status_code, again.json()["digest_id"]) == (409, made["id"])
    assert (
        await stranger.client.post("/v1/digests", json={"address": ADDRESS, "startup_id": str(firm)})
    ).status_code == 404
    unknown = {"address": ADDRESS, "startup_id": str(uuid.uuid4())}
    assert (await owner.client.post("/v1/digests", json=unknown)).status_code == 404
    for wrong in ({"zone": "Mars/Base"}, {"zone": "../../etc/passwd"}, {"hour": 24}, {"weekday": 0}, {"lang": "de"}):
        assert (await owner.client.post("/v1/digests", json={"address": ADDRESS, **wrong})).status_code == 422
    url = f"/v1/digests/{made['id']}"
    changed = (await owner.client.patch(url, json={"every": "weekly", "weekday": 5, "lang": "ar"})).json()
    assert (changed["every"], changed["weekday"], changed["lang"], changed["hour"]) == ("weekly", 5, "ar", 8)
    assert changed["next_at"] is None, "not before it is confirmed"
    assert (await owner.client.patch(url, json={"state": "confirmed"})).status_code == 422
    for method in ("GET", "PATCH", "DELETE"):
        refused = await stranger.client.request(method, url, json={} if method == "PATCH" else None)
        assert refused.status_code == 404
    assert (await owner.client.delete(url)).status_code == 204


async def test_an_address_that_nobody_confirmed_is_forgotten(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    await room.subscribe(owner, "nobody@firm.example", startup_id=str(firm))
    assert await room.minute(days=1) == [SENT, SENT]
    keeping = Housekeeping(room.api.runtime.sessions, room.now)
    for days, left in ((80, 2), (11, 1)):
        room.waited += dt.timedelta(days=days)
        await keeping.tidy(Tidy())
        assert len((await owner.client.get("/v1/digests")).json()) == left
    connection = await room.connect()
    assert await connection.fetchval("SELECT count(*) FROM letter") == 1, "it tells what was told"
    assert await connection.fetchval("SELECT count(*) FROM mail_address") == 0
    await connection.close()
    assert await room.minute(days=1) == []


async def test_a_fault_of_one_stops_nobody_else(room: Mailroom, monkeypatch: pytest.MonkeyPatch) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.confirmed(owner, "second@firm.example", startup_id=str(firm))
    await room.match(firm, title="Pour tous")
    connection = await room.connect()
    await connection.execute(
        "UPDATE digest_subscription SET zone = 'Mars/Base' WHERE id = (SELECT min(id::text)::uuid FROM digest_subscription)"
    )
    with capture_logs() as logs:
        assert await room.minute(days=1) == [SENT]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["digest.fault"]
    await connection.execute("UPDATE digest_subscription SET zone = 'UTC'")
    monkeypatch.setattr("app.channels.mail.rendering.digest", lambda *_: 1 / 0)
    assert await room.minute(days=1) == [FAILED]
    assert await room.minute(minutes=30) == []
    await connection.close()


async def test_where_no_mail_is_sent_nothing_is_asked_for_and_nothing_is_made(cluster: Cluster) -> None:
    async with cluster.copy("off") as database, running_api(database) as api:
        owner = await api.person("startup")
        refused = await owner.client.post("/v1/digests", json={"address": ADDRESS})
        assert (refused.status_code, refused.json()["type"]) == (409, "/problems/mail-off")
        jobs = MailJobs(post_office(api.runtime), searched)
        await jobs.make(MakeDigests())
        await jobs.send(SendLetter(letter_id=uuid.uuid4()))
        assert await api.runtime.hot.fetchval("SELECT count(*) FROM letter") == 0


async def test_the_addresses_of_an_erased_startup_go_with_it(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    assert (await owner.client.delete(f"/v1/startups/{firm}")).status_code == 204
    assert (await owner.client.get("/v1/digests")).json() == []


async def test_two_workers_never_send_the_same_letter(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)
    await room.confirmed(owner, startup_id=str(firm))
    await room.match(firm)
    room.waited += dt.timedelta(days=1)
    offices = [room.office() for _ in range(3)]
    await asyncio.gather(*(MailJobs(office, searched).make(MakeDigests()) for office in offices))
    async with unit_of_work(offices[0].sessions) as session:
        (letter,) = await waiting(session, room.now(), 100)
    ends = await asyncio.gather(*(office.send(letter) for office in offices))
    assert sorted(ends, key=str) == [None, None, SENT]
    assert len(room.box.got) == 1
