"""African Development Bank: procurement notices, by RSS."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import ClassVar

from scrapers.afdb_notices import Item, item_of, items, read, read_page
from scrapers.base import Fields, Haul, Read, Run, Source, attempted
from scrapers.client import Request
from scrapers.errors import SourceChanged, SourceUnavailable
from scrapers.manners import MIB, Manners
from scrapers.payload import Bundle, Payload

_PATH = "/en/projects-and-operations/procurement/resources-for-businesses"
_FEEDS = (
    f"{_PATH}/specific-procurement-notices-spns/rss.xml",
    f"{_PATH}/general-procurement-notices-gpns/rss.xml",
)
_PER_HAUL = 20


class Afdb(Source):
    """African Development Bank: calls under the projects that it finances, from its two RSS feeds. Experimental.

    Site: https://www.afdb.org   Language: en, fr   Updates: daily
    Options: ``corporate_feed``, the address of the feed of the Bank's own calls (it stands on /en/rss-feeds).
    Caveats: a feed holds the last few notices and no deadlines; those stand on the notices' pages. Where the site
    refuses these, calls are kept without one, marked ``deadline_unknown``, and no more pages are asked for in that run.
    French and English twins are one notice. What a title calls an award or a cancellation is taken for one. No CPV.
    """

    name, title = "afdb", "African Development Bank notices"
    base_url = "https://www.afdb.org"
    licence = "Terms of use of afdb.org; facts of notices, with a link to each"
    attribution = "African Development Bank Group: procurement notices."
    experimental = True
    overlap = dt.timedelta(days=7)
    options: ClassVar[Mapping[str, str]] = {"corporate_feed": "path of the feed of the Bank's own calls"}

    @property
    def manners(self) -> Manners:
        """Slowly: the site stands behind a shield that refuses whoever hurries."""
        return Manners(hosts=self.hosts(), interval_seconds=5.0, requests_per_run=300)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """Feed after feed, where it has changed; then the pages of what is new in it."""
        run.session.forget()
        pages = _Pages(self, run)
        more = self.settings.get("corporate_feed")
        for path in (*_FEEDS, *([f"/{more.lstrip('/')}"] if more else [])):
            request = Request(url=self.base + path, known=run.validators.get(self.base + path), max_bytes=4 * MIB)
            answer = await run.session.fetch(request)
            if answer.unchanged:
                yield Haul(unchanged=1)
                continue
            listed = items(answer.body)
            fresh = [item for item in listed if run.known(item.ref) != _fingerprint(item)]
            yield Haul(refs=tuple(item.ref for item in listed), items=0, unchanged=len(listed) - len(fresh))
            for start in range(0, len(fresh), _PER_HAUL):
                bundles = [await pages.bundle(item) for item in fresh[start : start + _PER_HAUL]]
                yield Haul(bundles=tuple(bundles), items=0)
            run.validators[request.url] = answer.validators
            yield Haul(items=0)  # carries the validators: only now has all of the feed been handed out

    def kind_of(self, body: bytes) -> str:
        """A feed, or the page of one notice."""
        if body.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<?xml", b"<rss")) and b"afdb.org" in body:
            return "page"
        if b"field-name-" in body:
            return "detail"
        raise SourceChanged("neither a feed of the Bank nor the page of a notice")

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """The items of a feed, or one item with its page."""
        row, detail, feed = bundle.of("row"), bundle.of("detail"), bundle.of("page")
        if feed is not None:
            yield from attempted(_alone, items(feed.body))
        elif row is not None:
            page = detail.body if detail else None
            yield from attempted(lambda item: read(item, page), [item_of(row.body)])
        elif detail is not None:
            yield from attempted(read_page, [detail.body])


class _Pages:
    """The pages of notices, asked for until one is refused."""

    def __init__(self, source: Afdb, run: Run) -> None:
        self._source, self._run = source, run
        self._open = True

    async def bundle(self, item: Item) -> Bundle:
        head = Payload(source=self._source.name, kind="row", body=item.markup)
        page = await self._page(item) if self._open and item.link.startswith(f"{self._source.base}/") else None
        # Without its page a notice is asked for again in the next run that sees it in the feed.
        return Bundle((head, page) if page else (head,), item.ref, _fingerprint(item) if page else "")

    async def _page(self, item: Item) -> Payload | None:
        try:
            request = Request(url=item.link, accept=frozenset({200, 401, 403, 404, 410}))
            answer = await self._run.session.fetch(request)
        except SourceUnavailable:
            self._open = False
            return None
        self._open = answer.status not in {401, 403}
        return self._source.payload(answer, "detail") if answer.status == 200 else None


def _alone(item: Item) -> Fields:
    return read(item, None)


def _fingerprint(item: Item) -> str:
    return hashlib.sha256(item.markup).hexdigest()[:32]
