"""Feeds as publishers write them: a server of RSS and Atom with ETags that may lie. All calls are fictional."""

from __future__ import annotations

import hashlib
import html
from dataclasses import dataclass, field

from tests.support.portal import Asked, Portal, Reply


def item(
    guid: str = "", title: str = "Appel", link: str = "", published: str = "", *, text: str = "", more: str = ""
) -> str:
    """One item of RSS 2.0."""
    parts = (
        ("guid", guid and f'<guid isPermaLink="false">{html.escape(guid)}</guid>'),
        ("title", title and f"<title>{html.escape(title)}</title>"),
        ("link", link and f"<link>{html.escape(link)}</link>"),
        ("pubDate", published and f"<pubDate>{published}</pubDate>"),
        ("description", text and f"<description><![CDATA[{text}]]></description>"),
    )
    return f"<item>{''.join(written for _, written in parts)}{more}</item>"


def rss(*items: str, head: str = "") -> str:
    """A feed of RSS 2.0."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel>'
        f"<title>Appels d'Exempleville</title><link>https://exempleville.example/</link>{head}{''.join(items)}"
        "</channel></rss>"
    )


def atom(*entries: str) -> str:
    """A feed of Atom."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">'
        "<title>Calls</title><id>urn:example:feed</id><updated>2026-09-02T10:00:00Z</updated>"
        f"{''.join(entries)}</feed>"
    )


@dataclass
class FeedPortal(Portal):
    """``feeds``: documents by path. ``moods``: "new_etag" gives another ETag every time; "no_304" never says so."""

    feeds: dict[str, bytes] = field(default_factory=dict)
    moods: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.route("*", self._feed)

    def put(self, path: str, document: str | bytes) -> str:
        """Publish a document; its address."""
        self.feeds[path] = document.encode() if isinstance(document, str) else document
        return self.url + path

    def _feed(self, asked: Asked) -> Reply:
        body = self.feeds.get(asked.path)
        if body is None:
            return Reply(404)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}{len(self.asked) if "new_etag" in self.moods else ""}"'
        headers = (("ETag", etag), ("Content-Type", "application/rss+xml"))
        if asked.headers.get("if-none-match") == etag and "no_304" not in self.moods:
            return Reply(304, headers=headers)
        return Reply(200, body, headers)
