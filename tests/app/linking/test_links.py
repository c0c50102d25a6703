"""The same call of two publishers: found, shown once, told with its evidence, undone by the operator."""

from __future__ import annotations

import pytest

from app.linking import repository
from tests.support.api import Api, Person
from tests.support.events import log_of
from tests.support.factories import in_days, startup, tender

DAY = in_days(40)


def call(**fields: object) -> dict[str, object]:
    """A call as its buyer's portal has it."""
    whole: dict[str, object] = {
        "buyer": {"name": "Société régionale d'aménagement de Tansift"},
        "reference": "14/SRAT/2027",
        "deadline": DAY,
        "status": "published",
        **fields,
    }
    return tender("Mise en place d'un système d'information géographique", **whole)


async def post(person: Person, **fields: object) -> str:
    answer = await person.client.post("/v1/tenders", json=call(**fields))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def listed(person: Person, **params: str) -> list[str]:
    answer = await person.client.get("/v1/tenders", params={"limit": "100", **params})
    return sorted(one["id"] for one in answer.json()["items"])


async def links(person: Person, tender_id: str) -> dict[str, object]:
    answer = await person.client.get(f"/v1/tenders/{tender_id}/links")
    assert answer.status_code == 200, answer.text
    found: dict[str, object] = answer.json()
    return found


async def test_a_call_of_two_publishers_is_shown_once_and_matched_once(api: Api) -> None:
    portal, journal = await api.person("operator"), await api.person("operator")
    young = await api.person("startup")
    await young.client.post("/v1/startups", json=startup("Système d'information géographique, SIG, cartographie"))
    async with api.worker():
        first, second = await post(portal), await post(journal, reference="14/SRAT/2027 ")
    assert await listed(young) == [first]
    assert await listed(young, duplicates="true") == sorted([first, second])
    told = await links(young, second)
    assert told["duplicate_of"] == first
    (link,) = told["items"]  # type: ignore[misc]
    assert (link["strength"], link["rule"], link["state"]) == ("exact", "reference", "found")
    assert link["evidence"]["reference"] == "14/SRAT/2027"
    assert link["tender"]["id"] == first
    mine = (await young.client.get("/v1/startups")).json()["items"][0]["id"]
    kept = (await young.client.get(f"/v1/startups/{mine}/matches")).json()["items"]
    assert [one["tender"]["id"] for one in kept] == [first]


async def test_the_operator_undoes_a_link_for_good(api: Api) -> None:
    portal, journal, operator = [await api.person("operator") for _ in range(3)]
    buyer = await api.person("buyer")
    async with api.worker():
        first, second = await post(portal), await post(journal)
    refused = await buyer.client.post(f"/v1/tenders/{second}/links/{first}/unlink")
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (403, "links-are-the-operators")
    async with api.worker():
        assert (await operator.client.post(f"/v1/tenders/{second}/links/{first}/unlink")).status_code == 204
    assert await listed(portal) == sorted([first, second])
    async with api.worker():  # a change of one of them finds the link again, and does not act on it
        etag = (await journal.client.get(f"/v1/tenders/{second}")).headers["etag"]
        changed = await journal.client.patch(
            f"/v1/tenders/{second}",
            json={"description": "Avec formation"},
            headers={"If-Match": etag, "Content-Type": "application/merge-patch+json"},
        )
        assert changed.status_code == 200, changed.text
    assert await listed(portal) == sorted([first, second])
    (link,) = (await links(portal, first))["items"]  # type: ignore[misc]
    assert link["state"] == "unlinked"
    async with api.worker():
        assert (await operator.client.post(f"/v1/tenders/{first}/links/{second}/confirm")).status_code == 204
    assert await listed(portal) == [first]
    missing = await operator.client.post(f"/v1/tenders/{first}/links/{first}/unlink")
    assert missing.status_code == 404


async def test_a_cancellation_elsewhere_ends_the_call_as_a_version_and_its_end_opens_it_again(api: Api) -> None:
    portal, journal, operator = [await api.person("operator") for _ in range(3)]
    async with api.worker():
        first, second = await post(portal), await post(journal)
        await api.all_work_done()
        assert (await journal.client.post(f"/v1/tenders/{second}/cancel")).status_code == 200
    ended = (await portal.client.get(f"/v1/tenders/{first}")).json()
    assert (ended["status"], ended["version"]) == ("cancelled", 2)
    assert (await links(portal, first))["cancelled_by"] == second
    versions = (await portal.client.get(f"/v1/tenders/{first}/versions")).json()["items"]
    assert versions[0]["changes"] == {"status": {"old": "published", "new": "cancelled"}}
    async with api.worker():
        assert (await operator.client.post(f"/v1/tenders/{first}/links/{second}/unlink")).status_code == 204
    opened = (await portal.client.get(f"/v1/tenders/{first}")).json()
    assert (opened["status"], opened["version"]) == ("published", 3)
    told = [each for each in await log_of(api) if each.data.get("tender", {}).get("id") == first]
    assert [each.type for each in told] == ["tender.published", "tender.cancelled", "tender.updated"]
    assert told[1].data["changes"] == {"status": {"old": "published", "new": "cancelled", "abridged": False}}


async def test_what_merely_looks_alike_is_for_a_person_to_look_at(api: Api) -> None:
    portal, journal, operator = await api.person("buyer"), await api.person("buyer"), await api.person("operator")
    async with api.worker():
        first, second = await post(portal, reference="07/2027"), await post(journal, reference=None)
    assert await listed(portal) == sorted([first, second])
    page = (await operator.client.get("/v1/tenders/links")).json()
    (link,) = page["items"]
    assert {link["one_id"], link["other_id"]} == {first, second}
    assert (link["strength"], link["rule"]) == ("strong", "buyer-deadline-title")
    assert (await portal.client.get("/v1/tenders/links")).status_code == 403
    async with api.worker():
        assert (await operator.client.post(f"/v1/tenders/{second}/links/{first}/confirm")).status_code == 204
    assert await listed(portal) == [first]


async def test_a_link_that_holds_no_more_goes(api: Api) -> None:
    portal, journal = await api.person("buyer"), await api.person("buyer")
    async with api.worker():
        first, second = await post(portal), await post(journal)
    async with api.worker():
        answer = await journal.client.get(f"/v1/tenders/{second}")
        body = {**call(), "id": answer.json()["external_id"], "reference": "99/XYZ/2027", "title": "Gardiennage"}
        body.pop("status")
        headers = {"If-Match": answer.headers["etag"]}
        changed = await journal.client.put(f"/v1/tenders/{second}", json=body, headers=headers)
        assert changed.status_code == 200, changed.text
    assert (await links(portal, first))["items"] == []
    assert await listed(portal) == sorted([first, second])


async def test_drafts_are_compared_with_nobody(api: Api) -> None:
    portal, journal = await api.person("buyer"), await api.person("buyer")
    async with api.worker():
        first = await post(portal)
        hidden = await post(journal, status="draft")
    assert (await links(portal, first))["items"] == []
    assert (await portal.client.get(f"/v1/tenders/{hidden}/links")).status_code == 404


async def test_whoever_posts_a_look_alike_neither_hides_nor_ends_the_call_of_another_buyer(api: Api) -> None:
    victim, forger, young = await api.person("buyer"), await api.person("buyer"), await api.person("startup")
    async with api.worker():
        forged, true = await post(forger), await post(victim)  # whoever comes first would stand for the call
    assert await listed(young) == sorted([forged, true])
    async with api.worker():
        assert (await forger.client.post(f"/v1/tenders/{forged}/cancel")).status_code == 200
    assert await listed(young) == [true]
    kept = (await victim.client.get(f"/v1/tenders/{true}")).json()
    assert (kept["status"], kept["version"]) == ("published", 1)
    told = await links(victim, true)
    assert (told["duplicate_of"], told["cancelled_by"]) == (None, None)
    assert [link["tender"]["id"] for link in told["items"]] == [forged]  # type: ignore[attr-defined]


async def test_a_buyers_own_tender_gives_way_to_a_portals_and_ends_with_it(api: Api) -> None:
    buyer, portal, young = await api.person("buyer"), await api.person("operator"), await api.person("startup")
    async with api.worker():
        own, collected = await post(buyer), await post(portal)
    assert await listed(young) == [collected]
    async with api.worker():
        assert (await buyer.client.post(f"/v1/tenders/{own}/cancel")).status_code == 200
    assert await listed(young) == [collected]
    again = await api.person("buyer")
    async with api.worker():
        late = await post(again)
        await api.all_work_done()
        assert (await portal.client.post(f"/v1/tenders/{collected}/cancel")).status_code == 200
    assert (await again.client.get(f"/v1/tenders/{late}")).json()["status"] == "cancelled"
    assert (await links(again, late))["cancelled_by"] == collected


async def test_look_alikes_in_numbers_do_not_undo_what_two_portals_say(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither do two of one publisher make the call contradict itself, nor do newer ones crowd out the older portal."""
    monkeypatch.setattr(repository, "MOST_OF_A_KEY", 3)
    portal, journal, forger = await api.person("operator"), await api.person("operator"), await api.person("buyer")
    async with api.worker():
        first, second = await post(portal), await post(journal)
        await api.all_work_done()
        forged = [await post(forger) for _ in range(4)]
    assert (await links(portal, second))["duplicate_of"] == first
    async with api.worker():
        assert (await journal.client.post(f"/v1/tenders/{second}/cancel")).status_code == 200
    assert (await links(portal, first))["cancelled_by"] == second
    for each in forged:
        assert (await links(forger, each))["duplicate_of"] is None
