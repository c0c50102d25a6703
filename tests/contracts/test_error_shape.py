"""Every route, provoked in every way: each refusal is the same problem document (RFC 9457), and tells nothing inside."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest

from app.config import Settings
from app.kit.errors import all_problems
from app.kit.i18n import LANGS, has_message, translate
from app.main import create_app
from tests.support.api import KEYLESS, Api, Person, running_api
from tests.support.db import Cluster
from tests.support.factories import startup, tender
from tests.support.pilots import pilot

LIMIT = 100_000
MEMBERS = {"type", "title", "status", "detail", "instance", "request_id"}
ITEM_MEMBERS = {"location", "pointer", "code", "detail"}
LEAKS = re.compile(
    r"Traceback|File \"|site-packages|\.py\b|/usr/|/tmp/|sqlalchemy|asyncpg|psycopg|pydantic|starlette|fastapi"
    r"|\bSELECT\b|\bINSERT\b|\bUPDATE\b|errors\.pydantic|0x[0-9a-f]{6}|<class",
)
POINTER = re.compile(r"#(/([^/~]|~0|~1)*)*")
ARABIC = re.compile(r"[\u0600-\u06ff]")
DOCUMENT = create_app(Settings()).openapi()


@dataclass(frozen=True)
class Route:
    """An operation of the document."""

    method: str
    path: str
    media: tuple[str, ...]
    """The media types that it reads; none where it takes no body."""

    def url(self, **ids: str) -> str:
        return re.sub(r"\{(\w+)\}", lambda found: ids.get(found.group(1), str(uuid.uuid4())), self.path)

    @property
    def takes_json(self) -> bool:
        return any(media.endswith("json") and "x-nd" not in media for media in self.media)


def _routes() -> Iterator[Route]:
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            media = operation.get("requestBody", {}).get("content", {})
            yield Route(method.upper(), path, tuple(media))


ROUTES = list(_routes())
# Signed messages carry no key: tests/app/push provokes their routes.
KEYED = [
    route
    for route in ROUTES
    if route.path.startswith("/v1/") and not route.path.startswith("/v1/push/") and route.path not in KEYLESS
]
WITH_JSON = [route for route in KEYED if route.takes_json]
WITH_ID = [route for route in KEYED if "_id}" in route.path]
BODIES: dict[str, object] = {
    "StartupIn": startup(), "TenderBody": tender(), "NewTender": tender(), "PilotBody": pilot(),
    "NewPilot": pilot(),
    "startups": {"listed": False}, "decisions": {"kind": "invited"},
}  # fmt: skip


@pytest.fixture(scope="module")
async def running(cluster: Cluster) -> AsyncIterator[Api]:
    async with (
        cluster.copy("shape") as database,
        running_api(database, max_body_bytes=LIMIT, max_upload_bytes=LIMIT) as api,
    ):
        yield api


@pytest.fixture(scope="module")
async def operator(running: Api) -> Person:
    return await running.person("operator")


def check(answer: httpx.Response, *statuses: int, slug: str | None = None) -> dict[str, object]:
    """Assert everything that is promised of a problem document, and give it."""
    asked = f"{answer.request.method} {answer.request.url}"
    assert answer.status_code in statuses, (asked, answer.status_code, answer.text)
    assert answer.headers["content-type"] == "application/problem+json", asked
    body: dict[str, object] = answer.json()
    assert body.keys() >= MEMBERS, (asked, body)
    assert body["status"] == answer.status_code
    path = str(body["type"])
    assert path.startswith("/problems/")
    known = all_problems()[path.removeprefix("/problems/")]
    assert known.status == answer.status_code, (asked, body)
    if slug is not None:
        assert known.slug == slug, (asked, body)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert str(body["instance"]).lower() == answer.request.url.raw_path.split(b"?")[0].decode().lower()
    lang = answer.headers["content-language"]
    assert body["title"] == translate(f"problem.{known.slug}.title", lang)
    assert body["detail"]
    assert "{" not in str(body["title"]) + str(body["detail"]), (asked, body)
    assert not LEAKS.search(answer.text), (asked, answer.text)
    facts = body.keys() - MEMBERS - {"errors"}
    assert all(re.fullmatch(r"[a-z][a-z_]*", name) for name in facts), (asked, facts)
    if known.slug == "invalid-request":
        assert body["errors"], asked
    for item in body.get("errors", []):  # type: ignore[attr-defined]
        assert item.keys() == ITEM_MEMBERS
        assert item["location"] in {"body", "query", "path", "header"}
        assert POINTER.fullmatch(item["pointer"]), (asked, item)
        assert re.fullmatch(r"[a-z][a-z0-9-]*", item["code"]), (asked, item)
        assert has_message(f"validation.{item['code']}"), (asked, item)
        assert item["detail"], (asked, item)
    return body


def request_id() -> str:
    return f"shape-{uuid.uuid4().hex}"


def headers_for(route: Route) -> dict[str, str]:
    media = {"Content-Type": route.media[0]} if route.media else {}
    return {"If-Match": '"x"', **media}


def body_for(route: Route) -> bytes | None:
    if not route.media:
        return None
    if not route.takes_json:
        return b'{"id": "1", "title": "Un marche"}\n'
    schema = next(iter(operation(route)["requestBody"]["content"].values()))["schema"]
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    return json.dumps(BODIES.get(name, EXAMPLES.get(name, {}))).encode()


EXAMPLES: dict[str, object] = {
    "SenderIn": {"code": "portail", "name": "x"},
    "RotationIn": {"overlap_hours": 1},
    "SenderChange": {"name": "x"},
    "DecisionIn": {"kind": "invited"},
    "ListingIn": {"listed": False},
    "TakeoverIn": {"token": "x"},
    "KeyIn": {"name": "x"},
    "OrganisationIn": {"kind": "buyer", "name": "x"},
    "FeedIn": {"selection": "cohort", "language": "en"},
    "FeedbackIn": {"tender_id": str(uuid.uuid4()), "startup_id": str(uuid.uuid4()), "verdict": "right"},
    "MatchQueryIn": {"queries": [{"startup": startup()}]},
}


def operation(route: Route) -> dict[str, object]:
    return DOCUMENT["paths"][route.path][route.method.lower()]


def test_there_are_routes_of_every_sort() -> None:
    assert len(KEYED) >= 50
    assert len(WITH_JSON) >= 10
    assert len(WITH_ID) >= 25


async def test_without_a_key(running: Api) -> None:
    for route in KEYED:
        given = request_id()
        answer = await running.client.request(route.method, route.url(), headers={"X-Request-Id": given})
        body = check(answer, 401, slug="unauthenticated")
        assert body["request_id"] == given
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("authorization", ["Bearer sfq_wrong", "Bearer " + "x" * 5_000, "Basic eDp5", "Bearer", "é"])
async def test_with_a_wrong_key(running: Api, authorization: str) -> None:
    for route in KEYED:
        answer = await running.client.request(
            route.method, route.url(), headers={"Authorization": authorization.encode("latin-1")}
        )
        check(answer, 401, slug="unauthenticated")


async def test_with_a_key_without_the_scope(running: Api) -> None:
    powerless = await running.person("operator", scopes=())
    for route in KEYED:
        answer = await powerless.client.request(
            route.method, route.url(), content=body_for(route), headers=headers_for(route)
        )
        check(answer, 403, 422)


async def test_for_an_object_that_is_not_there(running: Api, operator: Person) -> None:
    for route in WITH_ID:
        url = route.url(version="1", kind="bond")
        answer = await operator.client.request(route.method, url, content=body_for(route), headers=headers_for(route))
        check(answer, 403 if "/decisions/" in url else 404, 404, 422)
        if answer.status_code == 422:
            assert route.media, f"{route} needs no body, and still found something wrong before the object"


async def test_for_an_id_that_is_none(running: Api, operator: Person) -> None:
    for route in WITH_ID:
        for wrong in ("nonsense", "1", "%00", "..%2f..%2fetc", "x" * 3_000, "%F0%9F%92%A9"):
            url = re.sub(r"\{\w+\}", wrong, route.path)
            answer = await operator.client.request(
                route.method, url, content=body_for(route), headers=headers_for(route)
            )
            check(answer, 404, 405, 422)


@pytest.mark.parametrize("text", [b"{", b'{"id": NaN}', b"\xff\xfe", b'{"id": "\xed\xa0\x80"}', b"[" * 20_000, b""])
async def test_with_a_body_that_is_no_json(running: Api, operator: Person, text: bytes) -> None:
    for route in WITH_JSON:
        answer = await operator.client.request(route.method, route.url(), content=text, headers=headers_for(route))
        check(answer, 400, 404, 415, 422)


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "multipart/form-data", "nonsense", ""])
async def test_with_a_body_of_another_media_type(running: Api, operator: Person, media: str) -> None:
    for route in WITH_JSON:
        answer = await operator.client.request(
            route.method, route.url(), content=body_for(route), headers={"Content-Type": media}
        )
        check(answer, 400, 404, 415, 422, 428)


@pytest.mark.parametrize("wrong", [[], "text", 5, None, True, [[]], {"x": {"y": [1]}}], ids=repr)
async def test_with_a_body_of_another_type(running: Api, operator: Person, wrong: object) -> None:
    for route in WITH_JSON:
        answer = await operator.client.request(
            route.method, route.url(), content=json.dumps(wrong), headers=headers_for(route)
        )
        check(answer, 404, 422)


async def test_each_field_that_is_wrong_is_pointed_at(running: Api, operator: Person) -> None:
    wrong = {"id": 5, "title": [], "lots": [{"id": "1", "title": {"a": 1}}], "value": {"amount": "much"}, "a/b~c": "\0"}
    answer = await operator.client.post("/v1/tenders", json=wrong)
    pointers = {item["pointer"] for item in check(answer, 422, slug="invalid-request")["errors"]}  # type: ignore[attr-defined]
    assert {"#/title", "#/lots/0/title", "#/value/amount"} <= pointers


@pytest.mark.parametrize("declared", [True, False])
async def test_with_a_body_that_is_too_large(running: Api, operator: Person, declared: bool) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 1_000 + 10):
            yield b" " * 1_000

    content = b" " * (LIMIT + 1)
    for route in KEYED:
        if route.media:
            sent = content if declared else pieces()
            answer = await operator.client.request(route.method, route.url(), content=sent, headers=headers_for(route))
            body = check(answer, 413, slug="payload-too-large")
            assert body["limit_bytes"] == LIMIT


@pytest.mark.parametrize(
    "path", ["/nothing", "/v1", "/v1/", "/v1/nothing", "/v1/tenders/", "/v2/tenders", "/%00", "/v1/%ff", "/é"]
)
async def test_for_a_path_that_is_none(operator: Person, path: str) -> None:
    for method in ("GET", "POST", "DELETE", "PATCH"):
        check(await operator.client.request(method, path), 404, 405)


async def test_with_a_method_that_the_path_does_not_know(operator: Person) -> None:
    for path, methods in DOCUMENT["paths"].items():
        url = re.sub(r"\{\w+\}", str(uuid.uuid4()), path)
        allowed = {method.upper() for method in methods}
        # A path with a name in it may cover this one (`/v1/imports/{import_id}` covers `/v1/imports/tenders`).
        covered = {
            route.method for route in ROUTES if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", route.path), url)
        }  # fmt: skip
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"} - covered:
            answer = await operator.client.request(method, url)
            check(answer, 405, slug="method-not-allowed")
            told = {each.strip() for each in answer.headers["allow"].split(",")}
            assert told - {method} >= allowed, (method, path, told)


async def test_with_parameters_that_are_wrong(operator: Person) -> None:
    tried = 0
    for route in KEYED:
        for parameter in operation(route).get("parameters", []):  # type: ignore[attr-defined]
            if parameter["in"] != "query" or parameter["name"] in {"q", "filename", "buyer", "external_id"}:
                continue
            for value in ("", "\0", "nonsense" * 100, "-1", "99999999999999999999"):
                answer = await operator.client.request(
                    route.method, route.url(), params={parameter["name"]: value}, content=body_for(route),
                    headers=headers_for(route),
                )  # fmt: skip
                if answer.status_code >= 400:
                    check(answer, 404, 422)
                    tried += 1
    assert tried > 100


async def test_with_a_version_that_is_not_the_present_one(running: Api, operator: Person) -> None:
    made = {
        "startup_id": (await operator.client.post("/v1/startups", json=startup())).json()["id"],
        "tender_id": (await operator.client.post("/v1/tenders", json=tender())).json()["id"],
        "pilot_id": (await operator.client.post("/v1/pilots", json=pilot())).json()["id"],
    }
    for route in WITH_JSON:
        if route.method in {"PUT", "PATCH"} and "412" in operation(route)["responses"]:  # type: ignore[operator]
            media = {"Content-Type": route.media[0]}
            url = route.url(**made)
            content = body_for(route)
            check(await operator.client.request(route.method, url, content=content, headers=media), 428)
            stale = {**media, "If-Match": '"stale"'}
            check(await operator.client.request(route.method, url, content=content, headers=stale), 412)


async def test_with_an_idempotency_key_that_is_malformed(operator: Person) -> None:
    for route in KEYED:
        named = {parameter["name"] for parameter in operation(route).get("parameters", [])}  # type: ignore[attr-defined]
        if "Idempotency-Key" in named:
            for wrong in ("", "a b", "x" * 256):
                answer = await operator.client.request(
                    route.method, route.url(), content=body_for(route),
                    headers={**headers_for(route), "Idempotency-Key": wrong},
                )  # fmt: skip
                check(answer, 404, 409, 422)


@pytest.mark.parametrize("lang", LANGS)
async def test_in_the_language_of_the_reader(running: Api, operator: Person, lang: str) -> None:
    spoken = {"Accept-Language": f"{lang};q=0.9, de"}
    for answer in (
        await running.client.get("/v1/tenders", headers=spoken),
        await operator.client.get(f"/v1/tenders/{uuid.uuid4()}", headers=spoken),
        await operator.client.post("/v1/tenders", json={}, headers=spoken),
        await operator.client.get("/v1/tenders", params={"cursor": "x"}, headers=spoken),
        await operator.client.get("/nowhere", headers=spoken),
    ):
        body = check(answer, 401, 404, 422)
        assert answer.headers["content-language"] == lang
        assert "Accept-Language" in answer.headers["vary"]
        assert bool(ARABIC.search(str(body["title"]) + str(body["detail"]))) is (lang == "ar")


@pytest.mark.parametrize("slug", sorted(all_problems()))
def test_every_type_of_problem_is_told_in_every_language(slug: str) -> None:
    if slug.startswith("test-"):
        pytest.skip("a type that another test made up")
    assert has_message(f"problem.{slug}.title")
    titles = {lang: translate(f"problem.{slug}.title", lang) for lang in LANGS}
    assert len(set(titles.values())) == len(LANGS), titles
    assert ARABIC.search(titles["ar"])


async def test_every_type_of_problem_has_its_page(running: Api) -> None:
    listed = (await running.client.get("/problems")).json()
    assert {page["slug"] for page in listed} >= set(all_problems())
    for page in listed:
        assert (await running.client.get(page["type"])).json() == page
        assert page["meaning"], page["slug"]
