"""Digests that follow a kept search."""

from __future__ import annotations

import datetime as dt
import uuid

from tests.app.channels.mail.conftest import ADDRESS, Mailroom
from tests.support.api import Person


async def test_a_digest_of_a_search_tells_what_its_filters_pass(room: Mailroom) -> None:
    owner = await room.api.person("startup")
    firm = await room.firm(owner)

    async def keep(person: Person, **fields: object) -> str:
        asked = {"list": "matches", "startup_id": str(firm), "name": "Souss", **fields}
        kept = await person.client.post("/v1/searches", json=asked)
        assert kept.status_code == 201, kept.text
        return str(kept.json()["id"])

    search = await keep(owner, asked={"grade": "strong", "category": ["services"]})
    calls = await keep(owner, list="tenders", startup_id=None)
    stranger = await room.api.person("startup")
    for who, of in ((stranger, {"search_id": search}), (owner, {"search_id": str(uuid.uuid4())})):
        answer = await who.client.post("/v1/digests", json={"address": ADDRESS, **of})
        assert answer.status_code == 404, answer.text
    for of in ({"search_id": calls}, {"search_id": search, "startup_id": str(firm)}):
        answer = await owner.client.post("/v1/digests", json={"address": ADDRESS, **of})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/search_id")
    made = await room.confirmed(owner, search_id=search, min_grade="possible")
    assert (made["startup_id"], made["search_id"]) == (str(firm), search)
    room.waited += dt.timedelta(days=2)
    again = await owner.client.post("/v1/digests", json={"address": ADDRESS, "search_id": search})
    assert again.json()["type"].endswith("digest-exists")
    assert (await owner.client.post("/v1/digests", json={"address": ADDRESS, "startup_id": str(firm)})).is_success
    room.box.got.clear()
    await room.match(firm, "strong", title="Gardée", category="services")
    weak = await room.match(firm, "good", title="Bonne", category="services")
    await room.match(firm, "strong", title="Travaux", category="works")
    await room.minute(days=1)
    (mail,) = [one for one in room.box.got if "Gardée" in one.part("plain")]
    assert ("Bonne" in mail.part("plain"), "Travaux" in mail.part("plain")) == (False, False)
    room.box.got.clear()
    connection = await room.connect()
    await connection.execute("UPDATE match SET grade = 'strong' WHERE id = $1", weak)
    await connection.close()
    await room.minute(days=1)
    (mail,) = [one for one in room.box.got if "Bonne" in one.part("plain")]
    assert "Gardée" not in mail.part("plain")
    assert (await owner.client.delete(f"/v1/searches/{search}")).status_code == 204
    assert (await owner.client.get(f"/v1/digests/{made['id']}")).status_code == 404
