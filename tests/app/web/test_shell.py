"""The frame of all pages: visitors, forms, languages, errors, assets."""

from __future__ import annotations

import re

import pytest

from app.members.roles import Role
from app.web.pages import local_path
from tests.support.api import Api
from tests.support.pages import FORM, signed_in, stranger


async def test_the_first_page_is_whole_by_itself(api: Api) -> None:
    browser = stranger(api)
    shown = await browser.get("/", **{"Accept-Language": "ar-MA,fr;q=0.5", "Accept-Encoding": "gzip"})
    assert shown.status == 200
    assert (shown.root.get("lang"), shown.root.get("dir")) == ("ar", "rtl")
    policy = shown.response.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"script-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert shown.response.headers["cache-control"] == "private, no-store"
    sent = int(shown.response.headers["content-length"])
    for url in {*re.findall(r'(?:href|src)="(/assets/[^"]+)"', shown.response.text)}:
        asset = await browser.client.get(url, headers={"Accept-Encoding": "gzip"})
        assert asset.status_code == 200
        assert "immutable" in asset.headers["cache-control"]
        sent += int(asset.headers["content-length"])
    assert sent < 70_000  # the fonts that the stylesheet asks for come on top


async def test_a_font_is_found_where_the_stylesheet_says(api: Api) -> None:
    browser = stranger(api)
    sheet = re.search(r'href="(/assets/safqa\.[0-9a-f]+\.css)"', (await browser.get("/")).response.text)
    assert sheet is not None
    text = (await browser.client.get(sheet.group(1))).text
    fonts = re.findall(r'url\("([^"]+)"\)', text)
    assert len(fonts) == 2
    for font in fonts:
        assert (await browser.client.get(font)).content.startswith(b"wOF2")


async def test_a_language_is_kept_and_leads_back_to_the_same_page(api: Api) -> None:
    browser = stranger(api)
    shown = await browser.get("/no-such-page?a=1", **{"Accept-Language": "fr"})
    assert (shown.status, shown.root.get("lang")) == (404, "fr")
    after = await browser.submit(shown, "/language", {"lang": "ar"})
    assert (after.response.url.path, after.response.url.query) == ("/no-such-page", b"a=1")
    assert after.root.get("lang") == "ar"
    assert (await browser.get("/", **{"Accept-Language": "fr"})).root.get("lang") == "ar"


@pytest.mark.parametrize("wrong", [{}, {"csrf_token": ""}, {"csrf_token": "x"}, {"csrf_token": "ä" * 88}])
async def test_a_form_without_its_token_changes_nothing(api: Api, wrong: dict[str, str]) -> None:
    browser = stranger(api)
    await browser.get("/")
    answer = await browser.client.post("/language", data={"lang": "ar", **wrong}, headers=FORM)
    assert answer.status_code == 403
    assert "safqa_lang" not in browser.client.cookies


async def test_a_form_from_elsewhere_changes_nothing(api: Api) -> None:
    browser, other = stranger(api), stranger(api)
    mine = (await browser.get("/")).all("//input[@name='csrf_token']")[0].get("value")
    theirs = (await other.get("/")).all("//input[@name='csrf_token']")[0].get("value")
    data = {"lang": "ar", "csrf_token": mine}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}):
        answer = await browser.client.post("/language", data=data, headers={**FORM, **headers})
        assert answer.status_code == 403
    answer = await browser.client.post("/language", data={**data, "csrf_token": theirs}, headers=FORM)
    assert answer.status_code == 403
    assert (await browser.client.post("/language", data=data, headers=FORM)).status_code == 303


async def test_a_stranger_s_file_is_not_read(api: Api) -> None:
    browser = stranger(api)
    token = (await browser.get("/")).all("//input[@name='csrf_token']")[0].get("value")
    answer = await browser.client.post(
        "/language", data={"lang": "ar", "csrf_token": token}, files={"file": b"x" * 100_000}, headers=FORM
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


async def test_who_is_signed_in_begins_at_home_and_others_are_asked_to(api: Api) -> None:
    firm = await api.person("startup", "Atlas Capteurs")
    browser = await signed_in(api, firm.id, Role.READER, lang="ar")
    answer = await browser.client.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/matches")
    shown = await browser.get("/no-such-page")
    assert shown.root.get("lang") == "ar"
    assert "Atlas Capteurs" in shown.text("//header")


async def test_programs_still_get_problem_documents(api: Api) -> None:
    for path, accept in (("/v1/nothing", "text/html"), ("/nothing", "application/json"), ("/v1/me", "text/html")):
        answer = await api.client.get(path, headers={"Accept": accept})
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "elsewhere",
    ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\nb", "\t//evil", "", None,
     "/\t/evil.example", "evil.example", "/a\\..\\b"],
)  # fmt: skip
def test_a_way_back_stays_here(elsewhere: str | None) -> None:
    assert local_path(elsewhere) == "/"


async def test_a_way_back_in_arabic_is_written_into_a_header(api: Api) -> None:
    told = await stranger(api).post("/language", {"lang": "ar", "next": "/tenders?q=ماء"}, **{"HX-Request": "true"})
    assert (told.status, told.response.headers["hx-redirect"]) == (204, "/tenders?q=%D9%85%D8%A7%D8%A1")


def test_a_way_back_keeps_its_query() -> None:
    assert local_path("/tenders?q=ماء&page=2") == "/tenders?q=ماء&page=2"
