"""How PMMP is walked: the search of open calls, that of announcements, and what tells that a page is the wanted one.

Losing the session, a stale state or a second search in one session are answered with page 1 or with an empty list, and
with status 200. Each search therefore begins in a session of its own, and each page is compared with what was asked.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from lxml import etree

from scrapers.base import Haul, Run, Source
from scrapers.client import Answer, Request, Session
from scrapers.details import detailed
from scrapers.errors import SourceChanged
from scrapers.listing import Row
from scrapers.markup import parse_html
from scrapers.morocco.pmmp_kinds import SEARCH_OF_KIND, Kind
from scrapers.morocco.pmmp_list import ListedCall, Listing, read_listing
from scrapers.morocco.pmmp_pages import kind_of_page
from scrapers.morocco.prado import postback
from scrapers.normalise import HOME_ZONE, parse_written
from scrapers.payload import Bundle, Payload

_SEARCH = "/index.php?page=entreprise.EntrepriseAdvancedSearch"
# The flags have no "=": with one they are another parameter to the portal.
OPEN_CALLS = f"{_SEARCH}&AllCons&EnCours&searchAnnCons"
ANNOUNCEMENTS = f"{_SEARCH}&AllAnn"
PAGE_SIZE = 500
"""At the usual ten a page the session dies around page 31."""
_RESULTS = "ctl0$CONTENU_PAGE$resultSearch$"
_FORM = "ctl0$CONTENU_PAGE$AdvancedSearch$"
NEXT = f"{_RESULTS}PagerTop$ctl2"
_SIZE = f"{_RESULTS}listePageSizeTop"
_SIZED: Mapping[str, str] = MappingProxyType({_SIZE: str(PAGE_SIZE), f"{_RESULTS}listePageSizeBottom": str(PAGE_SIZE)})
_KINDS: tuple[Kind, ...] = ("result", "minutes")
_WEEK = 7
_MOST_VANISHED = 200


def detail_of(base: str, ref: str, org: str) -> str:
    """The page of a call; rows link to the name without the s, which redirects here."""
    return f"{base}/index.php?page=entreprise.EntrepriseDetailsConsultation&refConsultation={ref}&orgAcronyme={org}"


def lots_of(base: str, ref: str, org: str) -> str:
    """The popup with the lots; its parameter is written with two c."""
    return f"{base}/index.php?page=commun.PopUpDetailLots&orgAccronyme={org}&refConsultation={ref}&lang=fr"


def postback_from(answer: Answer, target: str, changes: Mapping[str, str] = MappingProxyType({})) -> Request:
    """A click on the page that came last. Raises SourceChanged."""
    tree = parse_html(answer.body, answer.headers.get("content-type", ""))
    return postback(tree, answer.url, target, changes)


def listing_of(answer: Answer) -> Listing:
    """The list that an answer holds. Raises SourceChanged."""
    return read_listing(answer.body, answer.headers.get("content-type", ""))


async def first_page(session: Session, request: Request) -> Answer:
    """The first page of the open calls, as long as pages get. Raises SourceChanged.

    A list that counts none is believed when a second session says so too.
    """
    answer = await session.fetch(request)
    if not listing_of(answer).total:
        session.forget()
        answer = await session.fetch(request)
    return await _sized(session, answer)


async def _sized(session: Session, answer: Answer) -> Answer:
    """The same list with 500 a page; as it is where it fits on the page. Raises SourceChanged where another comes."""
    listing = listing_of(answer)
    if len(listing.rows) >= listing.total:
        return answer
    answer = await session.fetch(postback_from(answer, _SIZE, _SIZED))
    sized = listing_of(answer)
    if not sized.total:
        raise SourceChanged(f"the list counted {listing.total} and then none: its session is lost")
    if sized.pages is not None and sized.pages > -(-sized.total // PAGE_SIZE):
        raise SourceChanged(f"{PAGE_SIZE} a page were asked for, and {sized.total} stand on {sized.pages} pages")
    return answer


def is_last(listing: Listing) -> bool:
    """Whether no page follows. Raises SourceChanged where the page does not tell."""
    if listing.number is not None and listing.pages is not None:
        return listing.number >= listing.pages
    if len(listing.rows) < listing.total:
        raise SourceChanged(
            f"the list counts {listing.total}, shows {len(listing.rows)}, and does not number its pages"
        )
    return True


def fingerprinted(call: ListedCall, read_at: dt.datetime | None) -> tuple[str, ...]:
    """What tells that a call is to be read again: its row, and a week less to go, as most changes don't show there."""
    try:
        closes = parse_written(call.deadline)
    except ValueError:
        return call.facts
    day = closes.date() if isinstance(closes, dt.datetime) else closes
    today = (read_at or dt.datetime.now(dt.UTC)).astimezone(HOME_ZONE).date()
    return (*call.facts, f"{(day - today).days // _WEEK} weeks")


@dataclass(frozen=True, slots=True)
class Vanished:
    """Calls that the list holds no more: closed or cancelled, which only their own page tells.

    On a day when very many are gone nobody is asked: either the list is wrong, or the consumer closes them.
    """

    source: Source
    run: Run
    seen: frozenset[str]

    async def walk(self) -> AsyncGenerator[Haul, None]:
        """The pages of what has gone, which the list does not count."""
        gone = sorted(self.run.open - self.seen)
        if len(gone) <= _MOST_VANISHED:
            async for haul in detailed(gone, self._page):
                yield replace(haul, gap=None)  # a page that cannot be had leaves its call to be closed

    async def _page(self, ref: str) -> Bundle:
        number, _, org = ref.partition("-")
        url = detail_of(self.source.base, ref=number, org=org)
        page = self.source.payload(await self.run.session.fetch(Request(url=url)), "gone", ref=number, org=org)
        if kind_of_page(page.body) != "detail":
            raise SourceChanged(f"the page of {ref} is another one")
        return Bundle((page,))


@dataclass(frozen=True, slots=True)
class Announcements:
    """The results that were announced since the last run, kind by kind, newest first.

    ``listed``: how many calls the run has counted, to which these are added.
    """

    source: Source
    run: Run
    listed: int

    async def walk(self) -> AsyncGenerator[Haul, None]:
        """Page after page until one is older than the run's beginning. What goes wrong here costs no call."""
        expected = self.listed
        for kind in _KINDS:
            try:
                async for bundles, items in self._of(kind):
                    expected += items
                    yield Haul(bundles=bundles, items=items, expected=expected, unchanged=items - len(bundles))
            except SourceChanged as error:
                yield Haul(items=0, gap=f"the announcements ({kind}) could not be read: {error}")

    async def _of(self, kind: Kind) -> AsyncGenerator[tuple[tuple[Bundle, ...], int], None]:
        session = self.run.session
        session.forget()
        form = await session.fetch(Request(url=self.source.base + ANNOUNCEMENTS))
        search = f"{_FORM}lancerRecherche"
        changes = {f"{_FORM}annonceType": SEARCH_OF_KIND[kind], search: "Lancer la recherche"}
        answer = await session.fetch(postback_from(form, search, changes))
        if not listing_of(answer).total:
            raise SourceChanged("the search counts none, which none of its years did")
        answer = await _sized(session, answer)
        number = 1
        seen: set[str] = set()
        while True:
            listing = listing_of(answer)
            if listing.number not in (None, number):
                raise SourceChanged(f"page {number} was asked for and page {listing.number} came")
            recent = [(call, node) for call, node in listing.rows if self._is_new(call)]
            # What is announced meanwhile draws rows over the edge onto the next page.
            fresh = [(call, node) for call, node in recent if call.id not in seen]
            seen.update(call.id for call, _ in fresh)
            yield self._bundles(fresh, kind), len(fresh)
            if not recent or is_last(listing):
                return
            number += 1
            answer = await session.fetch(postback_from(answer, NEXT))

    def _is_new(self, call: ListedCall) -> bool:
        """The portal's own filter of dates is not reliable, nor is its order: days are compared here."""
        try:
            day = parse_written(call.published)
        except ValueError:
            return True
        since = self.run.since.astimezone(HOME_ZONE).date()
        return (day.date() if isinstance(day, dt.datetime) else day) >= since

    def _bundles(self, found: list[tuple[ListedCall, etree._Element]], kind: Kind) -> tuple[Bundle, ...]:
        bundles = []
        for call, node in found:
            context = {"ref": call.ref, "org": call.org, "search": SEARCH_OF_KIND[kind]}
            row = Row(
                f"{kind} of {call.id}", etree.tostring(node, encoding="utf-8", with_tail=False), call.facts, context
            )
            if self.run.known(row.ref) != row.fingerprint:
                payload = Payload(source=self.source.name, kind="row", body=row.snippet, context=row.context)
                bundles.append(Bundle((payload,), row.ref, row.fingerprint))
        return tuple(bundles)
