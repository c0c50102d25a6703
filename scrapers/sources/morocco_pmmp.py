"""Morocco's national portal of public procurement (PMMP): open calls, their details and lots, announced results."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import ClassVar

from lxml import etree

from scrapers.base import Haul, Read, Run
from scrapers.client import Answer, Request, Session
from scrapers.listing import HtmlListing, ListPage, Row
from scrapers.manners import Manners
from scrapers.morocco.manners import portal_manners
from scrapers.morocco.pmmp_crawl import (
    NEXT,
    OPEN_CALLS,
    Announcements,
    Vanished,
    detail_of,
    fingerprinted,
    first_page,
    is_last,
    lots_of,
    postback_from,
)
from scrapers.morocco.pmmp_list import read_listing
from scrapers.morocco.pmmp_pages import kind_of_page, read_bundle
from scrapers.normalise import HOME_ZONE
from scrapers.payload import Bundle, Payload


class MoroccoPmmp(HtmlListing):
    """Portail marocain des marchés publics (PMMP): calls of the Moroccan state, its communes and public bodies.

    Site: https://www.marchespublics.gov.ma   Language: fr, some ar   Updates: all day
    Pages: the list of all open calls (500 a page, about ten requests), one page and one popup of lots for each call
    that is new or has changed; the announced results since the last run (no winners: those stand in scanned files).
    Caveats: a corrected call changes in place and mostly without a trace on the list, so each is read again once a
    week; amounts include VAT where ``tax_included`` says so; no CPV; a call that left the list has closed or was
    cancelled; the first part of an id (``ref``) is ambiguous without the second (``org``), which is a parent body.
    """

    name, title, country, zone = "morocco_pmmp", "PMMP (Maroc)", "MA", HOME_ZONE
    base_url = "https://www.marchespublics.gov.ma"
    licence = "not stated; official notices of the Moroccan state"
    attribution = "Source : Portail marocain des marchés publics (www.marchespublics.gov.ma)"
    overlap: ClassVar[dt.timedelta] = dt.timedelta(days=3)  # announcements are dated by the day, and not in order
    closes_vanished: ClassVar[bool] = True
    options = {"results": '"no" leaves the announced results out', "budget": "requests of one run at most (1000)"}

    @property
    def manners(self) -> Manners:
        """Those of the portal, with time for a list of seven megabytes."""
        budget = int(self.number("budget", 1_000, 10, 20_000))
        return portal_manners(self.hosts(), requests=budget, deadline_seconds=180.0)

    async def first(self, run: Run) -> Answer:
        """The open calls, 500 a page."""
        return await first_page(run.session, Request(url=self.base + OPEN_CALLS))

    async def following(self, session: Session, answer: Answer, number: int) -> Answer:  # noqa: ARG002
        """The click on "next"; whether it came is told by the number on the page."""
        return await session.fetch(postback_from(answer, NEXT))

    def listed(self, page: Payload) -> ListPage:
        """The rows of a page, by both of their numbers."""
        listing = read_listing(page.body, page.content_type)
        rows = tuple(
            Row(
                ref=call.id,
                snippet=etree.tostring(node, encoding="utf-8", with_tail=False),
                facts=fingerprinted(call, page.fetched_at),
                context={"ref": call.ref, "org": call.org, "lots": "yes" if call.has_lots else ""},
            )
            for call, node in listing.rows
        )
        return ListPage(rows, listing.total, is_last(listing), listing.number)

    async def details(self, run: Run, row: Row) -> tuple[Payload, ...]:
        """The page of a call, and its lots where it has some."""
        address = {"ref": row.context["ref"], "org": row.context["org"]}
        detail = self.payload(await run.session.fetch(Request(url=detail_of(self.base, **address))), "detail")
        if not row.context["lots"]:
            return (detail,)
        return detail, self.payload(await run.session.fetch(Request(url=lots_of(self.base, **address))), "lots")

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """The open calls with their details, those that have gone, and the results announced since the last run."""
        expected, seen = 0, set[str]()
        async with aclosing(super().walk(run)) as calls:
            async for haul in calls:
                expected = expected if haul.expected is None else haul.expected
                seen.update(haul.refs)
                yield haul
        async with aclosing(Vanished(self, run, frozenset(seen)).walk()) as gone:
            async for haul in gone:
                yield haul
        if self.settings.get("results") != "no":
            async with aclosing(Announcements(self, run, expected).walk()) as results:
                async for haul in results:
                    yield haul

    def kind_of(self, body: bytes) -> str:
        """A list, the page of a call, or a popup of lots."""
        return kind_of_page(body)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """Calls and announced results."""
        return read_bundle(bundle, self.local_time)
