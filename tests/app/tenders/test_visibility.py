"""Who sees what: drafts are their owner's, everything else is public, only owners write."""

from __future__ import annotations

import pytest

from tests.app.tenders.calls import posted
from tests.support.api import Api, Person

SECRET = "Zellige confidentiel"


async def _everything(reader: Person, tender_id: object) -> str:
    """Whatever any reading route tells ``reader``, with filters that would find the draft."""
    said = []
    for path in (
        "/v1/tenders", "/v1/tenders?status=draft", "/v1/tenders?status=draft&status=published&order=newest",
        "/v1/tenders?q=zellige", "/v1/tenders?q=zellige&status=draft", "/v1/tenders?owner=me",
        "/v1/tenders?cpv=44&status=draft", "/v1/tenders?buyer=secret&status=draft", "/v1/changes/tenders",
        "/v1/tenders/ocds", "/v1/tenders/ocds?status=draft", f"/v1/tenders/{tender_id}",
        f"/v1/tenders/{tender_id}/ocds", f"/v1/tenders/{tender_id}/versions",
    ):  # fmt: skip
        answer = await reader.client.get(path)
        assert answer.status_code in (200, 404), (path, answer.text)
        said.append(answer.text.replace(f"/v1/tenders/{tender_id}", ""))  # a problem names the path asked for
    return " ".join(said)


async def test_a_draft_is_found_nowhere_by_others(api: Api) -> None:
    buyer = await api.person("buyer")
    draft = await posted(buyer, status="draft", title=SECRET, cpv=["44111300"], buyer={"name": "Secret SA"})
    for kind in ("buyer", "startup", "incubator", "operator"):
        said = await _everything(await api.person(kind), draft["id"])
        assert SECRET not in said
        assert str(draft["id"]) not in said


async def test_its_owner_sees_it_but_not_as_ocds_nor_in_the_feed(api: Api) -> None:
    buyer = await api.person("buyer")
    draft = await posted(buyer, status="draft", title=SECRET)
    assert (await buyer.client.get(f"/v1/tenders/{draft['id']}")).json()["title"] == SECRET
    for path in ("/v1/tenders?owner=me", "/v1/tenders?status=draft", "/v1/tenders?status=draft&q=zell"):
        assert [item["id"] for item in (await buyer.client.get(path)).json()["items"]] == [draft["id"]]
    assert (await buyer.client.get("/v1/tenders")).json()["items"] == []
    assert (await buyer.client.get(f"/v1/tenders/{draft['id']}/ocds")).status_code == 404
    for path in ("/v1/tenders/ocds?owner=me", "/v1/tenders/ocds?status=draft"):
        assert (await buyer.client.get(path)).json()["releases"] == []
    await api.settled()
    assert (await buyer.client.get("/v1/changes/tenders")).json()["items"] == []


async def test_what_a_call_said_as_a_draft_stays_its_owners(api: Api) -> None:
    buyer, other = await api.person("buyer"), await api.person("startup")
    made = await posted(buyer, status="draft", title=SECRET)
    url = f"/v1/tenders/{made['id']}"
    await buyer.client.patch(url, json={"title": "Travaux"}, headers={"If-Match": "*"})
    await buyer.client.post(f"{url}/publish")
    assert [v["version"] for v in (await buyer.client.get(f"{url}/versions")).json()["items"]] == [3, 2, 1]
    seen = await other.client.get(f"{url}/versions")
    assert [v["version"] for v in seen.json()["items"]] == [3]
    assert SECRET not in seen.text
    assert SECRET not in await _everything(other, made["id"])


@pytest.mark.parametrize("status", ["draft", "published"])
async def test_a_stranger_changes_nothing_and_is_told_there_is_nothing(api: Api, status: str) -> None:
    buyer, stranger = await api.person("buyer"), await api.person("buyer")
    made = await posted(buyer, status=status)
    url = f"/v1/tenders/{made['id']}"
    headers = {"If-Match": "*"}
    answers = [
        await stranger.client.put(url, json={"id": made["external_id"], "title": "Mine"}, headers=headers),
        await stranger.client.patch(url, json={"title": "Mine"}, headers=headers),
        await stranger.client.delete(url),
        *[await stranger.client.post(f"{url}/{action}") for action in ("publish", "close", "withdraw", "cancel")],
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert (await buyer.client.get(url)).json() == made


async def test_withdrawn_closed_and_cancelled_calls_stay_public(api: Api) -> None:
    buyer, startup = await api.person("buyer"), await api.person("startup")
    for action in ("withdraw", "close", "cancel"):
        url = f"/v1/tenders/{(await posted(buyer))['id']}"
        await buyer.client.post(f"{url}/{action}")
        assert (await startup.client.get(url)).status_code == 200
    found = await startup.client.get("/v1/tenders?status=withdrawn&status=closed&status=cancelled")
    assert len(found.json()["items"]) == 3


async def test_reading_needs_a_key_with_the_scope(api: Api) -> None:
    nobody = await api.person("startup", scopes=("startups:read",))
    for path in ("/v1/tenders", "/v1/tenders/ocds", "/v1/changes/tenders"):
        assert (await api.client.get(path)).status_code == 401
        assert (await nobody.client.get(path)).status_code == 403
