import pytest
from fastapi import APIRouter, Request, Response

from app.api.etag import IfMatch, make_etag, require_match, set_etag
from tests.app.api.tiny import calling, tiny_app

router = APIRouter()
ETAG = make_etag("tender", 7)


@router.get("/tender")
async def read(request: Request, response: Response) -> str:
    set_etag(request, response, ETAG)
    return "content"


@router.put("/tender")
async def write(if_match: IfMatch = None) -> str:
    require_match(if_match, ETAG)
    return "written"


@pytest.fixture
async def client():
    async with calling(tiny_app(router)) as client:
        yield client


def test_a_tag_tells_its_parts_apart():
    assert make_etag("a", 1) == make_etag("a", 1) != make_etag("a", 2)
    assert make_etag("ab", "c") != make_etag("a", "bc")


@pytest.mark.parametrize("header", [ETAG, f'"other", {ETAG}', f"W/{ETAG}", "*"])
async def test_a_known_version_is_not_sent_again(client, header):
    response = await client.get("/tender", headers={"If-None-Match": header})
    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == ETAG


@pytest.mark.parametrize("header", [None, '"other"', ETAG.strip('"')])
async def test_another_version_is(client, header):
    response = await client.get("/tender", headers={} if header is None else {"If-None-Match": header})
    assert (response.status_code, response.headers["etag"], response.json()) == (200, ETAG, "content")


@pytest.mark.parametrize(
    ("header", "status", "slug"),
    [(ETAG, 200, ""), ("*", 200, ""), (None, 428, "precondition-required"), ('"old"', 412, "precondition-failed"),
     (f"W/{ETAG}", 412, "precondition-failed")],
)  # fmt: skip
async def test_a_change_must_name_the_present_version(client, header, status, slug):
    response = await client.put("/tender", headers={} if header is None else {"If-Match": header})
    assert response.status_code == status
    assert slug in response.text
