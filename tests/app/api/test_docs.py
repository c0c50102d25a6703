import asyncio
import base64
import hashlib
import re
from html.parser import HTMLParser
from typing import Annotated

from fastapi import APIRouter, Query

from app.api import docs
from app.api.docs import render
from app.kit.schemas import Schema
from tests.app.api.tiny import calling, tiny_app

router = APIRouter(tags=["things & more"])


class Thing(Schema):
    """A thing with <b>markup</b>."""

    name: str
    size: int | None = None


@router.post("/v1/things/{thing_id}")
async def change_thing(
    thing_id: int, body: Thing, word: Annotated[str, Query(description="A `word`.", max_length=9)] = "x"
) -> list[Thing]:
    """Change it.

    Twice: <script>alert(1)</script>
    """
    return [body]


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        given = dict(attrs)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given[name] for name in ("href", "src") if name in given]


async def test_the_page_shows_every_operation_and_loads_nothing():
    app = tiny_app(router, docs.router)
    async with calling(app) as client:
        response = await client.get("/docs")
    assert response.headers["content-type"].startswith("text/html")
    text = response.text
    for path, item in app.openapi()["paths"].items():
        for operation in item.values():
            assert f'id="{operation["operationId"]}"' in text
        assert path in text
    page = Page()
    page.feed(text)
    assert "script" not in page.tags
    assert "<b>markup" not in text
    assert len(page.ids) == len(set(page.ids))
    inside = {link[1:] for link in page.links if link.startswith("#")}
    assert inside <= set(page.ids)
    assert [link for link in page.links if not link.startswith("#")] == ["/openapi.json"]
    assert "length ≤ 9, default x" in text
    assert "<code>word</code>" in text


async def test_it_is_written_once_whoever_asks_and_however_often(monkeypatch):
    made = []
    monkeypatch.setattr(docs, "render", lambda told: made.append(told) or "a page")
    app = tiny_app(router, docs.router)
    async with calling(app) as client:
        answers = await asyncio.gather(*(client.get(path) for path in ("/docs", "/openapi.json") * 3))
        assert [answer.status_code for answer in answers] == [200] * 6
        again = await client.get("/docs", headers={"If-None-Match": answers[0].headers["etag"]})
        plain = await client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    assert len(made) == 1
    assert (answers[0].text, again.status_code) == ("a page", 304)
    assert answers[1].json() == plain.json() == app.openapi()
    assert (answers[1].headers["content-encoding"], "content-encoding" in plain.headers) == ("gzip", False)


async def test_the_policy_allows_the_pages_own_style_only():
    async with calling(tiny_app(docs.router)) as client:
        response = await client.get("/docs")
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style.group(1).encode()).digest()).decode()
    policy = response.headers["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")


def test_a_document_without_paths_is_a_page_too():
    assert "<h1>t 1</h1>" in render({"info": {"title": "t", "version": "1"}})
