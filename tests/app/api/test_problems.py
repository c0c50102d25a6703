import json
from typing import Annotated

import pytest
from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from app.api.problems import PROBLEM_JSON, problems
from app.kit.errors import AppError, NotFound, all_problems
from app.kit.schemas import Schema
from tests.app.api.tiny import calling, tiny_app

SECRET = "postgresql://user:hunter2@host/db"


class ProfileTooThin(AppError):
    """The profile has too few words."""

    status, slug = 409, "test-profile-too-thin"

    def __init__(self, *, words: int, needed: int) -> None:
        super().__init__(words=words, needed=needed)


class Lot(Schema):
    title: str = Field(max_length=5)


class Body(Schema):
    lots: list[Lot]


class Wrong(BaseModel):
    number: int


router = APIRouter()


@router.get("/numbers")
async def numbers(n: Annotated[list[int], Query()]) -> int:
    return sum(n)


@router.get("/thin", responses=problems(ProfileTooThin, NotFound))
async def thin() -> None:
    raise ProfileTooThin(words=4, needed=12)


@router.get("/fault")
async def fault() -> None:
    raise RuntimeError(SECRET)


@router.get("/unlike-its-promise", response_model=Wrong)
async def unlike_its_promise() -> object:
    return {"number": SECRET}


@router.post("/lots")
async def lots(body: Body, limit: int = 5) -> int:
    return len(body.lots) + limit


@pytest.fixture(scope="module")
def app():
    yield tiny_app(router)
    all_problems()  # the type above stays registered: its slug says that it is a test's


@pytest.fixture
async def client(app):
    async with calling(app) as client:
        yield client


def problem_of(response):
    assert response.headers["content-type"] == PROBLEM_JSON
    body = response.json()
    assert body["status"] == response.status_code
    assert body["request_id"] == response.headers["x-request-id"]
    return body


async def test_an_error_has_its_slug_its_facts_and_the_request_id(client):
    body = problem_of(await client.get("/thin", headers={"X-Request-Id": "caller-0001"}))
    assert body["type"] == "/problems/test-profile-too-thin"
    assert (body["words"], body["needed"]) == (4, 12)
    assert body["instance"] == "/thin"
    assert body["request_id"] == "caller-0001"


@pytest.mark.parametrize(
    ("accept", "lang", "title"),
    [("fr-MA", "fr", "Introuvable"), ("ar", "ar", "غير موجود"), ("de", "en", "Not found")],
)
async def test_the_title_is_in_the_readers_language(client, accept, lang, title):
    response = await client.get("/nowhere", headers={"Accept-Language": accept})
    body = problem_of(response)
    assert (body["type"], body["title"]) == ("/problems/not-found", title)
    assert response.headers["content-language"] == lang
    assert "Accept-Language" in response.headers["vary"]


async def test_a_wrong_method_names_the_right_ones(client):
    response = await client.put("/thin")
    assert problem_of(response)["type"] == "/problems/method-not-allowed"
    assert response.headers["allow"] == "GET"


@pytest.mark.parametrize("path", ["/fault", "/unlike-its-promise"])
async def test_a_fault_of_ours_says_nothing_of_our_insides(client, path):
    response = await client.get(path)
    assert problem_of(response)["type"] == "/problems/internal-error"
    assert response.status_code == 500
    assert "hunter2" not in response.text
    assert "Error" not in response.text


async def test_each_wrong_field_has_a_pointer_a_code_and_a_sentence(client):
    response = await client.post(
        "/lots?limit=x",
        json={"lots": [{"title": "fine"}, {"title": "much too long"}, {}], "a/b~c": 1},
        headers={"Accept-Language": "fr"},
    )
    body = problem_of(response)
    assert body["type"] == "/problems/invalid-request"
    found = {(item["location"], item["pointer"], item["code"], item["detail"]) for item in body["errors"]}
    assert found == {
        ("query", "#/limit", "int-parsing", "doit être un nombre entier"),
        ("body", "#/lots/1/title", "string-too-long", "doit avoir au plus 5 caractères"),
        ("body", "#/lots/2/title", "missing", "est obligatoire"),
        ("body", "#/a~1b~0c", "extra-forbidden", "n’est pas un champ connu"),
    }
    assert "much too long" not in response.text


@pytest.mark.parametrize(
    "content", [b"{", b"\xff\xfe", b'{"lots": [{"title": "\\u0000"}]}', b'{"lots": [{"title": "\\ud800"}]}']
)
async def test_unreadable_and_unstorable_json_is_the_callers_mistake(client, content):
    response = await client.post("/lots", content=content, headers={"Content-Type": "application/json"})
    assert response.status_code in (400, 422)
    problem_of(response)


async def test_of_many_wrong_fields_the_first_hundred_are_told(client):
    """A body of 2 MB with half a million wrong items was answered with 56 MB, while nobody else was."""
    answer = await client.get("/numbers", params={"n": ["x"] * 300})
    assert answer.status_code == 422
    pointers = [wrong["pointer"] for wrong in answer.json()["errors"]]
    assert pointers == [f"#/n/{position}" for position in range(100)]


async def test_every_type_explains_itself_at_its_address(client):
    listed = (await client.get("/problems", headers={"Accept-Language": "ar"})).json()
    assert [entry["slug"] for entry in listed] == list(all_problems())
    for entry in listed:
        page = await client.get(entry["type"], headers={"Accept-Language": "ar"})
        assert page.json() == entry
        assert entry["meaning"]
    assert problem_of(await client.get("/problems/unheard-of"))["type"] == "/problems/not-found"


def test_the_openapi_document_promises_problem_documents_only(app):
    document = app.openapi()
    schemas = document["components"]["schemas"]
    assert "HTTPValidationError" not in schemas
    assert schemas["Problem"]["additionalProperties"] is True
    thin_responses = document["paths"]["/thin"]["get"]["responses"]
    assert set(thin_responses) == {"200", "404", "409"}
    assert thin_responses["409"]["content"][PROBLEM_JSON]["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert "too few words" in thin_responses["409"]["description"]
    posted = document["paths"]["/lots"]["post"]["responses"]
    assert set(posted) == {"200", "400", "413", "422"}
    assert list(posted["422"]["content"]) == [PROBLEM_JSON]
    assert json.dumps(document).count("#/components/schemas/HTTPValidationError") == 0
    assert app.openapi() is document
