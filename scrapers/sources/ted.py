"""TED: Europe's notices, found by the Search API and read from the XML of each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

import orjson

from scrapers.base import Haul, Read, Run, attempted
from scrapers.client import Request
from scrapers.details import detailed
from scrapers.errors import RecordRejected, SourceMisconfigured
from scrapers.json_text import loads
from scrapers.manners import Manners
from scrapers.paged import Page, PagedApi
from scrapers.payload import Bundle, Payload
from scrapers.ted_codes import AFRICA
from scrapers.ted_notice import notice_records
from scrapers.ted_search import Iteration, Row, listed, row_fields, row_mark, row_order, row_ref, rows_of, search_body

_OURS = re.compile(r"publication-date|\bPD\b|\bSORT\b", re.IGNORECASE)


class Ted(PagedApi):
    """TED (Tenders Electronic Daily): plans, calls and results of the European Union and of its aid to other countries.

    Site: https://ted.europa.eu   Language: 24 official ones   Updates: working days
    Interface: Search API v3 (no key), then each notice's XML (eForms; TED_EXPORT before October 2023).
    Without a ``query``, notices whose work is done in Africa are collected, whoever buys.
    Caveats: versions of one call are joined by its procedure (BT-04); a plan is another notice than its call; "suitable
    for small firms" reserves nothing. A search that finds nothing is not told from one that is wrong in its dates.
    """

    name, title = "ted", "TED (European Union)"
    base_url, site = "https://api.ted.europa.eu", "https://ted.europa.eu"
    licence = "Commission Decision 2011/833/EU (reuse authorised, source acknowledged)"
    attribution = "Source: Tenders Electronic Daily (TED), © European Union"
    options: ClassVar[Mapping[str, str]] = {
        "query": "expert query of the search (place-of-performance in Africa); empty: everything"
    }
    paging = Iteration()
    page_size = 100
    window = dt.timedelta(days=1)
    overlap = dt.timedelta(days=3)  # the XML of a notice may come after its listing

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        self.query = self.settings.get("query", f"place-of-performance IN ({AFRICA})").strip()
        if _OURS.search(self.query):
            raise SourceMisconfigured("the query names no publication date and no order: the run sets them")
        if self.base != self.base_url:
            self.site = self.base

    @property
    def manners(self) -> Manners:
        """500 requests in six minutes are the site's limit; a 429 wants 35 seconds at least."""
        return Manners(
            hosts=self.hosts("ted.europa.eu"),
            interval_seconds=1.0,
            slow_down={429: 35.0},
            robots="delay_only",  # documented interfaces, reuse authorised
        )

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """One day, both of whose ends lie in it."""
        following = token.partition(":")[2] if token else None
        last = until - dt.timedelta(seconds=1)
        return Request(
            url=f"{self.base}/v3/notices/search",
            method="POST",
            content=search_body(self.query, since, max(since, last), following, self.page_size),
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            repeatable=True,
        )

    def page(self, document: object) -> Page:
        """What an answer lists."""
        return listed(document)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """The whole list first, as its tokens do not live long, and then the notices that are new."""
        run.since = run.since.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        wanted: dict[str, Row] = {}
        async for haul in super().walk(run):
            rows = {row_ref(row): row for bundle in haul.bundles for row in rows_of(loads(bundle.payloads[0].body))}
            fresh = {ref: row for ref, row in rows.items() if run.known(ref) != row_mark(row)}
            wanted |= fresh
            # Without a position: a run that was interrupted lists again, and asks for what it has not stored.
            yield replace(haul, bundles=(), position=None, unchanged=len(rows) - len(fresh))
        async for haul in detailed(sorted(wanted.values(), key=row_order), partial(self._notice, run)):
            yield haul

    async def _notice(self, run: Run, row: Row) -> Bundle:
        """A row with the XML of its notice; the row alone, and to be asked for again, where there is none (yet)."""
        ref, address = row_ref(row), f"{self.site}/en/notice/{row_ref(row)}/xml"
        answer = await run.session.fetch(Request(url=address, accept=frozenset({200, 404})))
        head = Payload(source=self.name, kind="row", body=orjson.dumps(row), fetched_at=answer.fetched_at)
        if answer.status == 404:
            return Bundle((head,), ref)
        told = {"publication_number": ref, "publication_date": str(row.get("publication-date") or "")}
        return Bundle((head, self.payload(answer, "notice", **told)), ref, row_mark(row))

    def kind_of(self, body: bytes) -> str:
        """A search answer is JSON, a notice XML."""
        return "page" if body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in {b"{", b"["} else "notice"

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """The records of a notice; of a search answer alone, what its rows tell."""
        if notice := bundle.of("notice"):
            yield from notice_records(notice.body, notice.context)
        elif bundle.of("row"):
            yield RecordRejected("ted.no_xml", f"the XML of {bundle.ref} is not there")
        else:
            for page in bundle:
                yield from attempted(row_fields, rows_of(loads(page.body)))
