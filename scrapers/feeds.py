"""Feeds as an operator declares them, one or many, each with the country, language and zone of its texts."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapers.errors import SourceMisconfigured
from scrapers.normalise import zone_of_country
from scrapers.table_calls import told_country, told_zone

_LANGUAGE = re.compile(r"[a-z]{2,3}", re.ASCII)
PARTS = ("country", "language", "zone", "sector", "buyer")
BY_AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed. ``buyer``: the name of whoever calls, or "author" where each entry's author is the buyer."""

    url: str = ""
    country: str | None = None
    language: str | None = None
    zone: ZoneInfo | None = None
    sector: str | None = None
    buyer: str | None = None

    @property
    def local(self) -> ZoneInfo | None:
        """The zone of times without one: its own, that of its country, Morocco's where neither is told."""
        return self.zone or zone_of_country(self.country)

    @property
    def key(self) -> str:
        """What tells its ids from those of other feeds: address without scheme."""
        parts = urlsplit(self.url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{(parts.hostname or '').removeprefix('www.')}{parts.path.rstrip('/')}{query}" if self.url else ""

    @property
    def month_first(self) -> bool:
        """Whether 04/05/2026 may be the fifth of April."""
        return self.country == "US" or (self.country is None and self.language == "en")


def declared(written: str, usual: Mapping[str, str]) -> tuple[Feed, ...]:
    """``https://a.example/rss country=FR language=fr https://b.example/atom buyer="Ville d'Exemple"`` as feeds.

    Words before the first address, and ``usual``, hold for every feed. Raises SourceMisconfigured.
    """
    try:
        words = shlex.split(written)
    except ValueError as error:
        raise SourceMisconfigured(f"feeds: {error}") from None
    told = [("", {name: usual[name] for name in PARTS if usual.get(name)})]
    for word in words:
        if word.startswith(("https://", "http://")):
            told.append((word, dict(told[0][1])))
            continue
        name, equals, value = word.partition("=")
        if not equals or name not in PARTS:
            raise SourceMisconfigured(f"feeds: {word!r} is no address and none of {', '.join(PARTS)} with its value")
        told[-1][1][name] = value
    feeds = [_feed(url, parts) for url, parts in told]
    if len({feed.url for feed in feeds}) < len(feeds):
        raise SourceMisconfigured("feeds: an address stands there twice")
    return tuple(feeds[1:]) or (feeds[0],)


def _feed(url: str, parts: Mapping[str, str]) -> Feed:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    if url and not host:
        raise SourceMisconfigured(f"feeds: {url!r} is no address")
    language = parts.get("language")
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise SourceMisconfigured(f"language: {language!r} is not a code of two or three letters")
    sector = parts.get("sector")
    if sector not in {None, "public", "private"}:
        raise SourceMisconfigured('sector is "public" or "private"')
    country = told_country(parts["country"]) if "country" in parts else None
    return Feed(url, country, language, told_zone(parts.get("zone")), sector, parts.get("buyer"))
