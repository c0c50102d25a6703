"""What has happened on the installation before anybody looks at it, and the pages that forms, letters and scripts lead
to: a walk along links alone finds neither.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lxml import html

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.models.crawl_run import CrawlKind
from app.runtime import Runtime
from app.sources.repository import Card, RunKey, SourceRepository
from scrapers.payload import Rejection
from tests.support.hostile import EVERYTHING, PICTURE

if TYPE_CHECKING:
    from tests.support.site import Site, Who

SOURCE = "uk_find_a_tender"
NOT_WALKED_TO = {
    "/sign-in/link/{token}", "/sign-in/take-back/{token}", "/sign-in/second", "/account/address/{token}",
    "/sign-in/provider", "/sign-in/provider/callback",
    "/imports/{import_id}/progress", "/operate/sources/{name}/progress", "/evidence/files/{file_id}",
    "/assets/{name}", "/favicon.ico", "/robots.txt",
}  # fmt: skip
"""Half way in, streams, files: tests/app/web/entry, tests/app/web/progress, tests/app/web/founder."""


async def collect_badly(runtime: Runtime) -> None:
    """Two runs of a source, one cut short: with records refused and a field that came to lack."""
    now = utc_now()
    drift = [{"field": "deadline", "before": 0.98, "now": 0.4}]
    async with unit_of_work(runtime.sessions) as session:
        sources = SourceRepository(session)
        state = await sources.enter(Card(SOURCE, "Find a Tender", "OGL 3.0", "Crown copyright"), now)
        state.drift = list(drift)
        for days, outcome in ((2, "complete"), (1, "partial")):
            begun = now - dt.timedelta(days=days)
            key = RunKey(state.source_id, CrawlKind.REGULAR, begun, begun, begun)
            run = await sources.begin_run(key, anew=False)
            counts = {
                "seen": 120,
                "created": 7,
                "rejected": 1,
                "expected": 300,
                "ended_at": begun + dt.timedelta(minutes=4),
            }
            cut = {"outcome": outcome, "reason": "unavailable" if outcome == "partial" else None, "drift": drift}
            await sources.set_run(run.id, {**counts, **cut})
            refused = Rejection(code="notice.invalid", reason=f"title: {PICTURE}", ref="n-1", excerpt=EVERYTHING)
            await sources.keep_rejections(run.id, 0, [refused])


def open_doors(site: Site) -> Mapping[Who, list[str]]:
    """Do by forms what each role does, and tell of the pages that no link leads to."""
    made = _send(site, "founder", "/endpoints/new", "/endpoints/new", url="https://hooks.example/safqa")
    endpoint = urlsplit(str(made.base_url)).path.removesuffix("/secret")
    _send(site, "founder", endpoint, f"{endpoint}/ping")
    _send(site, "founder", "/alerts", "/alerts/feeds", selection="startup")
    call = _first_link(site, "officer", "/calls", "//main//a[contains(@href, '/candidates')]")
    call = call.removesuffix("/candidates")
    _send(site, "officer", f"{call}/frozen", f"{call}/frozen")
    found = _first_link(site, "founder", "/matches", "//article//a[starts-with(@href, '/tenders/')]")
    return {
        "founder": [
            "/keys/new", "/alerts/feed", f"{endpoint}/secret", "/account/second-factor/codes", "/profile/new/check",
            "/profile/new/first", f"{found}/ways", f"{found}/meeting",
        ],
        "officer": [f"{call}/compare?{_two_candidates(site, call)}", *_steps_of_pilots(site)],
        "anonymous": ["/sign-up", "/sign-up/done", "/sign-in/sent", "/attestations", _invitation(site)],
    }  # fmt: skip


def _two_candidates(site: Site, call: str) -> str:
    with site.client("officer") as client:
        shown = html.fromstring(client.get(f"{call}/candidates").text)
    return "&".join(f"startup={one}" for one in shown.xpath("//input[@name='startup']/@value")[:2])


def _steps_of_pilots(site: Site) -> list[str]:
    """What can be done about a pilot in each of its states: the walk may end before the state that has it."""
    with site.client("officer") as client:
        pilots = html.fromstring(client.get("/pilots").text).xpath("//main//a[starts-with(@href, '/pilots/')]/@href")
        pages = [html.fromstring(client.get(str(path)).text) for path in dict.fromkeys(pilots)]
    steps = "//main//a[starts-with(@href, '/pilots/')]/@href"
    return sorted({step for page in pages for step in map(str, page.xpath(steps)) if step.count("/") == 3})


def _invitation(site: Site) -> str:
    """The address that an invitation is passed on by, from the page that shows it once."""
    shown = _send(site, "founder", "/members", "/members/invitations", mail="newcomer@people.example", role="member")
    return urlsplit(str(shown.xpath("//main//code/text()")[0])).path


def _first_link(site: Site, who: Who, path: str, xpath: str) -> str:
    with site.client(who) as client:
        return urlsplit(str(html.fromstring(client.get(path).text).xpath(xpath)[0].get("href"))).path


def _send(site: Site, who: Who, path: str, action: str, **changed: str) -> html.HtmlElement:
    """Send the form of a page as it stands there, but for these fields; the page after it."""
    with site.client(who) as client:
        shown = html.fromstring(client.get(path).text)
        form = next(one for one in shown.forms if one.get("action") == action)
        sent: dict[str, list[str] | str] = {}
        for name, value in form.form_values():
            sent[name] = [*sent.get(name, []), value]
        answer = client.post(action, data={**sent, **changed}, headers={"Origin": site.url})
        assert answer.status_code == 303, f"{action}: {answer.status_code}"
        led_to = answer.headers["location"]
        return html.fromstring(client.get(led_to).text, base_url=site.url + led_to)
