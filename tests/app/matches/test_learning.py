"""Decisions and feedback teach: at once, the own side only, and back when they are taken back."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.app.matches.test_kept import matches_of
from tests.app.matches.test_live import entered
from tests.support.api import Api, Person
from tests.support.factories import startup, tender

TWO_TRADES = (
    "Conception de sites web et d'applications mobiles. Systèmes d'irrigation goutte à goutte et de pompage solaire."
)
ONE_TRADE = "Sites web, portails et applications mobiles sur mesure."
WEB = "Refonte du site web et développement d'une application mobile"
WEB_TOO = "Développement d'un portail web et d'une application mobile"
PUMPS = "Installation de systèmes d'irrigation goutte à goutte et de pompage solaire"
PUMPS_TOO = "Irrigation goutte à goutte par pompage solaire dans trois communes"


async def posted(buyer: Person, *titles: str) -> list[str]:
    calls = [await entered(buyer, "/v1/tenders", tender(title) | {"status": "published"}) for title in titles]
    return [str(call["id"]) for call in calls]


async def registered(api: Api, *descriptions: str) -> list[tuple[Person, str]]:
    made = []
    for description in descriptions:
        firm = await api.person("startup")
        made.append((firm, str((await entered(firm, "/v1/startups", startup(description, name="Fictive")))["id"])))
    return made


async def scores_for(buyer: Person, call: str) -> dict[str, float]:
    answer = await buyer.client.get(f"/v1/tenders/{call}/candidates")
    assert answer.status_code == 200, answer.text
    return {item["startup"]["id"]: item["score"] for item in answer.json()["items"]}


async def kept_scores(firm: Person, mine: str) -> dict[str, float]:
    return {match["tender"]["id"]: match["score"] for match in await matches_of(firm, mine)}  # type: ignore[index,misc]


async def decided(person: Person, path: str, kind: str) -> None:
    assert (await person.client.put(path, json={"kind": kind})).status_code == 200


class TestStartup:
    async def test_a_dismissed_tender_makes_similar_ones_sink_for_this_startup_alone(self, api: Api) -> None:
        buyer = await api.person("buyer")
        pumps, pumps_too = await posted(buyer, PUMPS, PUMPS_TOO)
        (firm, mine), (_, twin) = await registered(api, TWO_TRADES, TWO_TRADES)
        before = await scores_for(buyer, pumps_too)
        assert before[mine] == before[twin]
        path = f"/v1/startups/{mine}/decisions/{pumps}"
        await decided(firm, path, "dismissed")
        after = await scores_for(buyer, pumps_too)
        assert after[mine] < after[twin] == before[twin]
        assert (await firm.client.delete(path)).status_code == 204
        restored = await scores_for(buyer, pumps_too)
        assert restored[mine] == restored[twin]

    async def test_its_kept_matches_are_ranked_anew(self, api: Api) -> None:
        buyer = await api.person("buyer")
        async with api.worker():
            pumps, pumps_too, web_too = await posted(buyer, PUMPS, PUMPS_TOO, WEB_TOO)
            (firm, mine), (other, twin) = await registered(api, TWO_TRADES, TWO_TRADES)
        before, of_twin = await kept_scores(firm, mine), await kept_scores(other, twin)
        assert before == of_twin
        async with api.worker():
            await decided(firm, f"/v1/startups/{mine}/decisions/{pumps}", "saved")
            await api.all_work_done()
        after = await kept_scores(firm, mine)
        assert after[pumps_too] > before[pumps_too]
        assert after[pumps_too] - before[pumps_too] > after[web_too] - before[web_too]
        assert await kept_scores(other, twin) == of_twin
        reasons = [reason for match in await matches_of(firm, mine) for reason in match["reasons"]]  # type: ignore[attr-defined]
        told = [reason for reason in reasons if "startup_learned" in reason["facts"]]
        assert {reason["facts"]["startup_learned"] for reason in told} >= {"more"}
        assert all("feedback" in reason["sentence"] for reason in told)
        async with api.worker():
            await firm.client.delete(f"/v1/startups/{mine}/decisions/{pumps}")
            await api.all_work_done()
        assert await kept_scores(firm, mine) == pytest.approx(before, abs=1e-9)

    async def test_buyers_are_not_told_what_it_learned(self, api: Api) -> None:
        buyer = await api.person("buyer")
        pumps, pumps_too = await posted(buyer, PUMPS, PUMPS_TOO)
        ((firm, mine),) = await registered(api, TWO_TRADES)
        await decided(firm, f"/v1/startups/{mine}/decisions/{pumps}", "saved")
        page = (await buyer.client.get(f"/v1/tenders/{pumps_too}/candidates")).json()
        assert page["items"]
        assert "learned" not in str(page["items"])

    async def test_the_incubator_that_registered_it_is_not_told_either(self, api: Api) -> None:
        buyer, firm, incubator = await api.person("buyer"), await api.person("startup"), await api.person("incubator")
        profile = startup(TWO_TRADES, name="Fictive")
        mine = str((await entered(incubator, "/v1/startups", profile))["id"])
        token = (await incubator.client.post(f"/v1/startups/{mine}/claims")).json()["token"]
        assert (await firm.client.post("/v1/claims", json={"token": token})).status_code == 200
        pumps, _ = await posted(buyer, PUMPS, PUMPS_TOO)
        before = (await incubator.client.get(f"/v1/startups/{mine}/profile")).json()
        async with api.worker():
            await decided(firm, f"/v1/startups/{mine}/decisions/{pumps}", "saved")
            await api.all_work_done()
        assert said_learned(await matches_of(firm, mine))
        assert (await firm.client.get(f"/v1/startups/{mine}/profile")).json()["terms"] != before["terms"]
        assert await matches_of(incubator, mine)
        assert not said_learned(await matches_of(incubator, mine))
        assert (await incubator.client.get(f"/v1/startups/{mine}/profile")).json()["terms"] == before["terms"]

    async def test_the_newest_word_counts(self, api: Api) -> None:
        buyer = await api.person("buyer")
        pumps, pumps_too = await posted(buyer, PUMPS, PUMPS_TOO)
        (firm, mine), (_, twin) = await registered(api, TWO_TRADES, TWO_TRADES)
        await decided(firm, f"/v1/startups/{mine}/decisions/{pumps}", "saved")
        kept = await scores_for(buyer, pumps_too)
        said = {"tender_id": pumps, "startup_id": mine, "verdict": "wrong", "because": "trop grand"}
        assert (await firm.client.post("/v1/feedback", json=said)).status_code == 201
        wrong = await scores_for(buyer, pumps_too)
        assert wrong[mine] < wrong[twin] < kept[mine]

    async def test_its_profile_shows_what_it_learned(self, api: Api) -> None:
        buyer = await api.person("buyer")
        ((firm, mine),) = await registered(api, ONE_TRADE)
        (pumps,) = await posted(buyer, PUMPS)
        await decided(firm, f"/v1/startups/{mine}/decisions/{pumps}", "saved")
        terms = (await firm.client.get(f"/v1/startups/{mine}/profile")).json()["terms"]
        learned = {term["term"]: term for term in terms if term["kind"] == "term" and not term["sources"]}
        assert "irrig" in learned

    async def test_nobody_else_teaches_it(self, api: Api) -> None:
        buyer = await api.person("buyer")
        pumps, pumps_too = await posted(buyer, PUMPS, PUMPS_TOO)
        (_firm, mine), (_, twin) = await registered(api, TWO_TRADES, TWO_TRADES)
        await decided(buyer, f"/v1/tenders/{pumps}/decisions/{mine}", "dismissed")
        said = {"tender_id": pumps, "startup_id": mine, "verdict": "wrong"}
        assert (await buyer.client.post("/v1/feedback", json=said)).status_code == 201
        scores = await scores_for(buyer, pumps_too)
        assert scores[mine] == scores[twin]


class TestTender:
    @pytest.mark.parametrize(("kind", "sign"), [("shortlisted", 1), ("invited", 1), ("dismissed", -1)])
    async def test_what_the_buyer_decides_moves_startups_alike_for_that_tender_only(
        self, api: Api, kind: str, sign: int
    ) -> None:
        buyer = await api.person("buyer")
        mixed, other = await posted(buyer, "Site web, application mobile et pompage solaire", WEB_TOO)
        _, (_, chosen), (_, alike), (_firm, both) = await registered(
            api, PUMPS, ONE_TRADE, ONE_TRADE + " Portails.", TWO_TRADES
        )

        def lead(scores: dict[str, float]) -> float:
            return scores[alike] - scores[both]

        before, elsewhere = await scores_for(buyer, mixed), await scores_for(buyer, other)
        path = f"/v1/tenders/{mixed}/decisions/{chosen}"
        await decided(buyer, path, kind)
        after = await scores_for(buyer, mixed)
        assert sign * (lead(after) - lead(before)) > 0
        assert await scores_for(buyer, other) == elsewhere
        assert (await buyer.client.delete(path)).status_code == 204
        assert await scores_for(buyer, mixed) == before

    async def test_startups_never_see_it_in_their_matches(self, api: Api) -> None:
        buyer = await api.person("buyer")
        async with api.worker():
            (call,) = await posted(buyer, PUMPS)
            (firm, mine), (_, other) = await registered(api, TWO_TRADES, TWO_TRADES)
        before = await matches_of(firm, mine)
        async with api.worker():
            await decided(buyer, f"/v1/tenders/{call}/decisions/{other}", "dismissed")
            await decided(buyer, f"/v1/tenders/{call}/decisions/{mine}", "dismissed")
            await api.all_work_done()
        assert await matches_of(firm, mine) == before
        assert said_learned(before) == []


def said_learned(matches: Sequence[dict[str, object]]) -> list[object]:
    return [match for match in matches if "learned" in str(match)]
