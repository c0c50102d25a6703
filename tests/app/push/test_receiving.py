"""Messages pushed through HTTP, to the calls that they become."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.api import Api, running_api
from tests.support.db import Database
from tests.support.factories import tender
from tests.support.push import Sender, call, headers, message, sender

SAMPLE = Path(__file__).resolve().parents[4] / "shared/sources/generic_feeds/samples/SYNTHETIC_json_push.json"


@pytest.fixture
async def portal(push_api: Api) -> Sender:
    return await sender(push_api)


def problem(answer) -> str:
    return str(answer.json()["type"]).removeprefix("/problems/")


class TestSigned:
    async def test_a_message_becomes_a_call_of_whoever_registered_its_sender(self, portal: Sender) -> None:
        outcome = await portal.done(message(sector="private", cpv=["72000000-5"], category="supplies", bid_bond=None))
        assert (outcome["state"], outcome["external_id"], outcome["version"]) == ("created", "call-1", 1)
        stored = (await portal.owner.client.get(f"/v1/tenders/{outcome['tender_id']}")).json()
        assert stored["external_id"] == "portail:call-1"
        assert (stored["status"], stored["sector"], stored["category"]) == ("published", "private", "goods")
        assert stored["cpv"] == ["72000000"]
        assert stored["deadline_at"] == "2099-12-20T15:00:00Z"

    async def test_a_pushed_call_is_found_to_be_a_portals_and_gives_way_to_it(
        self, portal: Sender, push_api: Api
    ) -> None:
        operator = await push_api.person("operator")
        known = {"reference": "77/FICTIF/2099", "buyer": {"name": "Acheteur fictif SA"}, "country": "MA"}
        body = tender("Plateforme de données agricoles", deadline="2099-12-20", status="published", **known)
        collected = (await operator.client.post("/v1/tenders", json=body)).json()["id"]
        outcome = await portal.done(message(id="77/FICTIF/2099"))
        links = (await operator.client.get(f"/v1/tenders/{outcome['tender_id']}/links")).json()
        assert links["duplicate_of"] == collected
        cancelled = await portal.done(message("call.cancelled", id="77/FICTIF/2099", version=2, status="cancelled"))
        assert cancelled["state"] == "updated"
        assert (await operator.client.get(f"/v1/tenders/{collected}")).json()["status"] == "published"

    async def test_whoever_can_not_sign_is_refused_alike(self, portal: Sender, push_api: Api) -> None:
        body = message()
        good = headers(portal.secret, body)
        for wrong in (
            {},
            headers("whsec_" + "A" * 43 + "=", body),
            good | {"webhook-id": "another"},
            {"Authorization": f"Bearer {portal.owner.token}"},
        ):
            answer = await push_api.client.post(portal.url, content=body, headers=wrong)
            assert (answer.status_code, problem(answer)) == (401, "signature-invalid")
            assert answer.headers["www-authenticate"]
        unknown = await push_api.client.post(f"/v1/push/{uuid.uuid4()}", content=body, headers=good)
        assert (unknown.status_code, problem(unknown)) == (401, "signature-invalid")
        changed = await push_api.client.post(portal.url, content=body + b" ", headers=good)
        assert changed.status_code == 401

    async def test_an_old_signature_is_refused(self, portal: Sender) -> None:
        answer = await portal.push(message(), at=time.time() - 301)
        assert (answer.status_code, problem(answer)) == (401, "signature-expired")

    async def test_a_body_that_comes_slowly_holds_no_connection_to_the_database(
        self, portal: Sender, push_api: Api
    ) -> None:
        body, held = message(), []

        async def slowly() -> AsyncIterator[bytes]:
            for byte in (body[:10], body[10:]):
                await asyncio.sleep(0.02)
                held.append(push_api.runtime.engine.pool.checkedout())  # type: ignore[attr-defined]
                yield byte

        answer = await push_api.client.post(portal.url, content=slowly(), headers=headers(portal.secret, body))
        assert (answer.status_code, held) == (202, [0, 0])

    async def test_one_sender_can_not_read_or_write_as_another(self, portal: Sender, push_api: Api) -> None:
        other = await sender(push_api)
        made = await portal.push(message())
        assert (await other.look(made.headers["Location"])).status_code == 401
        own = made.headers["Location"].replace(portal.id, other.id)
        assert (await other.look(own)).status_code == 404
        body = message()
        crossed = await push_api.client.post(portal.url, content=body, headers=headers(other.secret, body))
        assert crossed.status_code == 401

    async def test_each_sender_has_an_allowance_of_its_own(self, fresh: Database) -> None:
        async with running_api(fresh, rate_limit=3) as api:
            owner = await api.person("buyer")
            first, second = await sender(api, owner), await sender(api, owner, code="autre")
            answers = [await first.push(message(id=f"c{number}")) for number in range(4)]
            assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
            assert int(answers[3].headers["retry-after"]) >= 1
            assert (await second.push(message())).status_code == 202

    async def test_a_large_body_is_refused_declared_or_not(self, fresh: Database) -> None:
        async with running_api(fresh, max_body_bytes=10_000) as api:
            portal = await sender(api)

            async def pieces():
                for _ in range(100):
                    yield b"x" * 1_000

            for content in (b"x" * 20_000, pieces()):
                answer = await api.client.post(portal.url, content=content, headers=headers(portal.secret, b""))
                assert answer.status_code == 413


class TestOnce:
    async def test_a_repeated_message_is_answered_and_counts_once(self, portal: Sender) -> None:
        body = message()
        first, again = await portal.push(body, "msg_a"), await portal.push(body, "msg_a")
        assert first.json()["id"] == again.json()["id"]
        await portal.done(message(id="other"))
        repeated = await portal.push(body, "msg_a")
        assert (repeated.status_code, repeated.json()["state"]) == (202, "created")
        shown = (await portal.owner.client.get(f"/v1/senders/{portal.id}")).json()
        assert shown["deliveries"]["created"] == 2

    async def test_messages_sent_at_the_same_moment_count_once(self, portal: Sender) -> None:
        body = message()
        answers = await asyncio.gather(*(portal.push(body, "msg_a") for _ in range(4)))
        assert {answer.status_code for answer in answers} == {202}
        assert len({answer.json()["id"] for answer in answers}) == 1

    async def test_the_same_id_with_another_body_is_a_conflict(self, portal: Sender) -> None:
        await portal.push(message(), "msg_a")
        answer = await portal.push(message(title="Autre"), "msg_a")
        assert (answer.status_code, problem(answer)) == (409, "push-id-reused")

    async def test_the_same_version_again_changes_nothing(self, portal: Sender) -> None:
        first = await portal.done(message())
        again = await portal.push(message())
        assert again.json()["state"] == "unchanged"
        assert again.json()["tender_id"] == first["tender_id"]

    async def test_the_same_version_with_another_content_is_a_conflict_each_time(self, portal: Sender) -> None:
        await portal.done(message())
        body = message(title="Autre")
        for _ in range(2):
            answer = await portal.push(body, "msg_x")
            assert (answer.status_code, problem(answer)) == (409, "push-version-reused")
            assert answer.json()["version"] == 1

    async def test_a_lower_version_never_overwrites(self, portal: Sender) -> None:
        newer = await portal.done(message(version=5, title="Plateforme, version 5"))
        late = await portal.push(message(version=4, title="Plateforme, version 4"))
        assert (late.status_code, late.json()["state"]) == (202, "superseded")
        stored = (await portal.owner.client.get(f"/v1/tenders/{newer['tender_id']}")).json()
        assert (stored["title"], stored["version"]) == ("Plateforme, version 5", 1)

    async def test_of_two_versions_that_wait_the_higher_one_wins_in_whatever_order_they_are_done(
        self, portal: Sender
    ) -> None:
        first = await portal.push(message(version=1, title="Un"))
        second = await portal.push(message(version=2, title="Deux"))
        async with portal.api.worker():
            pass
        outcomes = [(await portal.look(answer.headers["Location"])).json() for answer in (first, second)]
        assert outcomes[1]["state"] in {"created", "updated"}
        stored = (await portal.owner.client.get(f"/v1/tenders/{outcomes[1]['tender_id']}")).json()
        assert stored["title"] == "Deux"


class TestVersions:
    @pytest.mark.parametrize(
        ("status", "becomes"), [("cancelled", "cancelled"), ("awarded", "awarded"), ("closed", "closed")]
    )
    async def test_the_states_of_a_call_become_versions_of_one_tender(
        self, portal: Sender, status: str, becomes: str
    ) -> None:
        made = await portal.done(message())
        amended = await portal.done(message("call.amended", version=2, status="amended", title="Plateforme amendée"))
        ended = await portal.done(message(f"call.{status}", version=3, status=status, title="Plateforme amendée"))
        assert [made["state"], amended["state"], ended["state"]] == ["created", "updated", "updated"]
        assert made["tender_id"] == amended["tender_id"] == ended["tender_id"]
        stored = (await portal.owner.client.get(f"/v1/tenders/{made['tender_id']}")).json()
        assert (stored["status"], stored["version"]) == (becomes, 3)

    async def test_what_has_ended_is_not_opened_again_and_its_sender_is_told(self, portal: Sender) -> None:
        await portal.done(message(status="cancelled"))
        answer = await portal.push(message(version=2, status="open"))
        async with portal.api.worker():
            pass
        refused = await portal.look(answer.headers["Location"])
        outcome = refused.json()
        assert outcome["state"] == "rejected"
        assert outcome["faults"][0]["code"] == "tender.ended"
        listed = await portal.owner.client.get(f"/v1/senders/{portal.id}/deliveries", params={"state": "rejected"})
        assert [one["id"] for one in listed.json()["items"]] == [outcome["id"]]
        mended = await portal.done(message(version=2, status="cancelled", title="Annulé, autre titre"))
        assert mended["state"] == "updated"

    async def test_two_senders_of_one_owner_may_use_the_same_ids(self, push_api: Api) -> None:
        owner = await push_api.person("operator")
        first = await (await sender(push_api, owner)).done(message())
        second = await (await sender(push_api, owner, code="autre")).done(message())
        assert first["tender_id"] != second["tender_id"]

    async def test_a_pushed_call_is_ranked(self, push_api: Api, portal: Sender) -> None:
        firm = await push_api.person("startup")
        made = await firm.client.post(
            "/v1/startups",
            json={
                "id": "s", "name": "Atlas fictif", "country": "MA",
                "description": "Plateforme de données agricoles et tableaux de bord pour l'agriculture",
            },
        )  # fmt: skip
        await push_api.ranker.index.catch_up()
        pushed = await portal.done(message())
        matches = (await firm.client.get(f"/v1/startups/{made.json()['id']}/matches")).json()["items"]
        assert pushed["tender_id"] in {one["tender"]["id"] for one in matches}


class TestContent:
    async def test_every_fault_is_pointed_at_counted_and_told_again(self, portal: Sender) -> None:
        body = message(
            deadline="demain",
            buyer={},
            documents=[{"url": "http://169.254.169.254/x"}],
            value={"amount": 1.5, "currency": "MAD"},
        )
        for _ in range(2):
            answer = await portal.push(body, "msg_bad")
            assert (answer.status_code, problem(answer)) == (422, "invalid-request")
            pointers = {item["pointer"] for item in answer.json()["errors"]}
            assert pointers == {
                "#/data/deadline", "#/data/buyer/name", "#/data/documents/0/url", "#/data/value/amount",
            }  # fmt: skip
        counts = (await portal.owner.client.get(f"/v1/senders/{portal.id}")).json()["deliveries"]
        assert counts["rejected"] == 1
        listed = (await portal.owner.client.get(f"/v1/senders/{portal.id}/deliveries")).json()["items"]
        assert {fault["pointer"] for fault in listed[0]["faults"]} == pointers
        stored = "SELECT count(*) FROM tender WHERE owner_id = $1"
        assert await portal.api.runtime.hot.fetchval(stored, portal.owner.id) == 0

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[]", b"null", b"\xff", b"[" * 5_000, b'{"type": "call.published"}',
            message(title="\0"), message(title="x" * 20_000), message("ping"), message("call.cancelled"),
            message(version=0), message(version="1"), message(version=2**40), message(status="draft"),
            message(sme_reserved="yes"), message(cpv=["x"]), message(language="français"), message(lots=[{}]),
            message(url="javascript:alert(1)"), message(extra=[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]),
            message(deadline=None), message(deadline=1_799_999_999), message(deadline="2026-02-30T00:00:00Z"),
            message(published="2026-11-01T09:00:00"), message().replace(b'"MA"', b'"\xed\xa0\x80"'),
        ],
    )  # fmt: skip
    async def test_what_is_no_call_is_refused(self, portal: Sender, body: bytes) -> None:
        answer = await portal.push(body)
        assert answer.status_code == 422, answer.text
        assert answer.json()["errors"]

    async def test_a_time_needs_its_offset_or_its_senders_zone(self, push_api: Api) -> None:
        owner = await push_api.person("buyer")
        zoneless, zoned = (
            await sender(push_api, owner),
            await sender(push_api, owner, code="zoned", zone="Africa/Casablanca"),
        )
        for written in ("2027-02-20T16:00:00", "2027-02-20"):
            answer = await zoneless.push(message(deadline=written))
            assert answer.status_code == 422
            assert answer.json()["errors"][0]["code"] == "date-without-zone"
        ramadan = await zoned.done(message(deadline="2027-02-20T16:00:00"))
        stored = (await owner.client.get(f"/v1/tenders/{ramadan['tender_id']}")).json()
        assert stored["deadline_at"] == "2027-02-20T16:00:00Z"
        day = await zoned.done(message(id="day", deadline="2027-06-20"))
        stored = (await owner.client.get(f"/v1/tenders/{day['tender_id']}")).json()
        assert stored["deadline_at"] == "2027-06-20T22:59:59Z"

    async def test_contact_persons_are_not_stored_and_unknown_fields_are(self, portal: Sender) -> None:
        await portal.done(
            message(
                description="Renseignements : amina@acheteur.example, tél. 05 22 00 00 00",
                contact={"name": "Amina Fictive"},
                programme="Plan vert",
                ocid="ocds-x-1",
                buyer={"name": "Acheteur fictif SA", "email": "a@acheteur.example", "branch": "Sud"},
            )
        )
        text = await portal.api.runtime.hot.fetchval(
            "SELECT record::text FROM tender WHERE owner_id = $1", portal.owner.id
        )
        kept = json.loads(text)
        assert not any(word in json.dumps(kept) for word in ("amina", "Amina", "05 22", "a@acheteur"))
        assert kept["unmapped"] == {"programme": "Plan vert", "ocid": "ocds-x-1"}
        assert kept["buyer"]["unmapped"] == {"branch": "Sud"}
        assert await portal.api.runtime.hot.fetchval("SELECT count(*) FROM push_delivery WHERE record IS NOT NULL") == 0

    async def test_an_amount_keeps_its_digits_and_zero_is_unknown(self, portal: Sender) -> None:
        made = await portal.done(
            message(value={"amount": "250000.10", "currency": "MAD"}, bid_bond={"amount": "0.00", "currency": "MAD"})
        )
        stored = (await portal.owner.client.get(f"/v1/tenders/{made['tender_id']}")).json()
        assert str(stored["value"]["amount"]) in {"250000.1", "250000.10"}
        assert stored.get("bond") is None

    async def test_public_and_private_are_the_senders_word_where_a_call_says_nothing(self, push_api: Api) -> None:
        private = await sender(push_api, sector="private", country="SN")
        said = call(country=None)
        made = await private.done(
            json.dumps({"type": "call.published", "timestamp": "2026-11-20T09:00:00Z", "data": said}).encode()
        )
        stored = (await private.owner.client.get(f"/v1/tenders/{made['tender_id']}")).json()
        assert (stored["sector"], stored["country"]) == ("private", "SN")

    @pytest.mark.skipif(not SAMPLE.exists(), reason="the shared samples are not beside the project")
    async def test_the_shared_sample(self, portal: Sender) -> None:
        outcome = await portal.done(SAMPLE.read_bytes())
        assert (outcome["state"], outcome["version"]) == ("created", 2)


class TestDryRun:
    async def test_it_says_what_would_become_and_keeps_nothing(self, portal: Sender) -> None:
        hot = portal.api.runtime.hot
        waiting = await hot.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer")
        would = await portal.push(message(), dry_run="true")
        assert would.status_code == 200
        assert (would.json()["state"], would.json()["dry_run"], would.json()["id"]) == ("created", True, None)
        for table in ("push_delivery", "push_call"):
            kept = f"SELECT count(*) FROM {table} WHERE sender_id = $1"
            assert await hot.fetchval(kept, uuid.UUID(portal.id)) == 0
        assert await hot.fetchval("SELECT count(*) FROM tender WHERE owner_id = $1", portal.owner.id) == 0
        assert await hot.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer") == waiting
        refused = await portal.push(message(version=0), dry_run="true")
        assert refused.status_code == 422
        await portal.done(message())
        changed = await portal.push(message(version=2, title="Autre"), dry_run="true")
        assert changed.json()["state"] == "updated"
        assert (await portal.push(message(title="Autre"), dry_run="true")).status_code == 409
        assert (
            await hot.fetchval("SELECT title FROM tender WHERE owner_id = $1", portal.owner.id)
            == "Plateforme de données agricoles"
        )
