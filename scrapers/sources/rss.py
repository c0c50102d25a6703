"""Feeds of private and municipal calls: RSS and Atom."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import replace
from typing import ClassVar
from urllib.parse import urlsplit

from scrapers.base import Haul, Read, Run
from scrapers.client import Request, Validators
from scrapers.declared import DeclaredSource
from scrapers.errors import SourceChanged, SourceError, SourceMisconfigured, SourceRefused, SourceUnavailable
from scrapers.feed_entries import calls_of
from scrapers.feed_text import MOST_BYTES, read_feed
from scrapers.feeds import PARTS, Feed, declared
from scrapers.manners import Manners
from scrapers.payload import Bundle

_ACCEPT = "application/rss+xml, application/atom+xml, application/xml;q=0.9, text/xml;q=0.8"
_WORST_FIRST = (SourceRefused, SourceChanged, SourceUnavailable)


class Rss(DeclaredSource):
    """RSS and Atom feeds of calls by private firms, communes and whoever else has no other interface.

    Site: as declared   Language: as declared, or as the feed says   Updates: as each feed says (ttl, sy:updatePeriod)
    Read: a call is known by its guid, else by its link, else by title and date. Feeds have no field for a deadline: one
    is taken from the text where it is told there clearly, and marked (``deadline_confidence``).
    Caveats: a feed is a window of the last entries: what leaves it is not closed. A feed that fails does not hold up
    the others; one that refuses stops the source after them. Authors are kept as buyers only where they read as
    organisations, or are declared to be (``buyer=author``).
    """

    name, title = "rss", "RSS and Atom feeds"
    licence = "as the publisher states"
    attribution = "as the publisher states"
    overlap: ClassVar[dt.timedelta] = dt.timedelta(0)
    options: ClassVar[Mapping[str, str]] = {
        "feeds": "addresses, each followed by its own words: ADDRESS country=MA language=fr zone=Africa/Casablanca "
        'sector=private buyer="Name"',
        "country": "country of feeds that are declared without one",
        "language": "language of feeds that are declared without one",
        "zone": "IANA zone of times written without one (that of the country; Africa/Casablanca without a country)",
        "sector": '"public" or "private", for feeds that are declared without one',
        "buyer": 'name of the buyer, or "author"',
        "interval": "seconds between two requests (2)",
        **DeclaredSource.own_options,
    }

    def __init__(self, settings: Mapping[str, str] | None = None, *, base_url: str | None = None) -> None:
        super().__init__(settings, base_url=base_url)
        chosen = self.settings
        self.interval = self.number("interval", 2, 0, 3_600)
        self.feeds = declared(chosen.get("feeds", ""), {name: chosen[name] for name in PARTS if name in chosen})

    @property
    def manners(self) -> Manners:
        """The hosts of the feeds, with and without www: that is where feeds that move redirect to."""
        hosts = {(urlsplit(feed.url).hostname or "").removeprefix("www.") for feed in self.feeds} - {""}
        return Manners(hosts=frozenset(hosts | {f"www.{host}" for host in hosts}), interval_seconds=self.interval)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """One feed after the other; what went wrong with some of them is raised when all have been asked."""
        if not self.feeds[0].url:
            raise SourceMisconfigured(f"{self.name} needs feeds")
        failed: list[SourceError] = []
        for feed in self.feeds:
            try:
                yield await self._haul(feed, run)
            except _WORST_FIRST as error:
                failed.append(error)
        for kind in _WORST_FIRST:
            if worst := next((one for one in failed if isinstance(one, kind)), None):
                raise worst

    async def _haul(self, feed: Feed, run: Run) -> Haul:
        known = run.validators.get(feed.url)
        if known and known.fresh_until and run.until < known.fresh_until:
            return Haul(unchanged=1)  # the feed has said that asking is pointless before then
        request = Request(url=feed.url, headers={"Accept": _ACCEPT}, known=known, max_bytes=MOST_BYTES)
        answer = await run.session.fetch(request)
        if answer.unchanged and known:
            run.validators[feed.url] = _kept(answer.validators, known.floor, answer.fetched_at)
            return Haul(unchanged=1)
        document = read_feed(answer.body, answer.headers.get("content-type", ""))
        if not document.cut:
            run.validators[feed.url] = _kept(answer.validators, document.floor, answer.fetched_at)
        bundle = Bundle((self.payload(answer, "feed", feed=feed.url),), ref=feed.url[:200])
        return Haul(bundles=(bundle,), gap=f"{feed.url} breaks off" if document.cut else None)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """The entries of a feed."""
        for payload in bundle:
            yield from calls_of(read_feed(payload.body, payload.content_type), self._feed(payload.context.get("feed")))

    def _feed(self, url: str | None) -> Feed:
        """The declaration of a feed; of a saved page, that of the only one."""
        if url is None:
            return self.feeds[0] if len(self.feeds) == 1 else Feed()
        return next((feed for feed in self.feeds if feed.url == url), Feed(url))


def _kept(validators: Validators, floor: float, at: dt.datetime) -> Validators:
    return replace(validators, floor=floor, fresh_until=at + dt.timedelta(seconds=floor) if floor else None)
