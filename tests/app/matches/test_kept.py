"""Matches as rows: kept in step with both sides by the jobs, read by their owners, told in the feed."""

from __future__ import annotations

from tests.app.matches.test_live import CALL, IRRIGATION, SECURITY, entered, published
from tests.support.api import Api, Person
from tests.support.factories import in_days, startup, tender


async def matches_of(person: Person, startup_id: object, **params: object) -> list[dict[str, object]]:
    answer = await person.client.get(f"/v1/startups/{startup_id}/matches", params=params)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, object]] = answer.json()["items"]
    return items


async def changes_of(api: Api, person: Person, after: str | None = None) -> tuple[list[dict[str, object]], str]:
    """A page of the feed, after all that was committed so far."""
    await api.settled()
    page = (await person.client.get("/v1/changes/matches", params={"after": after} if after else {})).json()
    return page["items"], page["next"]


class TestMatchesOfAStartup:
    async def test_they_appear_whichever_side_came_first(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        early = await published(buyer)
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
        async with api.worker():
            late = await published(buyer)
        found = await matches_of(firm, mine["id"])
        assert {match["tender"]["id"] for match in found} == {early, late}  # type: ignore[index]

    async def test_an_amended_call_that_fits_no_more_is_withdrawn(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            made = await entered(buyer, "/v1/tenders", tender(CALL) | {"status": "published"})
        (match,) = await matches_of(firm, mine["id"])
        _, cursor = await changes_of(api, firm)
        etag = (await buyer.client.get(f"/v1/tenders/{made['id']}")).headers["ETag"]
        amended = tender("Fourniture de mobilier scolaire", id=made["external_id"])
        async with api.worker():
            answer = await buyer.client.put(f"/v1/tenders/{made['id']}", json=amended, headers={"If-Match": etag})
            assert answer.status_code == 200, answer.text
        assert await matches_of(firm, mine["id"]) == []
        (change,), _ = await changes_of(api, firm, cursor)
        assert (change["operation"], change["id"]) == ("withdrawn", match["id"])

    async def test_a_profile_that_changes_its_trade_changes_its_matches(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        call = await published(buyer)
        water = str((await entered(buyer, "/v1/tenders", tender(IRRIGATION) | {"status": "published"}))["id"])
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
        assert [match["tender"]["id"] for match in await matches_of(firm, mine["id"])] == [call]  # type: ignore[index]
        etag = (await firm.client.get(f"/v1/startups/{mine['id']}")).headers["ETag"]
        new = startup(IRRIGATION, id=mine["external_id"])
        async with api.worker():
            await firm.client.put(f"/v1/startups/{mine['id']}", json=new, headers={"If-Match": etag})
        assert [match["tender"]["id"] for match in await matches_of(firm, mine["id"])] == [water]  # type: ignore[index]

    async def test_ranking_again_with_nothing_new_writes_nothing(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            await published(buyer)
        _, cursor = await changes_of(api, firm)
        from app.jobs.messages import MatchStartups
        from app.jobs.queue import enqueue

        async with api.worker():
            async with api.runtime.sessions.begin() as session:
                await enqueue(session, MatchStartups(startup_ids=(mine["id"],)))  # type: ignore[arg-type]
            await api.all_work_done()
        assert (await changes_of(api, firm, cursor))[0] == []

    async def test_filters_and_pages(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            for number, place in enumerate(["Rabat", "Agadir", "Rabat", "Tanger"]):
                await published(buyer, place=place, category="services", deadline=in_days(5 + number))
        assert len(await matches_of(firm, mine["id"])) == 4
        rabat = await matches_of(firm, mine["id"], region="Rabat-Salé-Kénitra")
        assert {match["tender"]["place"] for match in rabat} == {"Rabat"}  # type: ignore[index]
        assert len(await matches_of(firm, mine["id"], deadline_before=in_days(6.5))) == 2
        assert await matches_of(firm, mine["id"], category="works") == []
        assert await matches_of(firm, mine["id"], simplified_access="true") == []
        unnamed = await firm.client.get(f"/v1/startups/{mine['id']}/matches", params={"max_value": 5})
        (wrong,) = unnamed.json()["errors"]
        assert (unnamed.status_code, wrong["pointer"], wrong["code"]) == (422, "#/currency", "currency-needed")
        assert await matches_of(firm, mine["id"], max_value="5", currency="MAD") == []
        seen, cursor = [], None
        while True:
            params = {"limit": 3} | ({"cursor": cursor} if cursor else {})
            page = (await firm.client.get(f"/v1/startups/{mine['id']}/matches", params=params)).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
            if not cursor:
                break
        assert len(seen) == len(set(seen)) == 4


class TestWhoSeesMatches:
    async def test_strangers_see_neither_matches_nor_profile_nor_feed(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            await published(buyer)
        for kind in ("startup", "buyer", "incubator"):
            stranger = await api.person(kind)
            for path in ("matches", "profile", "invitations"):
                assert (await stranger.client.get(f"/v1/startups/{mine['id']}/{path}")).status_code == 404
            assert (await changes_of(api, stranger))[0] == []
        assert len((await changes_of(api, buyer))[0]) == 1
        assert len((await changes_of(api, firm))[0]) == 1

    async def test_a_buyer_learns_from_the_feed_that_a_startup_hid_itself(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            await published(buyer)
        _, cursor = await changes_of(api, buyer)
        async with api.worker():
            await firm.client.post(f"/v1/startups/{mine['id']}/listing", json={"listed": False})
        changes, _ = await changes_of(api, buyer, cursor)
        told = [(change["operation"], change["score"], change["grade"], change["lot_id"]) for change in changes]
        assert told == [("withdrawn", 0.0, "none", None)]  # how well it fits is no longer the buyer's to know


class TestProfile:
    async def test_it_shows_what_was_understood_and_where_it_stands(self, api: Api) -> None:
        firm = await api.person("startup")
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        profile = (await firm.client.get(f"/v1/startups/{mine['id']}/profile")).json()
        assert {term["kind"] for term in profile["terms"]} >= {"term"}
        weights = [term["weight"] for term in profile["terms"]]
        assert weights == sorted(weights, reverse=True)
        for term in profile["terms"]:
            for span in term["sources"]:
                if span["field"] == "description":
                    assert SECURITY[span["start"] : span["end"]] == span["text"]
