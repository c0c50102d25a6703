"""Bringing a cohort in by a file: every error in its place before anything is stored."""

from __future__ import annotations

import pytest

from app.members.roles import Role
from app.web.incubator.import_template import COLUMNS, template_csv, template_xlsx
from scrapers.files.columns import field_of
from tests.app.web.incubator.conftest import HOSTILE, Cohort
from tests.support.pages import signed_in

ROWS = (
    "id,nom,effectif,secteurs\n"
    "n1,Neuve,12,agritech\n"
    f'n2,"{HOSTILE.replace(chr(34), chr(34) * 2)}",douze,=HYPERLINK("http://evil.example")\n'
    "n3,,3,\n"
    "n1,Encore,4,\n"
    f"n4,{'x' * 100_000},4,\n"
)


def test_the_template_has_known_headings_only() -> None:
    assert [name for name in COLUMNS if field_of(name, "startup") != name] == []


@pytest.mark.parametrize(("name", "content"), [("t.csv", template_csv()), ("t.xlsx", template_xlsx())])
async def test_the_template_is_itself_taken_in(cohort: Cohort, name: str, content: bytes) -> None:
    browser = await signed_in(cohort.api, cohort.other.id, lang="en")
    shown = await browser.submit(await browser.get("/cohort/import"), "/cohort/import", files={"file": (name, content)})
    assert shown.status == 200, shown.text()
    assert "atlas-irrigation" in shown.text()
    assert not shown.all("//section[@aria-labelledby='wrong']")


@pytest.mark.parametrize("lang", ["ar", "fr", "en"])
async def test_the_page_of_imports_speaks_each_language(cohort: Cohort, lang: str) -> None:
    shown = await (await signed_in(cohort.api, cohort.incubator.id, lang=lang)).get("/cohort/import")
    assert shown.status == 200
    assert (shown.root.get("lang"), shown.text().count("web.")) == (lang, 0)
    assert len(shown.all("//table[.//code]//tbody/tr")) == len(COLUMNS)


async def test_each_error_is_told_in_its_row_and_nothing_is_stored_before_it_is_begun(cohort: Cohort) -> None:
    firm = await cohort.api.person("incubator", "Troisième")
    browser = await signed_in(cohort.api, firm.id, Role.MEMBER, lang="fr")
    held = await browser.submit(
        await browser.get("/cohort/import"), "/cohort/import", files={"file": ("c.csv", ROWS.encode())}
    )
    wrong = {
        " ".join(row.xpath("./th")[0].text_content().split()): " ".join(row.xpath("./td[1]")[0].text_content().split())
        for row in held.all("//section[@aria-labelledby='wrong']//tbody/tr")
    }
    assert list(wrong) == ["Ligne 3", "Ligne 4", "Ligne 5", "Ligne 6"]
    assert "employees" in wrong["Ligne 3"]
    assert "name" in wrong["Ligne 4"]
    assert HOSTILE not in held.response.text
    count = "SELECT count(*) FROM startup WHERE registrar_id = $1"
    assert await cohort.api.runtime.hot.fetchval(count, firm.id) == 0
    begin = next(form.get("action") for form in held.root.forms if form.get("action", "").endswith("/begin"))
    async with cohort.api.worker():
        await browser.submit(held, begin)
    assert await cohort.api.runtime.hot.fetchval(count, firm.id) == 1
    ended = await browser.get(begin.removesuffix("/begin"))
    assert len(ended.all("//section[@aria-labelledby='refused']//tbody/tr")) == 4
    link = next(href for href in ended.links() if href.endswith("/mend.csv"))
    file = (await browser.client.get(link)).text
    assert "4: name manque" in file
    mended = file.replace(",n3,,", ",n3,Troisième,") if ",n3,," in file else file.replace("n3,,", "n3,Troisième,")
    again = await browser.submit(
        await browser.get("/cohort/import"), "/cohort/import", files={"file": ("m.csv", mended.encode())}
    )
    assert "Troisième" in again.text("//section[@aria-labelledby='read']")
    stranger = await signed_in(cohort.api, cohort.other.id)
    assert (await stranger.get(link)).status == 404


async def test_who_may_not_import_does_not(cohort: Cohort) -> None:
    reader = await signed_in(cohort.api, cohort.incubator.id, Role.READER)
    assert (await reader.get("/cohort/import")).status == 403
    assert (await reader.post("/cohort/import", {"text": ROWS})).status == 403
    buyer = await signed_in(cohort.api, cohort.buyer.id)
    for path in ("", "/template.csv", "/template.xlsx"):
        assert (await buyer.get(f"/cohort/import{path}")).status == 404
    assert (await buyer.post("/cohort/import", {"text": ROWS})).status == 404
    member = await signed_in(cohort.api, cohort.incubator.id)
    assert (await member.post("/cohort/import", {"text": "  "})).status == 422
