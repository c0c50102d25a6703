"""The walk through the bons de commande: calls put online lately, all open calls, and the results since the last run.

The list of open calls moves while it is read, and its newest calls stand anywhere on it: the short list of what was put
online lately makes sure of those, the whole one shows what has changed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapers.base import Haul, Run
from scrapers.client import Answer, Request, Session
from scrapers.errors import SourceChanged
from scrapers.listing import HtmlListing, ListPage, Row
from scrapers.markup import parse_html
from scrapers.morocco import bdc_cards as cards
from scrapers.payload import Bundle, Payload

_PATH = "/bdc/entreprise/consultation/"
_OPEN, _RESULTS = ("", "search_consultation_entreprise"), ("resultat", "search_consultation_resultats")
_RESULTS_BACK = dt.timedelta(days=60)
"""What the results' date is of is not documented: a call is put online so long before its result at most."""


@dataclass(slots=True)
class _OneList(Run):
    """A run of one of the lists. ``first``: the address of its first page."""

    first: str = ""


class BdcLists(HtmlListing):
    """Both lists of the portal."""

    def address(self, of: tuple[str, str], since: dt.datetime | None, number: int = 1) -> str:
        """A page of a list: without its page size the form binds nothing, and dates are ISO."""
        path, form = of
        told = {f"{form}[pageSize]": str(cards.PAGE_SIZE)}
        if since is not None:
            told[f"{form}[dateMiseEnLigneStart]"] = since.astimezone(cards.ZONE).date().isoformat()
        return f"{self.base}{_PATH}{path}?{urlencode({**told, 'page': number})}"

    async def first(self, run: Run) -> Answer:
        """The first page of the list that this run is of."""
        assert isinstance(run, _OneList)
        return await run.session.fetch(Request(url=run.first))

    async def following(self, session: Session, answer: Answer, number: int) -> Answer:
        """The same search, page ``number``: the link to it leaves the search out."""
        parts = urlsplit(answer.url)
        query = {**dict(parse_qsl(parts.query)), "page": str(number)}
        return await session.fetch(Request(url=parts._replace(query=urlencode(query)).geturl()))

    def listed(self, page: Payload) -> ListPage:
        """The cards of a page, of either list."""
        parts = urlsplit(page.url)
        number = dict(parse_qsl(parts.query)).get("page", "")
        if not number.isdecimal():
            raise SourceChanged(f"{page.url[:200]} leads to no page of the list")
        tree = parse_html(page.body, page.content_type)
        return cards.list_page(tree, int(number), results=parts.path.endswith("/resultat"))

    async def details(self, run: Run, row: Row) -> tuple[Payload, ...]:
        """The page of a call; a card without its id has none."""
        if row.ref.startswith(cards.UNREADABLE):
            return ()
        return (self.payload(await run.session.fetch(Request(url=f"{self.base}{_PATH}show/{row.ref}")), "detail"),)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Both lists of calls, what is on both only once, and then the results."""
        seen: set[str] = set()
        done: dict[str, str] = {}
        announced = 0
        for address in (self.address(_OPEN, run.since), self.address(_OPEN, None)):
            own = _OneList(
                run.session, run.since, run.until, known=lambda r: done.get(r) or run.known(r), first=address
            )
            async for haul in super().walk(own):
                again = sum(ref in seen and own.known(ref) is not None for ref in haul.refs)
                seen.update(haul.refs)
                done.update((bundle.ref, bundle.fingerprint) for bundle in haul.bundles)
                announced = haul.expected or announced
                yield replace(haul, unchanged=max(0, haul.unchanged - again))
        async for haul in self._results(run, announced):
            yield haul

    async def _results(self, run: Run, announced: int) -> AsyncGenerator[Haul, None]:
        """Page after page, up to those older than the run where the list is sorted so, else to its end."""
        seen: set[str] = set()
        times: list[dt.datetime] = []
        for number in itertools.count(1):
            answer = await run.session.fetch(Request(url=self.address(_RESULTS, run.since - _RESULTS_BACK, number)))
            page = self.listed(self.payload(answer))
            fresh = {row.ref: row for row in page.rows if row.ref not in seen}
            seen.update(fresh)
            new = [row for row in fresh.values() if run.known(row.ref) != row.fingerprint]
            yield Haul(
                bundles=tuple(Bundle((self.row(row),), row.ref, row.fingerprint) for row in new),
                refs=tuple(fresh), items=0, expected=announced + len(seen), unchanged=len(fresh) - len(new),
            )  # fmt: skip
            times += [when for row in page.rows if (when := cards.published_at(row.context.get("published", "")))]
            if page.last or (times and times[-1] < run.since and cards.newest_first(times)):
                return

    def row(self, row: Row) -> Payload:
        """A card as it is kept."""
        return Payload(source=self.name, kind="row", body=row.snippet, context=row.context)
