"""Lists: every filter, both orders, pages that lose and repeat nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from tests.app.tenders.calls import posted
from tests.support.api import Api, Person


async def _found(reader: Person, **asked: object) -> list[str]:
    answer = await reader.client.get("/v1/tenders", params=asked)
    assert answer.status_code == 200, answer.text
    return [item["external_id"] for item in answer.json()["items"]]


@pytest.fixture
async def reader(api: Api) -> Person:
    """Somebody who reads a small market of two buyers."""
    city, firm = await api.person("buyer"), await api.person("buyer")
    await posted(
        city, id="roads", title="Travaux de voirie", category="works", sector="public", place="Rabat",
        buyer={"name": "Commune de Rabat"}, value={"amount": 900_000, "currency": "MAD"}, language="fr",
        procedure="Appel d'offres ouvert", deadline="2027-03-01T10:00:00Z", published="2026-11-01", reserved_sme=False,
        cpv=["45233140-2"],
    )  # fmt: skip
    await posted(
        city, id="site", title="Refonte du site web", description="Accessibilité et hébergement souverain",
        category="services", sector="public", place="Fès", buyer={"name": "Commune de Fès"}, reserved_sme=True,
        value={"amount": 200_000, "currency": "MAD"}, language="fr", deadline="2027-01-01T10:00:00Z",
        published="2026-11-03", lots=[{"id": "1", "title": "Hébergement", "cpv": ["72415000"]}],
    )  # fmt: skip
    await posted(
        firm, id="app", title="تطوير تطبيق للهاتف", category="services", sector="private", country="FR", place="Paris",
        buyer={"name": "Assurances Réunies"}, value={"amount": 50_000, "currency": "EUR"}, language="ar",
        deadline="2027-02-01T10:00:00Z", published="2026-11-02",
    )  # fmt: skip
    await posted(firm, id="open", title="Appel ouvert en continu")
    return await api.person("startup")


FOUND: list[tuple[dict[str, object], list[str]]] = [
    ({}, ["site", "app", "roads", "open"]),
    ({"order": "newest"}, ["open", "site", "app", "roads"]),
    ({"region": "Fès-Meknès"}, ["site"]),
    ({"region": "جهة فاس-مكناس"}, ["site"]),
    ({"region": ["Fès", "Rabat"]}, ["site", "roads"]),
    ({"category": "works"}, ["roads"]),
    ({"category": ["works", "services"]}, ["site", "app", "roads"]),
    ({"sector": "private"}, ["app"]),
    ({"country": "FR"}, ["app"]),
    ({"procedure": "Appel d'offres ouvert"}, ["roads"]),
    ({"reserved_sme": "true"}, ["site"]),
    ({"reserved_sme": "false"}, ["roads"]),
    ({"min_value": "200000", "currency": "MAD"}, ["site", "roads"]),
    ({"min_value": "200000.01", "max_value": "1e6", "currency": "MAD"}, ["roads"]),
    ({"currency": "EUR"}, ["app"]),
    ({"deadline_after": "2027-01-15T00:00:00Z", "deadline_before": "2027-02-15T00:00:00+01:00"}, ["app"]),
    ({"cpv": "72"}, ["site"]),
    ({"cpv": "45233140"}, ["roads"]),
    ({"cpv": "44"}, []),
    ({"buyer": "commune fes"}, ["site"]),
    ({"buyer": "reun"}, ["app"]),
    ({"buyer": "voirie"}, []),
    ({"language": "ar"}, ["app"]),
    ({"status": "closed"}, []),
    ({"owner": "me"}, []),
    ({"q": "REFONTE"}, ["site"]),
    ({"q": "hebergement"}, ["site"]),
    ({"q": "refonte du si"}, ["site"]),
    ({"q": "si refonte"}, []),
    ({"q": '"site web"'}, ["site"]),
    ({"q": '"web site"'}, []),
    ({"q": "voirie OR refonte"}, ["site", "roads"]),
    ({"q": "commune -refonte"}, ["roads"]),
    ({"q": "تطويــر"}, ["app"]),
    ({"q": "reunies", "sector": "public"}, []),
]


async def test_each_filter_finds_what_it_says(reader: Person) -> None:
    for asked, found in FOUND:
        assert (asked, await _found(reader, **asked)) == (asked, found)


async def test_an_amount_without_a_currency_and_unknown_values_are_refused_by_name(reader: Person) -> None:
    for asked, name in (
        ({"min_value": "5"}, "currency"), ({"min_value": "-1", "currency": "MAD"}, "min_value"),
        ({"max_value": "Infinity", "currency": "MAD"}, "max_value"), ({"max_value": "1e400", "currency": "MAD"}, "max_value"),
        ({"status": "gone"}, "status"), ({"category": "ideas"}, "category"), ({"deadline_before": "2027-01-01"}, "deadline_before"),
        ({"deadline_before": "2027-01-01T00:00:00"}, "deadline_before"), ({"cpv": "7"}, "cpv"), ({"cpv": "72:*"}, "cpv"),
        ({"buyer": "..."}, "buyer"), ({"q": "a\0b"}, "q"), ({"owner": "them"}, "owner"), ({"order": "best"}, "order"),
        ({"limit": "0"}, "limit"), ({"limit": "101"}, "limit"), ({"country": "Maroc"}, "country"), ({"q": ""}, "q"),
    ):  # fmt: skip
        answer = await reader.client.get("/v1/tenders", params=asked)
        assert answer.status_code == 422, (asked, answer.text)
        assert answer.json()["errors"][0]["pointer"].startswith(f"#/{name}"), answer.text


async def test_any_search_is_answered(reader: Person) -> None:
    for q in (
        "'",
        "&|!:*()<->",
        '"',
        "-",
        "- -",
        "or",
        "a or",
        "\\",
        "⑴",
        "½ ㎏",
        "'; DROP TABLE tender",
        "x" * 300,
        "-or",
        "ﷺ",
    ):
        answer = await reader.client.get("/v1/tenders", params={"q": q})
        assert answer.status_code == 200, (q, answer.text)
        assert (await reader.client.get("/v1/tenders", params={"buyer": f"a{q}"})).status_code == 200, q


@pytest.mark.parametrize("order", ["deadline", "newest"])
async def test_pages_give_every_call_once_in_order(api: Api, order: str) -> None:
    buyer = await api.person("buyer")
    start = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    for number in range(17):
        moment = (start + dt.timedelta(days=number % 4)).isoformat() if number % 3 else None
        await posted(buyer, deadline=moment, published=moment)
    whole = await buyer.client.get("/v1/tenders", params={"order": order, "limit": 100})
    expected = [item["id"] for item in whole.json()["items"]]
    key = "deadline_at" if order == "deadline" else "published_at"
    instants = [item[key] for item in whole.json()["items"] if item[key]]
    assert instants == sorted(instants, reverse=order == "newest")
    seen, cursor, pages = [], None, 0
    while True:
        asked = {"order": order, "limit": 3} | ({"cursor": cursor} if cursor else {})
        page = await buyer.client.get("/v1/tenders", params=asked)
        seen += [item["id"] for item in page.json()["items"]]
        cursor, pages = page.json()["next"], pages + 1
        if cursor is None:
            assert "Link" not in page.headers
            break
        assert 'rel="next"' in page.headers["Link"]
    assert (len(seen), pages) == (17, 6)
    assert seen == expected


async def test_a_cursor_of_another_order_or_list_is_refused(api: Api) -> None:
    buyer = await api.person("buyer")
    for _ in range(2):
        made = await posted(buyer)
    cursor = (await buyer.client.get("/v1/tenders?limit=1")).json()["next"]
    for path in ("/v1/tenders?order=newest", f"/v1/tenders/{made['id']}/versions?", "/v1/tenders/ocds?order=newest"):
        answer = await buyer.client.get(f"{path}&cursor={cursor}")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-cursor")
    assert (await buyer.client.get(f"/v1/changes/tenders?after={cursor}")).status_code == 422


async def test_a_summary_says_what_a_list_needs(reader: Person) -> None:
    item = (await reader.client.get("/v1/tenders", params={"q": "refonte"})).json()["items"][0]
    assert (item["buyer"], item["value"], item["cpv"]) == (
        {"name": "Commune de Fès"}, {"amount": 200_000, "currency": "MAD"}, [],
    )  # fmt: skip
    assert item["region"] == "Fès-Meknès"
    assert Decimal(str(item["value"]["amount"])) == 200_000
    assert "description" not in item
