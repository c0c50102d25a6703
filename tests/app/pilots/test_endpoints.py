"""Pilots over their routes: who may do what in which state, and who sees it."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from structlog.testing import capture_logs

from tests.support.api import Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import in_days, startup
from tests.support.pilots import Trial, applied, pilot


@pytest.fixture(scope="module")
async def shared(cluster: Cluster) -> AsyncIterator[Api]:
    """One database for tests that make people of their own."""
    async with cluster.copy("pilots") as database, running_api(database) as api:
        yield api


@pytest.fixture
async def trial(shared: Api) -> Trial:
    return await applied(shared)


class TestPosting:
    async def test_only_buyers_post(self, shared: Api) -> None:
        for kind in ("startup", "incubator"):
            person = await shared.person(kind)
            answer = await person.client.post("/v1/pilots", json=pilot())
            assert answer.status_code == 403, answer.text

    async def test_a_draft_is_its_buyers_alone_and_may_change(self, shared: Api) -> None:
        buyer, other = await shared.person("buyer"), await shared.person("buyer")
        made = await buyer.client.post("/v1/pilots", json=pilot())
        url = made.headers["Location"]
        assert made.json()["region"] == "Souss-Massa"
        assert (await other.client.get(url)).status_code == 404
        tag = {"If-Match": made.headers["ETag"]}
        changed = await buyer.client.put(url, json=pilot("Autre problème"), headers=tag)
        assert (changed.status_code, changed.json()["title"]) == (200, "Autre problème")
        assert (await buyer.client.put(url, json=pilot(), headers=tag)).status_code == 412
        assert (await buyer.client.put(url, json=pilot())).status_code == 428
        assert (await other.client.delete(url)).status_code == 404
        assert (await buyer.client.delete(url)).status_code == 204
        assert (await buyer.client.get(url)).status_code == 404

    async def test_what_startups_apply_for_does_not_change_under_them(self, trial: Trial) -> None:
        url = f"/v1/pilots/{trial.pilot_id}"
        tag = {"If-Match": (await trial.buyer.client.get(url)).headers["ETag"]}
        for answer in (
            await trial.buyer.client.put(url, json=pilot("Autre"), headers=tag),
            await trial.buyer.client.delete(url),
            await trial.buyer.client.post(f"{url}/open"),
        ):
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/pilot-state")
            assert answer.json()["allowed"] == ["apply", "choose", "cancel"]

    @pytest.mark.parametrize(
        "wrong",
        [
            {"window_until": "2099-01-09"},
            {"criteria": []},
            {"criteria": [" "]},
            {"budget": {"amount": 0, "currency": "MAD"}},
            {"budget": {"amount": "1e30", "currency": "MAD"}},
            {"apply_by": "2099-01-01T00:00:00"},
            {"title": "\u0000"},
            {"cpv": ["abc"]},
        ],
    )
    async def test_what_is_no_pilot_is_refused(self, shared: Api, wrong: dict[str, object]) -> None:
        buyer = await shared.person("buyer")
        answer = await buyer.client.post("/v1/pilots", json=pilot(**wrong))
        assert answer.status_code == 422, answer.text


class TestApplying:
    async def test_only_the_owner_of_a_startup_applies_with_it(self, shared: Api, trial: Trial) -> None:
        incubator, other = await shared.person("incubator"), await shared.person("startup")
        cohort = (await incubator.client.post("/v1/startups", json=startup())).json()["id"]
        body = {"message": "Nous le ferons."}
        for person, firm in ((incubator, cohort), (other, trial.startup_id), (trial.buyer, trial.startup_id)):
            answer = await person.client.put(f"/v1/pilots/{trial.pilot_id}/applications/{firm}", json=body)
            assert answer.status_code in {403, 404}, answer.text

    async def test_the_buyer_reads_applications_and_nobody_else_does(self, shared: Api, trial: Trial) -> None:
        url = f"/v1/pilots/{trial.pilot_id}/applications"
        await trial.owner.client.post(f"/v1/startups/{trial.startup_id}/listing", json={"listed": False})
        (one,) = (await trial.buyer.client.get(url)).json()["items"]
        assert (one["startup_id"], one["message"], one["chosen"]) == (
            trial.startup_id,
            "Nous avons les capteurs.",
            False,
        )
        for stranger in (await shared.person("buyer"), await shared.person("startup"), trial.owner):
            assert (await stranger.client.get(url)).status_code == 404
        mine = await trial.owner.client.get(f"/v1/startups/{trial.startup_id}/applications")
        assert [item["pilot"]["id"] for item in mine.json()["items"]] == [trial.pilot_id]
        assert (await trial.buyer.client.get(f"/v1/startups/{trial.startup_id}/applications")).status_code == 404

    async def test_an_application_is_changed_taken_back_and_bound_by_the_choice(self, trial: Trial) -> None:
        url = f"/v1/pilots/{trial.pilot_id}/applications/{trial.startup_id}"
        assert (await trial.owner.client.put(url, json={"message": "Mieux dit."})).json()["message"] == "Mieux dit."
        assert (await trial.owner.client.delete(url)).status_code == 204
        assert (await trial.owner.client.delete(url)).status_code == 404
        refused = await trial.buyer.client.post(
            f"/v1/pilots/{trial.pilot_id}/choose", json={"startup_id": trial.startup_id}
        )
        assert refused.status_code == 404
        assert (await trial.owner.client.put(url, json={"message": "Encore."})).status_code == 200
        await trial.step("choose", {"startup_id": trial.startup_id})
        for late in (await trial.owner.client.put(url, json={"message": "?"}), await trial.owner.client.delete(url)):
            assert (late.status_code, late.json()["pilot_state"]) == (409, "running")

    async def test_nobody_applies_after_the_last_day(self, shared: Api) -> None:
        buyer, owner = await shared.person("buyer"), await shared.person("startup")
        mine = (await owner.client.post("/v1/startups", json=startup())).json()["id"]
        made = await buyer.client.post("/v1/pilots", json=pilot(apply_by=in_days(-1)) | {"state": "open"})
        answer = await owner.client.put(
            f"/v1/pilots/{made.json()['id']}/applications/{mine}", json={"message": "En retard."}
        )
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/pilot-applications-over")


class TestRunning:
    async def test_strangers_read_an_open_pilot_and_not_its_inside(self, shared: Api, trial: Trial) -> None:
        await trial.close("met", "met", statement="Très utile.")
        url = f"/v1/pilots/{trial.pilot_id}"
        for person in (trial.buyer, trial.owner):
            seen = (await person.client.get(url)).json()
            assert seen["startup_id"] == trial.startup_id
            assert seen["attestation"] is not None
        stranger = await shared.person("startup")
        seen = (await stranger.client.get(url)).json()
        assert (seen["state"], seen["successful"]) == ("closed", True)
        hidden = ("startup_id", "statement", "paid", "attestation")
        assert [seen[name] for name in hidden] == [None] * 4
        assert seen["verdicts"] == []

    async def test_a_stranger_can_do_nothing_to_it(self, shared: Api, trial: Trial) -> None:
        stranger = await shared.person("buyer")
        bodies: dict[str, object] = {
            "open": None,
            "choose": {"startup_id": trial.startup_id},
            "cancel": {"because": "x"},
            "close": {"verdicts": [{"criterion": 1, "verdict": "met"}]},
        }
        for name, body in bodies.items():
            answer = await stranger.client.post(f"/v1/pilots/{trial.pilot_id}/{name}", json=body)
            assert answer.status_code == 404, (name, answer.text)

    @pytest.mark.parametrize("numbers", [[1], [1, 1], [1, 2, 2], [2, 3], [1, 2, 3]])
    async def test_each_criterion_has_one_verdict(self, trial: Trial, numbers: list[int]) -> None:
        await trial.step("choose", {"startup_id": trial.startup_id})
        told = [{"criterion": number, "verdict": "met"} for number in numbers]
        answer = await trial.buyer.client.post(f"/v1/pilots/{trial.pilot_id}/close", json={"verdicts": told})
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["code"] == "verdict-for-each-criterion"
        assert (await trial.buyer.client.get(f"/v1/pilots/{trial.pilot_id}")).json()["state"] == "running"

    async def test_a_pilot_that_failed_is_closed_without_an_attestation(self, trial: Trial) -> None:
        closed = await trial.close("met", "partly_met")
        assert (closed["successful"], closed["attestation"]) == (False, None)
        answer = await trial.buyer.client.post(f"/v1/pilots/{trial.pilot_id}/cancel", json={"because": "?"})
        assert answer.json()["allowed"] == []

    async def test_a_cancelled_pilot_says_why(self, trial: Trial) -> None:
        await trial.step("cancel", {"because": "Budget retiré"})
        seen = (await trial.owner.client.get(f"/v1/pilots/{trial.pilot_id}")).json()
        assert (seen["state"], seen["cancelled_because"]) == ("cancelled", "Budget retiré")


class TestLists:
    async def test_open_ones_page_by_page_through_every_filter(self, shared: Api) -> None:
        buyer, reader = await shared.person("buyer"), await shared.person("startup")
        mark = f"zirkhoun{uuid.uuid4().hex[:8]}"
        made = []
        for number in range(3):
            answer = await buyer.client.post("/v1/pilots", json=pilot(f"{mark} {number}") | {"state": "open"})
            made.append(answer.json()["id"])
        await buyer.client.post("/v1/pilots", json=pilot(f"{mark} brouillon"))
        await buyer.client.post("/v1/pilots", json=pilot(f"{mark} ailleurs", place="Oujda") | {"state": "open"})
        wanted = {"q": mark, "region": "Souss-Massa", "country": "MA", "limit": 2}
        first = (await reader.client.get("/v1/pilots", params=wanted)).json()
        second = (await reader.client.get("/v1/pilots", params={**wanted, "cursor": first["next"]})).json()
        assert [one["id"] for one in first["items"] + second["items"]] == made[::-1]
        assert second["next"] is None
        own = await buyer.client.get("/v1/pilots", params={"owner": "me", "q": mark})
        assert sorted(one["state"] for one in own.json()["items"]) == ["draft", *["open"] * 4]
        drafts = await reader.client.get("/v1/pilots", params={"state": "draft", "q": mark})
        assert drafts.json()["items"] == []

    async def test_lists_take_the_same_statements_however_long_they_are(self, shared: Api) -> None:
        buyer = await shared.person("buyer")
        sizes: dict[str, list[int]] = {}
        owner = await shared.person("startup")
        mine = (await owner.client.post("/v1/startups", json=startup())).json()["id"]
        for _ in range(2):
            for _ in range(3):
                made = (await buyer.client.post("/v1/pilots", json=pilot() | {"state": "open"})).json()["id"]
                await owner.client.put(f"/v1/pilots/{made}/applications/{mine}", json={"message": "Oui."})
            for person, path in (
                (buyer, "/v1/pilots?owner=me"),
                (owner, "/v1/pilots"),
                (owner, f"/v1/startups/{mine}/applications"),
                (buyer, f"/v1/pilots/{made}/applications"),
            ):
                sizes.setdefault(path.partition("?")[0].replace(made, ""), []).append(await _statements(person, path))
        assert all(len(set(counts)) == 1 and counts[0] <= 4 for counts in sizes.values()), sizes


async def _statements(person: Person, path: str) -> int:
    with capture_logs() as logs:
        answer = await person.client.get(path)
    assert answer.status_code == 200, answer.text
    (done,) = [line for line in logs if line["event"] == "request.done"]
    return int(done["queries"])


class TestRanking:
    async def test_pilots_and_startups_find_one_another(self, api: Api) -> None:
        trial = await applied(api)
        far = await trial.owner.client.post("/v1/startups", json=startup("Traiteur et location de chapiteaux"))
        await trial.buyer.client.post(
            "/v1/pilots", json=pilot("Repas de cantine", problem="Repas chauds.", trades=[]) | {"state": "open"}
        )
        await api.ranker.index.catch_up()
        found = (await trial.buyer.client.get(f"/v1/pilots/{trial.pilot_id}/candidates")).json()
        assert found["items"][0]["startup"]["id"] == trial.startup_id
        assert far.json()["id"] not in [item["startup"]["id"] for item in found["items"]]
        assert found["items"][0]["reasons"]
        hits = (await trial.owner.client.get(f"/v1/startups/{trial.startup_id}/pilots")).json()
        assert [item["pilot"]["id"] for item in hits["items"]] == [trial.pilot_id]
        assert hits["considered"] == 2
        assert hits["items"][0]["score"] == pytest.approx(found["items"][0]["score"], abs=1e-6)

    async def test_candidates_are_for_the_pilots_buyer_while_it_is_open(self, shared: Api, trial: Trial) -> None:
        url = f"/v1/pilots/{trial.pilot_id}/candidates"
        other = await shared.person("buyer")
        assert (await other.client.get(url)).status_code == 404
        assert (await trial.owner.client.get(url)).status_code == 404
        assert (await other.client.get(f"/v1/startups/{trial.startup_id}/pilots")).status_code == 404
        draft = (await trial.buyer.client.post("/v1/pilots", json=pilot())).json()["id"]
        refused = await trial.buyer.client.get(f"/v1/pilots/{draft}/candidates")
        assert refused.json()["type"] == "/problems/pilot-state"
