"""World Bank, AfDB and UNGM as sources/mdb_worldbank_afdb_ungm describes them, with their traps. All values are fictional."""

from __future__ import annotations

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from html import escape

from tests.support.portal import Asked, Portal, Reply

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def english(day: dt.date) -> str:
    return f"{day:%d}-{_MONTHS[day.month - 1]}-{day:%Y}"


def wb_notice(number: int, day: dt.date, **more: object) -> dict[str, object]:
    """A notice of the World Bank; its deadline carries the ``Z`` that is not true."""
    return {
        "id": f"OP{number:08d}",
        "notice_type": "Invitation for Bids",
        "noticedate": english(day),
        "notice_lang_name": "French",
        "notice_status": "Published",
        "submission_date": f"{day}T00:00:00Z",
        "submission_deadline_date": "2027-02-20T00:00:00Z",
        "submission_deadline_time": "10:00",
        "project_ctry_name": "Morocco",
        "project_id": "P900001",
        "project_name": "Projet fictif d'irrigation",
        "bid_reference_no": f"FIC-{number}",
        "bid_description": f"Acquisition de capteurs {number}",
        "procurement_group": "GO",
        "procurement_method_code": "RFB",
        "procurement_method_name": "Request for Bids",
        "contact_organization": "Agence fictive de l'eau",
        "contact_name": "Jeanne Personne",
        "contact_email": "jeanne@agence.example",
        "notice_text": "<p>Capteurs d&#39;humidit&eacute;.</p><p>Contact: Jeanne Personne</p>",
        **more,
    }


@dataclass
class WorldBankPortal(Portal):
    """Newest first; the total is that of all years; by ids in place of a list every other page."""

    notices: list[dict[str, object]] = field(default_factory=list)
    arriving: list[dict[str, object]] = field(default_factory=list)
    """Notices that come in while the list is read, one before each page."""

    def __post_init__(self) -> None:
        self.route("/api/v2/procnotices", self._page)

    def _page(self, asked: Asked) -> Reply:
        assert asked.query["srt"] == "noticedate"
        assert asked.query["order"] == "desc"
        if self.arriving:
            self.notices.insert(0, self.arriving.pop())
        start, rows = int(asked.query["os"]), int(asked.query["rows"])
        page = self.notices[start : start + rows]
        by_id = (start // rows) % 2 == 1
        told: object = {str(one["id"]): one for one in page} if by_id else page
        return Reply.json({"total": str(400_000 + len(self.notices)), "procnotices": told})


def rss_item(number: int, title: str, portal: Portal, guid: str | None = None) -> str:
    """An item of AfDB's feeds."""
    link = f"{portal.url}/en/documents/notice-{number}"
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><pubDate>Mon, 07 Sep 2026 10:00:00 +0000</pubDate>"
        f'<guid isPermaLink="false">{guid or f"{number} at https://www.afdb.org"}</guid>'
        f"<description>&lt;p&gt;Notice {number}&lt;/p&gt;</description></item>"
    )


@dataclass
class AfdbPortal(Portal):
    """Two feeds with ETags, and the notices' pages behind a shield that may refuse."""

    specific: list[str] = field(default_factory=list)
    general: list[str] = field(default_factory=list)
    refuses_pages: bool = False

    def __post_init__(self) -> None:
        folder = "/en/projects-and-operations/procurement/resources-for-businesses"
        self.route(f"{folder}/specific-procurement-notices-spns/rss.xml", lambda asked: _feed(asked, self.specific))
        self.route(f"{folder}/general-procurement-notices-gpns/rss.xml", lambda asked: _feed(asked, self.general))
        self.route("*", self._notice)

    def _notice(self, asked: Asked) -> Reply:
        if self.refuses_pages:
            return Reply.html("<title>Just a moment...</title>", 403)
        number = asked.path.rpartition("-")[2]
        return Reply.html(
            f"<html><head><title>Notice {number} | African Development Bank</title></head><body>"
            '<div class="field field-name-field-procurement-end-date"><span content="2026-10-15T10:00:00+00:00">15</span>'
            f'</div><div class="field field-name-body"><p>All about notice {number}.</p></div></body></html>'
        )


def _feed(asked: Asked, items: list[str]) -> Reply:
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>n</title>{"".join(items)}</channel></rss>'.encode()
    tag = f'"{hash(body)}"'
    return Reply(304) if asked.headers.get("if-none-match") == tag else Reply(body=body, headers=(("ETag", tag),))


@dataclass
class UngmPortal(Portal):
    """Fifteen rows a page whatever is asked for, in an order that changes; cookie and token must come back."""

    count: int = 40
    late: int = 0
    """Answers 429 once, before this answer."""
    searches: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.route("/Public/Notice", self._first)
        self.route("/Public/Notice/Search", self._search)
        self._random = random.Random(20261122)

    def _first(self, _: Asked) -> Reply:
        page = (
            '<html><body><form><input name="__RequestVerificationToken" type="hidden" value="t0ken"></form>'
            '<select id="selNoticeCountry"><option value="">-</option><option value="2363">France</option>'
            '<option value="2399">Morocco</option></select></body></html>'
        )
        return Reply.html(page, headers=[("Set-Cookie", "ungm=1; path=/")])

    def _search(self, asked: Asked) -> Reply:
        if asked.headers.get("cookie") != "ungm=1" or asked.headers.get("__requestverificationtoken") != "t0ken":
            return Reply.html("<html><body>Sign in</body></html>")
        if self.late and len(self.searches) == self.late:
            self.late = 0
            return Reply(429)
        search = json.loads(asked.body)
        self.searches.append(search)
        start = int(search["PageIndex"]) * 15
        numbers = list(range(self.count))
        # Neighbours change places between pages.
        for _ in range(6):
            at = self._random.randrange(self.count - 1)
            numbers[at], numbers[at + 1] = numbers[at + 1], numbers[at]
        return Reply.html("".join(ungm_row(310_000 + number) for number in numbers[start : start + 15]))


def ungm_row(number: int, deadline: str = "26-Aug-2026 23:59 (GMT 5.50)", country: str = "Pakistan") -> str:
    """A row of UNGM's answers."""
    return (
        f'<div role="row" data-noticeid="{number}" class="tableRow dataRow notice-table">'
        '<div role="cell" class="tableCell"></div>'
        f'<div role="cell" class="tableCell resultTitle"><span class="ungm-title">Cold chain {number}</span></div>'
        f'<div role="cell" class="tableCell resultInfo1 deadline"><span>{deadline}</span></div>'
        '<div role="cell" class="tableCell"><span>13-Aug-2026</span></div>'
        '<div role="cell" class="tableCell resultAgency"><span>UNFIC</span></div>'
        '<div role="cell" class="tableCell"><span>Request for proposal</span></div>'
        f'<div role="cell" class="tableCell"><span>UNFIC-RFP-{number}</span></div>'
        f'<div role="cell" class="tableCell"><span>{country}</span></div></div>\n'
    )
