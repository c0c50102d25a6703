"""Meetings: both sides, every state, equal treatment, and contacts that wait for a yes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from structlog.testing import capture_logs

from app.db.session import unit_of_work
from app.models.meeting import Meeting
from app.models.tender import Tender, TenderStatus
from app.support.equal_treatment import require_equal_treatment
from app.support.errors import EqualTreatment
from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup, tender
from tests.support.meetings import meeting
from tests.support.pilots import pilot

CONTACT = "equipe@exemple.invalid"


@dataclass
class Pair:
    """A buyer and a startup, and a pilot between them."""

    buyer: Person
    owner: Person
    startup_id: str
    pilot_id: str

    async def call(self, **fields: object) -> str:
        """A call of the buyer's."""
        made = await self.buyer.client.post("/v1/tenders", json=tender(**fields))
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    async def ask(self, who: Person, **about: object) -> httpx.Response:
        return await who.client.post("/v1/meetings", json=meeting(self.startup_id, **about))

    async def asked(self) -> str:
        """A request of the startup's about the pilot."""
        answer = await self.ask(self.owner, pilot_id=self.pilot_id)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


async def step(who: Person, meeting_id: str, name: str, **body: object) -> httpx.Response:
    return await who.client.post(f"/v1/meetings/{meeting_id}/{name}", json=body)


@pytest.fixture(scope="module")
async def api(cluster: Cluster) -> AsyncIterator[Api]:
    """One database for tests that make people of their own."""
    async with cluster.copy("meetings") as database, running_api(database) as running:
        yield running


@pytest.fixture
async def pair(api: Api) -> Pair:
    buyer, owner = await api.person("buyer", "Commune fictive"), await api.person("startup")
    mine = (await owner.client.post("/v1/startups", json=startup())).json()["id"]
    posted = (await buyer.client.post("/v1/pilots", json=pilot() | {"state": "open"})).json()["id"]
    return Pair(buyer, owner, mine, posted)


class TestAnswering:
    async def test_contacts_wait_for_a_yes(self, pair: Pair) -> None:
        meeting_id = await pair.asked()
        seen: dict[str, Any] = (await pair.buyer.client.get(f"/v1/meetings/{meeting_id}")).json()
        assert (seen["you"], seen["turn"], seen["asked_by"]) == ("buyer", "buyer", "startup")
        assert CONTACT not in str(seen)
        refused = await step(pair.buyer, meeting_id, "accept")
        assert refused.json()["errors"][0]["code"] == "contact-needed"
        yes = (await step(pair.buyer, meeting_id, "accept", contact="Bureau 12")).json()
        assert (yes["state"], yes["turn"]) == ("accepted", None)
        assert CONTACT in yes["their_contact"]
        theirs = (await pair.owner.client.get(f"/v1/meetings/{meeting_id}")).json()
        assert (theirs["their_contact"], theirs["startup"]["id"]) == ("Bureau 12", pair.startup_id)

    async def test_another_time_is_proposed_back_and_forth(self, pair: Pair) -> None:
        meeting_id = await pair.asked()
        moved = await step(pair.buyer, meeting_id, "propose", starts_at=in_days(9), place="Agadir", contact="Bureau 12")
        assert (moved.json()["turn"], moved.json()["place"]) == ("startup", "Agadir")
        assert moved.json()["their_contact"] is None
        not_yours = await step(pair.buyer, meeting_id, "accept")
        assert (not_yours.status_code, not_yours.json()["allowed"]) == (409, ["withdraw"])
        assert (await step(pair.owner, meeting_id, "accept")).json()["their_contact"] == "Bureau 12"

    async def test_a_no_is_final_and_leaves_room_for_another_request(self, pair: Pair) -> None:
        meeting_id = await pair.asked()
        twice = await pair.ask(pair.buyer, pilot_id=pair.pilot_id)
        assert (twice.status_code, twice.json()["type"]) == (409, "/problems/meeting-already-asked")
        no = (await step(pair.buyer, meeting_id, "decline", note="Pas ce mois-ci")).json()
        assert (no["state"], no["note"], no["their_contact"]) == ("declined", "Pas ce mois-ci", None)
        for name in ("accept", "decline", "withdraw"):
            for who in (pair.buyer, pair.owner):
                assert (await step(who, meeting_id, name)).json()["allowed"] == []
        await pair.asked()

    async def test_a_request_is_taken_back_and_a_meeting_called_off(self, pair: Pair) -> None:
        first = await pair.asked()
        assert (await step(pair.buyer, first, "withdraw")).status_code == 409
        assert (await step(pair.owner, first, "withdraw")).json()["state"] == "withdrawn"
        second = await pair.asked()
        await step(pair.buyer, second, "accept", contact="Bureau 12")
        off = (await step(pair.buyer, second, "withdraw", note="Empêchement")).json()
        assert (off["state"], off["their_contact"]) == ("withdrawn", None)

    async def test_a_time_that_passed_can_only_be_replaced(self, api: Api, pair: Pair) -> None:
        late = await pair.ask(pair.owner, pilot_id=pair.pilot_id, starts_at=in_days(-1))
        assert late.json()["errors"][0]["code"] == "time-passed"
        meeting_id = await pair.asked()
        async with unit_of_work(api.runtime.sessions) as session:
            await session.execute(update(Meeting).where(Meeting.id == meeting_id).values(starts_at=Meeting.created_at))
        passed = await step(pair.buyer, meeting_id, "accept", contact="Bureau 12")
        assert passed.json()["type"] == "/problems/meeting-time-passed"
        again = await step(pair.buyer, meeting_id, "propose", starts_at=in_days(3), place="online", contact="Bureau 12")
        assert again.status_code == 200

    @pytest.mark.parametrize(
        "wrong",
        [
            {"topic": "Écrivez à equipe@exemple.com"},
            {"topic": "Appelez le +212 522 00 00 00"},
            {"place": "chez moi, equipe@exemple.com"},
            {"starts_at": "2099-01-01T10:00:00"},
            {"minutes": 5},
            {"tender_id": "00000000-0000-0000-0000-000000000000"},
            {"contact": ""},
        ],
    )
    async def test_what_is_no_request_is_refused(self, pair: Pair, wrong: dict[str, object]) -> None:
        assert (await pair.ask(pair.owner, pilot_id=pair.pilot_id, **wrong)).status_code == 422


class TestSides:
    async def test_a_third_party_asks_sees_and_answers_nothing(self, api: Api, pair: Pair) -> None:
        meeting_id = await pair.asked()
        for kind in ("startup", "buyer", "incubator"):
            other = await api.person(kind)
            assert (await pair.ask(other, pilot_id=pair.pilot_id)).status_code == 404
            assert (await other.client.get(f"/v1/meetings/{meeting_id}")).status_code == 404
            assert (await step(other, meeting_id, "accept", contact="x")).status_code == 404
            assert (await other.client.get("/v1/meetings")).json()["items"] == []

    async def test_a_buyer_asks_listed_startups_that_are_their_own(self, api: Api, pair: Pair) -> None:
        incubator = await api.person("incubator")
        cohort = (await incubator.client.post("/v1/startups", json=startup())).json()["id"]
        unlisted = await pair.buyer.client.post("/v1/meetings", json=meeting(cohort, pilot_id=pair.pilot_id))
        assert unlisted.status_code == 404
        assert (await pair.ask(pair.buyer, pilot_id=pair.pilot_id)).json()["asked_by"] == "buyer"
        operator = await api.person("operator")
        posted = (await operator.client.post("/v1/pilots", json=pilot() | {"state": "open"})).json()["id"]
        absent = await operator.client.post("/v1/meetings", json=meeting(cohort, pilot_id=posted))
        assert (absent.status_code, absent.json()["type"]) == (409, "/problems/other-side-absent")

    async def test_nobody_reads_at_a_portal(self, api: Api, pair: Pair) -> None:
        portal = await api.person("operator", "Portail fictif")
        made = await portal.client.post("/v1/tenders", json=tender(sector="private") | {"status": "published"})
        answer = await pair.ask(pair.owner, tender_id=made.json()["id"])
        assert answer.json()["type"] == "/problems/other-side-absent"

    async def test_the_list_is_each_sides_own_page_by_page(self, api: Api, pair: Pair) -> None:
        made = [await pair.asked()]
        for _ in range(2):
            call = await pair.call(sector="private", status="published")
            made.append((await pair.ask(pair.owner, tender_id=call)).json()["id"])
        for who in (pair.owner, pair.buyer):
            first = (await who.client.get("/v1/meetings", params={"limit": 2})).json()
            rest = (await who.client.get("/v1/meetings", params={"limit": 2, "cursor": first["next"]})).json()
            assert [one["id"] for one in first["items"] + rest["items"]] == made[::-1]
        assert (await pair.owner.client.get("/v1/meetings", params={"state": "accepted"})).json()["items"] == []
        with capture_logs() as logs:
            await pair.owner.client.get("/v1/meetings")
        assert [line["queries"] for line in logs if line["event"] == "request.done"] == [2]

    async def test_they_are_exported_and_erased_with_the_startup(self, pair: Pair) -> None:
        meeting_id = await pair.asked()
        await step(pair.buyer, meeting_id, "accept", contact="Bureau 12")
        export = (await pair.owner.client.get(f"/v1/startups/{pair.startup_id}/export")).json()
        assert [one["id"] for one in export["meetings"]] == [meeting_id]
        assert "Bureau 12" not in str(export["meetings"])
        await pair.owner.client.delete(f"/v1/startups/{pair.startup_id}")
        assert (await pair.buyer.client.get(f"/v1/meetings/{meeting_id}")).status_code == 404


class TestEqualTreatment:
    @pytest.mark.parametrize("status", list(TenderStatus))
    @pytest.mark.parametrize("sector", ["public", "private", None])
    def test_only_calls_that_bidders_compete_for_are_closed_to_talks(
        self, status: TenderStatus, sector: str | None
    ) -> None:
        refused = sector != "private" and status in {TenderStatus.PUBLISHED, TenderStatus.CLOSED}
        if refused:
            with pytest.raises(EqualTreatment):
                require_equal_treatment(status, sector, None)
        else:
            require_equal_treatment(status, sector, None)

    @pytest.mark.parametrize(
        ("country", "cited"), [("MA", {"MA"}), ("FR", {"EU"}), ("US", set()), (None, {"EU", "MA"})]
    )
    def test_the_ground_is_that_of_the_calls_country(self, country: str | None, cited: set[str]) -> None:
        with pytest.raises(EqualTreatment) as refused:
            require_equal_treatment(TenderStatus.PUBLISHED, "public", country)
        assert {one["jurisdiction"] for one in refused.value.facts["ground"]} == cited  # type: ignore[index,union-attr,call-overload]

    async def test_a_refusal_cites_its_ground_in_the_readers_language(self, pair: Pair) -> None:
        call = await pair.call(sector="public", status="published")
        for who in (pair.owner, pair.buyer):
            answer = await who.client.post(
                "/v1/meetings", json=meeting(pair.startup_id, tender_id=call), headers={"Accept-Language": "fr"}
            )
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/equal-treatment")
            assert "conseil juridique" in answer.json()["detail"]
            assert "published" not in answer.json()["detail"]
            assert {ground["jurisdiction"] for ground in answer.json()["ground"]} == {"MA"}
            assert all(ground["as_of"] and ground["confidence"] for ground in answer.json()["ground"])

    async def test_a_talk_before_publication_is_not_accepted_after_it(self, api: Api, pair: Pair) -> None:
        draft = await pair.call(sector="public")
        assert (await pair.ask(pair.owner, tender_id=draft)).status_code == 404
        asked = (await pair.ask(pair.buyer, tender_id=draft)).json()["id"]
        await pair.buyer.client.post(f"/v1/tenders/{draft}/publish")
        for name, body in (("accept", {}), ("propose", {"starts_at": in_days(3), "place": "online"})):
            answer = await step(pair.owner, asked, name, contact="x", **body)
            assert answer.json()["type"] == "/problems/equal-treatment"
        assert (await step(pair.owner, asked, "decline")).status_code == 200
        async with unit_of_work(api.runtime.sessions) as session:
            await session.execute(update(Tender).where(Tender.id == draft).values(status=TenderStatus.AWARDED))
        assert (await pair.ask(pair.owner, tender_id=draft)).status_code == 201
