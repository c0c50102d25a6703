"""Winners' references and buyers' habits, of awards as a source leaves them."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest

from app.db.session import driver_connection, unit_of_work
from app.kit.clock import utc_now
from app.kit.ids import new_uuid
from app.models.source import Source
from app.sources.awards import AwardTarget, StagedAward, keep_awards
from scrapers.records import AwardRecord
from tests.support.api import Api, Person
from tests.support.factories import startup

BUYER = "Office fictif des eaux de Tansift"


def award(number: int, *winners: object, **fields: object) -> dict[str, object]:
    """An award of the fictional office."""
    return {
        "id": f"A-{number}",
        "title": f"Capteurs de nappe, tranche {number}",
        "buyer": {"name": BUYER},
        "winners": [one if isinstance(one, dict) else {"name": one} for one in winners],
        "value": {"amount": 100_000 * number, "currency": "MAD"},
        "cpv": ["38420000"],
        "country": "MA",
        "date": dt.date(2026, 1, number).isoformat(),
        **fields,
    }


async def keep(api: Api, *awards: dict[str, object]) -> None:
    """Awards as a batch of a crawl stores them."""
    owner = await api.person("operator", "Portail fictif")
    async with unit_of_work(api.runtime.sessions) as session:
        source = Source(
            id=new_uuid(), name=f"fictional_{uuid.uuid4().hex}", title="Portail fictif", attribution="Source : X"
        )
        session.add(source)
        await session.flush()
        target = AwardTarget(source.id, owner.id, utc_now())
        staged = [StagedAward.of(AwardRecord.model_validate(one)) for one in awards]
        await keep_awards(await driver_connection(session), target, staged, [])


async def own_startup(api: Api, name: str, **fields: object) -> tuple[Person, str]:
    person = await api.person("startup")
    answer = await person.client.post("/v1/startups", json=startup(name=name, **fields))
    assert answer.status_code == 201, answer.text
    return person, str(answer.json()["id"])


async def wins(person: Person, startup_id: str, state: str = "suggested") -> list[dict[str, object]]:
    answer = await person.client.get(f"/v1/startups/{startup_id}/wins", params={"state": state})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, object]] = answer.json()["items"]
    return found


class TestWins:
    async def test_a_win_becomes_a_reference_once_it_is_claimed_and_is_taken_back(self, api: Api) -> None:
        await keep(api, award(1, "NAPPE ET DONNEES SARL"), award(2, "Autre SARL"))
        person, mine = await own_startup(api, "Nappe et données")
        (win,) = await wins(person, mine)
        assert (win["state"], win["found_by"]) == ("suggested", "name")
        shown = win["award"]
        assert isinstance(shown, dict)
        assert shown["source"]["attribution"] == "Source : X"
        url = f"/v1/startups/{mine}/wins/{shown['id']}"
        assert (await person.client.put(url, json={"mine": True})).status_code == 204
        (reference,) = (await person.client.get(f"/v1/startups/{mine}")).json()["references"]
        assert (reference["title"], reference["buyer"], reference["date"]) == (
            "Capteurs de nappe, tranche 1",
            BUYER,
            "2026-01-01",
        )
        assert reference["value"] == {"amount": 100_000, "currency": "MAD"}
        assert await wins(person, mine) == []
        assert [one["state"] for one in await wins(person, mine, "mine")] == ["mine"]
        assert (await person.client.put(url, json={"mine": True})).status_code == 204  # the same again
        assert len((await person.client.get(f"/v1/startups/{mine}")).json()["references"]) == 1
        assert (await person.client.put(url, json={"mine": False})).status_code == 204
        assert (await person.client.get(f"/v1/startups/{mine}")).json()["references"] == []
        assert len(await wins(person, mine, "not_mine")) == 1

    async def test_an_identifier_finds_it_under_any_name_in_any_country(self, api: Api) -> None:
        await keep(api, award(1, {"name": "ND Holding", "id": "MA-ICE:001", "country": "FR"}))
        person, mine = await own_startup(api, "Nappe et données", identifiers=["MA-ICE:001"])
        assert [one["found_by"] for one in await wins(person, mine)] == ["identifier"]

    @pytest.mark.parametrize(
        ("name", "winner"),
        [("Nappe et données", {"name": "Nappe et données", "country": "FR"}), ("Nappe", {"name": "Nappe et données"}),
         ("IT", {"name": "IT SARL"})],
        ids=["abroad", "a part of the name", "too short to tell"],
    )  # fmt: skip
    async def test_not_suggested(self, api: Api, name: str, winner: dict[str, object]) -> None:
        await keep(api, award(1, winner))
        person, mine = await own_startup(api, name)
        assert await wins(person, mine) == []

    async def test_nobody_else_sees_or_claims(self, api: Api) -> None:
        await keep(api, award(1, "Nappe et données"))
        person, mine = await own_startup(api, "Nappe et données")
        (win,) = await wins(person, mine)
        shown = win["award"]
        assert isinstance(shown, dict)
        other, theirs = await own_startup(api, "Quelqu'un d'autre")
        buyer = await api.person("buyer")
        for stranger in (other, buyer):
            assert (await stranger.client.get(f"/v1/startups/{mine}/wins")).status_code == 404
            answer = await stranger.client.put(f"/v1/startups/{mine}/wins/{shown['id']}", json={"mine": True})
            assert answer.status_code in {403, 404}
        unlike = await other.client.put(f"/v1/startups/{theirs}/wins/{shown['id']}", json={"mine": True})
        assert unlike.status_code == 404


class TestBuyers:
    async def test_habits_are_counted(self, api: Api) -> None:
        await keep(
            api,
            *(award(number, "Alpha SARL", offers=number) for number in (1, 2, 3)),
            award(4, "Beta", "ALPHA", offers=6, value=None),
            award(5, outcome="unsuccessful", offers=0, cpv=["72000000", "72212000"]),
            award(6, "Elsewhere", buyer={"name": "Another office"}),
        )
        person = await api.person("buyer")
        answer = await person.client.get(
            "/v1/buyers/history", params={"name": "office des eaux de tansift fictif", "country": "MA"}
        )
        assert answer.status_code == 200, answer.text
        told = answer.json()
        assert (told["buyer"], told["awards"], told["unsuccessful"], told["cancelled"]) == (BUYER, 5, 1, 0)
        assert (told["since"], told["until"], told["median_offers"]) == ("2026-01-01", "2026-01-05", 2.0)
        assert told["values"] == [{"currency": "MAD", "awards": 4, "median": 250_000.0, "greatest": 500_000.0}]
        assert told["suppliers"] == 2
        assert told["top_suppliers"] == [{"name": "Alpha SARL", "awards": 4}, {"name": "Beta", "awards": 1}]
        assert told["cpv_divisions"] == [{"name": "38", "awards": 4}, {"name": "72", "awards": 1}]
        assert [one["date"] for one in told["latest"]] == [f"2026-01-0{day}" for day in (5, 4, 3, 2, 1)]

    async def test_a_buyer_nobody_knows(self, api: Api) -> None:
        person = await api.person("startup")
        assert (await person.client.get("/v1/buyers/history", params={"name": "Personne"})).status_code == 404
        assert (await person.client.get("/v1/buyers/history", params={"name": "S.A."})).status_code == 404
