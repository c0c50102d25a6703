"""Endpoints of webhooks: kept apart by their owners, judged by their addresses, their secrets shown once."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from pathlib import Path

import pytest
from standardwebhooks import WebhookVerificationError

from app.channels.webhooks.addresses import fault_of
from app.channels.webhooks.schedule import LONGEST_BREATHER
from app.channels.webhooks.service import MOST_ENDPOINTS
from scrapers.net import AddressGuard
from tests.app.channels.webhooks.conftest import Office, hook
from tests.support.api import Api
from tests.support.receiver import answering

GUIDE = Path(__file__).resolve().parents[4] / "docs" / "webhooks-receiving.md"
PUBLIC = "https://crm.example.com/hook"


async def test_made_changed_and_deleted(api: Api) -> None:
    owner = await api.person("startup")
    made = await hook(owner, PUBLIC, types=["match.created"], filters={"grades": ["strong"]}, description="Our CRM")
    url = f"/v1/webhooks/{made['id']}"
    assert made["secret"].startswith("whsec_")
    shown = (await owner.client.get(url)).json()
    assert "secret" not in shown
    assert shown["deliveries"] == {"waiting": 0, "delivered": 0, "failed": 0, "withheld": 0}
    changed = (await owner.client.patch(url, json={"types": [], "rate_per_second": 5, "enabled": False})).json()
    assert (changed["types"], changed["rate_per_second"], changed["state"]) == ([], 5, "paused")
    assert changed["filters"]["grades"] == ["strong"]
    assert [one["id"] for one in (await owner.client.get("/v1/webhooks")).json()] == [made["id"]]
    assert (await owner.client.delete(url)).status_code == 204
    assert (await owner.client.get(url)).status_code == 404


async def test_the_secret_is_nowhere_in_the_database(api: Api) -> None:
    owner = await api.person("startup")
    made = await hook(owner, PUBLIC)
    row = await api.runtime.hot.fetchrow("SELECT * FROM webhook_endpoint")
    assert made["secret"] not in repr(dict(row))
    assert made["secret"].removeprefix("whsec_").encode() not in row["secret"]


async def test_an_endpoint_is_its_owners_alone(office: Office) -> None:
    owner, stranger = await office.api.person("startup"), await office.api.person("incubator")
    made = await hook(owner, office.receiver.url)
    await office.event(to=owner, grade="strong")
    await office.drain()
    url = f"/v1/webhooks/{made['id']}"
    delivery = (await owner.client.get(f"{url}/deliveries")).json()["items"][0]["id"]
    for method, path, body in (
        ("GET", url, None), ("PATCH", url, {"url": PUBLIC}), ("DELETE", url, None), ("POST", f"{url}/ping", None),
        ("POST", f"{url}/secret", {}), ("GET", f"{url}/deliveries", None), ("POST", f"{url}/replay", {}),
        ("GET", f"{url}/deliveries/{delivery}", None), ("POST", f"{url}/deliveries/{delivery}/replay", None),
    ):  # fmt: skip
        answer = await stranger.client.request(method, path, json=body)
        assert answer.status_code == 404, (method, path)
    theirs = await hook(stranger, office.receiver.url)
    mixed = f"/v1/webhooks/{theirs['id']}/deliveries/{delivery}"
    assert (await stranger.client.get(mixed)).status_code == 404
    assert (await stranger.client.post(f"{mixed}/replay")).status_code == 404
    assert (await stranger.client.get("/v1/webhooks")).json()[0]["id"] == theirs["id"]


async def test_nobody_hears_of_anothers_events(office: Office) -> None:
    first, second = await office.api.person("startup"), await office.api.person("startup")
    operator = await office.api.person("operator")
    mine, other = office.receivers
    await hook(first, mine.url)
    await hook(second, other.url)
    theirs = await office.event(to=second)
    everyones = await office.event("tender.published")
    await office.event("source.drifting", to=operator, audience="operators")
    assert await office.drain() == 3
    assert {got.webhook_id for got in mine.got} == {str(everyones)}
    assert {got.webhook_id for got in other.got} == {str(everyones), str(theirs)}


async def test_operators_hear_of_sources(office: Office) -> None:
    operator = await office.api.person("operator")
    await hook(operator, office.receiver.url, types=["source.drifting"])
    event_id = await office.event("source.drifting", to=operator, audience="operators")
    await office.event("tender.published")
    await office.drain()
    assert [got.webhook_id for got in office.receiver.got] == [str(event_id)]


STARTUP = str(uuid.uuid4())
MAD = {"min_amount": "100000", "max_amount": "500000", "currency": "MAD"}


WANTS: list[tuple[dict[str, object], dict[str, object], bool]] = [
    ({"types": ["match.withdrawn"]}, {}, False),
    ({"types": ["match.created", "match.withdrawn"]}, {}, True),
    ({"filters": {"grades": ["strong"]}}, {"grade": "strong"}, True),
    ({"filters": {"grades": ["strong"]}}, {"grade": "good"}, False),
    ({"filters": {"grades": ["strong"]}}, {"grade": "good", "old_grade": "strong"}, True),
    ({"filters": {"grades": ["strong"]}}, {}, True),
    ({"filters": {"sectors": ["private"]}}, {"tender": {"sector": "public"}}, False),
    ({"filters": {"sectors": ["private"]}}, {"tender": {"sector": None}}, True),
    ({"filters": {"regions": ["L'Oriental", "Fès-Meknès"]}}, {"tender": {"region": "L'Oriental"}}, True),
    ({"filters": {"regions": ["L'Oriental"]}}, {"tender": {"region": "Souss-Massa"}}, False),
    ({"filters": {"categories": ["works"]}}, {"tender": {"category": "services"}}, False),
    ({"filters": {"startup_ids": [STARTUP]}}, {"startup_id": STARTUP}, True),
    ({"filters": {"startup_ids": [STARTUP]}}, {"startup_id": str(uuid.uuid4())}, False),
    ({"filters": {"sectors": ["public"], "grades": ["good"]}}, {"grade": "good", "tender": {"sector": "private"}}, False),
    ({"filters": {"value": MAD}}, {"tender": {"value": {"amount": 480000.0, "currency": "MAD"}}}, True),
    ({"filters": {"value": MAD}}, {"tender": {"value": {"amount": 500000.5, "currency": "MAD"}}}, False),
    ({"filters": {"value": MAD}}, {"tender": {"value": {"amount": 99999, "currency": "MAD"}}}, False),
    ({"filters": {"value": MAD}}, {"tender": {"value": {"amount": 0, "currency": "MAD"}}}, True),
    ({"filters": {"value": MAD}}, {"tender": {"value": {"amount": 9, "currency": "EUR"}}}, True),
    ({"filters": {"value": MAD}}, {"tender": {"value": None}}, True),
    ({"filters": {"value": {"min_amount": 1000, "currency": "MAD"}}},
     {"tender": {"value": {"amount": 1e15, "currency": "MAD"}}}, True),
    ({"filters": {"simplified_access": True}}, {"tender": {"simplified_access": True}}, True),
    ({"filters": {"simplified_access": True}}, {"tender": {"simplified_access": False}}, False),
    ({"filters": {"simplified_access": True}}, {"tender": {"simplified_access": None}}, True),
    ({"filters": {"simplified_access": False}}, {"simplified_access": True}, False),
    ({"filters": {"cohort": True}}, {"startup_id": STARTUP}, False),
    ({"filters": {"cohort": True}}, {}, True),
]  # fmt: skip


async def test_an_endpoint_is_told_what_it_wants(office: Office) -> None:
    owner = await office.api.person("startup")
    for fields, data, told in WANTS:
        made = await hook(owner, office.receiver.url, **fields)
        await office.event("match.created", to=owner, **data)
        assert await office.drain() == int(told), (fields, data)
        await owner.client.delete(f"/v1/webhooks/{made['id']}")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://crm.example.com/", "url-not-https"),
        ("https://127.0.0.1/", "url-not-public"),
        ("https://[::1]/", "url-not-public"),
        ("https://[::ffff:10.0.0.1]/", "url-not-public"),
        ("https://169.254.169.254/latest", "url-not-public"),
        ("https://10.0.0.1/", "url-not-public"),
        ("https://localhost/", "url-not-public"),
        ("https://db.internal/", "url-not-public"),
        ("https://2130706433/", "url-not-public"),
        ("https://0x7f000001/", "url-not-public"),
        ("https://127.1/", "url-not-public"),
        ("https://crm.example.com:6379/", "url-port-refused"),
        ("https://user:word@crm.example.com/", "url-names-user"),
        ("ftp://crm.example.com/", "url-malformed"),
        ("https://crm.example.com/#there", "url-malformed"),
        ("https://crm.example.com/a b", "url-malformed"),
        ("https://crm.example.com:x/", "url-malformed"),
        ("nonsense", "url-malformed"),
        ("http://10.0.0.5:8081/", "url-not-https"),
        ("http://10.0.0.5:8080/", None),
        ("http://[::ffff:10.0.0.5]:8080/", None),
        ("https://crm.example.com/hook?key=1", None),
    ],
)
def test_addresses(url: str, code: str | None) -> None:
    assert fault_of(url, AddressGuard(exceptions=frozenset({("10.0.0.5", 8080)}))) == code


async def test_a_refused_address_is_pointed_at(api: Api) -> None:
    owner = await api.person("startup")
    answer = await owner.client.post("/v1/webhooks", json={"url": "https://127.0.0.1/"})
    assert answer.status_code == 422
    assert [(item["pointer"], item["code"]) for item in answer.json()["errors"]] == [("#/url", "url-not-public")]
    made = await hook(owner, PUBLIC)
    answer = await owner.client.patch(f"/v1/webhooks/{made['id']}", json={"url": "http://crm.example.com/"})
    assert answer.status_code == 422


INSIDE = ("127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "::ffff:127.0.0.1", "fd00::1")


async def test_a_name_that_leads_inside_is_refused_when_connecting(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, PUBLIC)
    deliveries = f"/v1/webhooks/{made['id']}/deliveries"
    answers = list(INSIDE)

    async def inside(host: str, port: int) -> list[str]:
        return ["93.184.216.34", answers.pop(0)]  # one public address beside it helps nothing

    await office.event(to=owner)
    for number, _ in enumerate(INSIDE, start=1):
        office.waited += LONGEST_BREATHER  # an endpoint that has failed for some time is left alone for a moment
        assert await office.dispatcher(guard=AddressGuard(), resolver=inside).drain() == 1
        found = (await owner.client.get(deliveries)).json()["items"][0]
        delivery = (await owner.client.get(f"{deliveries}/{found['id']}")).json()
        assert [tried["error"] for tried in delivery["log"]] == ["address"] * number
        await owner.client.post(f"{deliveries}/{found['id']}/replay")
    assert answers == []


async def test_a_redirect_is_not_followed_inside(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receivers[0].url)
    office.receivers[0].answers = [answering(307, location=office.receivers[1].url)]
    await office.event(to=owner)
    await office.drain()
    assert office.receivers[1].got == []


async def test_while_a_secret_changes_both_sign(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    fresh = (await owner.client.post(f"/v1/webhooks/{made['id']}/secret", json={"overlap_hours": 2})).json()
    assert fresh["secret"] != made["secret"]
    await office.event(to=owner)
    await office.drain()
    (got,) = office.receiver.got
    assert got.verified_by(made["secret"]) == got.verified_by(fresh["secret"])
    await office.event(to=owner)
    office.waited = dt.timedelta(hours=3)
    await office.drain()
    later = office.receiver.got[1]
    assert len(later.headers["webhook-signature"].split(" ")) == 1
    now = (await owner.client.post(f"/v1/webhooks/{made['id']}/secret", json={"overlap_hours": 0})).json()
    office.waited = dt.timedelta(0)
    await office.event(to=owner)
    await office.drain()
    office.receiver.got[2].verified_by(now["secret"])
    with pytest.raises(WebhookVerificationError):
        office.receiver.got[2].verified_by(fresh["secret"])


async def test_a_ping_is_a_message_like_any_other(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url, types=["match.created"])
    asked = (await owner.client.post(f"/v1/webhooks/{made['id']}/ping")).json()
    await office.drain()
    message = office.receiver.got[0].verified_by(made["secret"])
    assert (message["type"], message["data"]) == ("webhook.ping", {"endpoint_id": made["id"]})
    assert office.receiver.got[0].webhook_id == asked["id"]


async def test_what_failed_is_sent_again(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    url = f"/v1/webhooks/{made['id']}"
    ids = [str(await office.event(to=owner)) for _ in range(3)]
    await office.drain()
    async with office.pool.acquire() as connection:
        await connection.execute(
            "UPDATE webhook_delivery SET state = 'failed', tries = 10 WHERE event_id <> $1", ids[0]
        )
    office.receiver.got.clear()
    assert (await owner.client.post(f"{url}/replay", json={"what": "failed"})).json() == {"queued": 2}
    assert await office.drain() == 2
    assert {got.webhook_id for got in office.receiver.got} == set(ids[1:])
    listed = (await owner.client.get(f"{url}/deliveries")).json()["items"]
    (one,) = (delivery for delivery in listed if delivery["event_id"] == ids[0])
    assert (await owner.client.post(f"{url}/deliveries/{one['id']}/replay")).json() == {"queued": 1}
    assert await office.drain() == 1
    assert office.receiver.got[-1].webhook_id == ids[0]
    log = (await owner.client.get(f"{url}/deliveries/{one['id']}")).json()["log"]
    assert [tried["number"] for tried in log] == [1, 2]


async def test_what_was_missed_is_sent_after_recovery(office: Office) -> None:
    owner, other = await office.api.person("startup"), await office.api.person("startup")
    made = await hook(owner, office.receiver.url, filters={"grades": ["strong"]})
    url = f"/v1/webhooks/{made['id']}"
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=1)).isoformat()
    await owner.client.patch(url, json={"enabled": False})
    missed = await office.event(to=owner, grade="strong")
    await office.event(to=owner, grade="good")
    await office.event(to=other, grade="strong")
    assert await office.drain() == 0
    await owner.client.patch(url, json={"enabled": True})
    assert await office.drain() == 0
    wanted = {"what": "missed", "since": since}
    assert (await owner.client.post(f"{url}/replay", json=wanted)).json() == {"queued": 1}
    assert (await owner.client.post(f"{url}/replay", json=wanted)).json() == {"queued": 0}
    await office.drain()
    assert [got.webhook_id for got in office.receiver.got] == [str(missed)]
    everything = {"what": "all", "since": since, "until": "2999-01-01T00:00:00Z"}
    assert (await owner.client.post(f"{url}/replay", json=everything)).json() == {"queued": 1}
    assert (await owner.client.post(f"{url}/replay", json={"what": "all"})).status_code == 422


async def test_the_log_is_paged(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    for _ in range(3):
        await office.event(to=owner)
    await office.drain()
    base = f"/v1/webhooks/{made['id']}/deliveries"
    first = (await owner.client.get(base, params={"limit": 2, "state": "delivered"})).json()
    rest = (await owner.client.get(base, params={"limit": 2, "cursor": first["next"]})).json()
    assert len({one["id"] for one in first["items"] + rest["items"]}) == 3
    assert rest["next"] is None
    assert (await owner.client.get(base, params={"state": "failed"})).json()["items"] == []


async def test_an_organisation_has_a_bounded_number(api: Api) -> None:
    owner = await api.person("startup")
    for _ in range(MOST_ENDPOINTS):
        await hook(owner, PUBLIC)
    refused = await owner.client.post("/v1/webhooks", json={"url": PUBLIC})
    assert (refused.status_code, refused.json()["type"]) == (409, "/problems/too-many-webhooks")


async def test_the_receiver_of_the_guide_works(office: Office) -> None:
    (snippet,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    guide: dict[str, object] = {}
    exec(compile(snippet, str(GUIDE), "exec"), guide)
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    await office.event(to=owner, title="Été")
    await office.drain()
    (got,) = office.receiver.got
    receive = guide["receive"]
    assert receive(made["secret"], got.headers, got.body) == 204  # type: ignore[operator]
    assert guide["SEEN"] == {got.webhook_id}
    assert receive(made["secret"], got.headers, got.body + b" ") == 401  # type: ignore[operator]
    assert receive("whsec_" + "A" * 43 + "=", got.headers, got.body) == 401  # type: ignore[operator]
