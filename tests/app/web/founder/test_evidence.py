"""Papers of a founder: entered with their files, dated, replaced, removed; by two people at once; seen by nobody else."""

from __future__ import annotations

import datetime as dt

from app.kit.clock import utc_now
from app.members.roles import Role
from tests.support.api import Api, Person
from tests.support.factories import startup
from tests.support.pages import Browser, signed_in

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF"
SCRIPT = "<script>alert(1)</script>"


def on(days: int) -> str:
    return (utc_now() + dt.timedelta(days=days)).date().isoformat()


async def founder(shared: Api, role: Role = Role.MEMBER, **fields: object) -> tuple[Person, Browser, str]:
    firm = await shared.person("startup", "Firme (fictive)")
    made = await firm.client.post("/v1/startups", json=startup(**fields))
    return firm, await signed_in(shared, firm.id, role), f"/v1/startups/{made.json()['id']}/evidence"


async def test_a_paper_is_kept_with_its_file_dated_replaced_and_removed(shared: Api) -> None:
    firm, browser, path = await founder(shared)
    page = await browser.get("/evidence")
    assert "/evidence/documents/new?kind=tax_certificate" in page.links()
    form = await browser.get("/evidence/documents/new?kind=tax_certificate")
    sent = {"issuer": SCRIPT, "expires": on(10)}
    page = await browser.submit(form, "/evidence/documents", sent, files={"file": (f"../{SCRIPT}.pdf", PDF)})
    assert page.response.url.path == "/evidence"
    assert not page.all("//main//script")
    assert "Expire dans 10 jours" in page.text("//section[contains(@class, 'notice')]")
    told = (await firm.client.get(path)).json()
    assert told["documents"] == [
        {"kind": "tax_certificate", "issuer": SCRIPT, "expires": on(10), "file": told["files"][0]["id"]}
    ]
    file = next(link for link in page.links() if link.startswith("/evidence/files/"))
    got = await browser.client.get(file)
    assert (got.content, got.headers["content-disposition"].split(";")[0]) == (PDF, "attachment")
    form = await browser.get("/evidence/documents/0")
    action = "/evidence/documents/0"
    page = await browser.submit(form, action, {"expires": on(400)}, files={"file": ("new.pdf", PDF + b"\n")})
    told = (await firm.client.get(path)).json()
    assert [one["filename"] for one in told["files"]] == ["new.pdf"]
    assert not page.all("//section[contains(@class, 'notice')]")
    page = await browser.submit(await browser.get("/evidence/documents/0"), "/evidence/documents/0/remove")
    told = (await firm.client.get(path)).json()
    assert (told.get("documents"), told["files"]) == (None, [])
    assert (await browser.get("/evidence/documents/0")).status == 404


async def test_what_is_refused_is_told_at_its_field_with_what_was_typed(shared: Api) -> None:
    firm, browser, path = await founder(shared)
    form = await browser.get("/evidence/certificates/new")
    action = "/evidence/certificates"
    wrong = {"name": "ISO 9001", "issued": on(5), "expires": on(1)}
    refused = await browser.submit(form, action, wrong)
    assert refused.status == 422
    assert refused.all("//*[@id='e-expires']")
    assert refused.all("//input[@name='name']")[0].get("value") == "ISO 9001"
    for content in (b"MZ no paper", b"", b"%PDF-" + b"x" * 10_000_001):
        refused = await browser.submit(form, action, {"name": "ISO 9001"}, files={"file": ("a.pdf", content)})
        assert refused.status == 422
        assert refused.all("//*[@id='e-file']")
    assert (await firm.client.get(path)).json()["files"] == []


async def test_two_people_at_the_papers_lose_nothing(shared: Api) -> None:
    firm, browser, path = await founder(shared)
    for name in ("A", "B"):
        await browser.submit(await browser.get("/evidence/labels/new"), "/evidence/labels", {"name": name})
    mine = await browser.get("/evidence/labels/1")
    other = await browser.get("/evidence/labels/0")
    await browser.submit(other, "/evidence/labels/0/remove")
    await browser.submit(mine, "/evidence/labels/1", {"issuer": "ADD"})  # it stands first now, and is found again
    assert (await firm.client.get(path)).json()["labels"] == [{"name": "B", "issuer": "ADD"}]
    late = await browser.submit(mine, "/evidence/labels/1", {"issuer": "Technopark"})
    assert late.status == 409
    assert late.all("//input[@name='issuer']")[0].get("value") == "Technopark"
    await browser.submit(late, "/evidence/labels")
    assert [one.get("issuer") for one in (await firm.client.get(path)).json()["labels"]] == ["ADD", "Technopark"]


async def test_facts_are_kept_row_by_row_and_merged_with_those_of_others(shared: Api) -> None:
    firm, browser, path = await founder(shared)
    first, second = await browser.get("/evidence/facts"), await browser.get("/evidence/facts")
    told = {
        "legal_form": "cooperative", "turnover-0-year": "2025", "turnover-0-amount": "1 200 000,50",
        "team-0-role": "Chef de projet", "team-0-count": "2", "reference-1-title": "Application", "reference-1-attested": "true",
        "complete": ["turnover", "references"],
    }  # fmt: skip
    await browser.submit(first, "/evidence/facts", told)
    kept = (await firm.client.get(path)).json()
    assert kept["turnover"] == [{"year": 2025, "turnover": {"amount": 1200000.5, "currency": "MAD"}}]
    assert kept["team"] == [{"role": "Chef de projet", "count": 2}]
    assert kept["references"] == [{"title": "Application", "attested": True}]
    both = await browser.submit(second, "/evidence/facts", {"equipment": "Drone"})
    assert both.status == 409
    await browser.submit(both, "/evidence/facts")
    after = (await firm.client.get(path)).json()
    assert (after["equipment"], after["legal_form"], after["team"]) == (["Drone"], "cooperative", kept["team"])
    wrong = await browser.submit(
        await browser.get("/evidence/facts"),
        "/evidence/facts",
        {"turnover-1-year": "2025", "turnover-1-amount": "beaucoup"},
    )
    assert wrong.status == 422
    assert wrong.all("//*[@id='e-turnover-1-amount']")
    assert wrong.all("//input[@name='turnover-1-amount']")[0].get("value") == "beaucoup"


async def test_readers_change_no_paper_and_strangers_see_none(shared: Api) -> None:
    firm, browser, _ = await founder(shared)
    await browser.submit(
        await browser.get("/evidence/labels/new"), "/evidence/labels", {"name": "JEI"}, files={"file": ("a.pdf", PDF)}
    )
    file = next(link for link in (await browser.get("/evidence")).links() if link.startswith("/evidence/files/"))
    reader = await signed_in(shared, firm.id, Role.READER)
    page = await reader.get("/evidence")
    assert page.status == 200
    assert not [link for link in page.links() if "/labels/" in link]
    for path in (
        "/evidence/labels",
        "/evidence/labels/0",
        "/evidence/labels/0/remove",
        "/evidence/facts",
        f"{file}/remove",
    ):
        assert (await reader.post(path, {"name": "x"})).status == 403
    _, stranger, _ = await founder(shared)
    assert (await stranger.client.get(file, headers={"Accept": "text/html"})).status_code == 404
    assert (await stranger.post(f"{file}/remove", {})).status == 404
    assert (await stranger.get("/evidence/labels/0")).status == 404
    assert (await stranger.get("/evidence/secrets/0")).status in {404, 422}
