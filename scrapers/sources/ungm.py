"""UN Global Marketplace: notices of the agencies of the United Nations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import ClassVar

import orjson

from scrapers.base import Read, Run, attempted
from scrapers.client import Answer, Request, Session
from scrapers.errors import SourceChanged
from scrapers.listing import HtmlListing, ListPage
from scrapers.manners import Manners
from scrapers.payload import Bundle, Payload
from scrapers.ungm_notices import country_ids, listed, read, rows, token_of

_LIST, _SEARCH = "/Public/Notice", "/Public/Notice/Search"


class Ungm(HtmlListing):
    """UN Global Marketplace: open calls of some forty organisations of the United Nations. Experimental.

    Site: https://www.ungm.org   Language: en (titles in others)   Updates: daily
    Options: ``countries``, names as the site's own list writes them, by commas; all where none is named.
    Caveats: fifteen rows a page, no counter, and an order that changes between pages: the list is walked until nothing
    new turns up, and whether that was all cannot be known. The country is the beneficiary's. No values, lots or CPV;
    the descriptions stand on pages that are not read. An official interface exists for those who register.
    """

    name, title = "ungm", "UN Global Marketplace"
    base_url = "https://www.ungm.org"
    licence = "Terms of use of ungm.org; facts of notices, with a link to each"
    attribution = "United Nations Global Marketplace (www.ungm.org)."
    experimental = True
    uncounted = True
    options: ClassVar[Mapping[str, str]] = {"countries": "names of beneficiary countries, by commas"}

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        self._asked: dict[str, object] = {}
        self._headers: dict[str, str] = {}

    @property
    def manners(self) -> Manners:
        """Four seconds apart, or it answers 429."""
        return Manners(hosts=self.hosts(), interval_seconds=5.0, requests_per_run=1_000)

    async def first(self, run: Run) -> Answer:
        """The page of the search (its cookie, its token, its list of countries), then the first answer."""
        page = await run.session.fetch(Request(url=self.base + _LIST))
        wanted = [name.strip() for name in self.settings.get("countries", "").split(",") if name.strip()]
        token = token_of(page.body)
        self._headers = {"__RequestVerificationToken": token} if token else {}
        self._asked = {
            "PageSize": 15, "Title": "", "Description": "", "Reference": "",
            "PublishedFrom": f"{run.since:%d}-{_MONTHS[run.since.month - 1]}-{run.since:%Y}", "PublishedTo": "",
            "DeadlineFrom": "", "DeadlineTo": "", "Countries": country_ids(page.body, wanted), "Agencies": [],
            "UNSPSCs": [], "NoticeTypes": [], "SortField": "DatePublished", "SortAscending": False, "isPicker": False,
            "IsActive": True,
        }  # fmt: skip
        return await self._search(run.session, 0)

    async def following(self, session: Session, answer: Answer, number: int) -> Answer:  # noqa: ARG002
        """Page ``number``, from 1; the site counts from 0."""
        return await self._search(session, number - 1)

    async def _search(self, session: Session, index: int) -> Answer:
        headers = {"Content-Type": "application/json", "X-Requested-With": "XMLHttpRequest", **self._headers}
        asked = orjson.dumps({"PageIndex": index, **self._asked})
        url = self.base + _SEARCH
        return await session.fetch(Request(url=url, method="POST", content=asked, headers=headers, repeatable=True))

    def listed(self, page: Payload) -> ListPage:
        """The rows of an answer; the end is an answer without any."""
        return listed(page.body)

    def kind_of(self, body: bytes) -> str:
        """A saved answer has rows: behind the last page comes an empty one, but a file without any tells nothing."""
        if not rows(body):
            raise SourceChanged("the file holds no row of the list")
        return "page"

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """One row, or all rows of a saved answer."""
        for payload in bundle:
            yield from attempted(read, rows(payload.body))


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""``strftime`` would follow this machine's locale."""
