"""Notices of the African Development Bank: items of its RSS feeds, and what their pages add."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lxml import etree

from scrapers.base import Award, Fields
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.markup import elements, parse_html, parse_xml, prose_of, text_of, values
from scrapers.normalise import country_code

_NODE = re.compile(r"(\d{1,12})(?: at https?://\S+)?", re.ASCII)
_PARTS: Final = 2
_TITLE_FIELDS = ("//meta[@property='og:title']/@content", "//h1//text()", "//title/text()")
_LINK_FIELDS = ("//meta[@property='og:url']/@content", "//link[@rel='canonical']/@href")
_DEADLINE = "//*[contains(concat(' ', @class, ' '), ' field-name-field-procurement-end-date ')]//@content"
_BODY = "//*[contains(concat(' ', @class, ' '), ' field-name-body ')]"
_ENDED: Mapping[str, re.Pattern[str]] = MappingProxyType({
    "cancelled": re.compile(r"\b(?:cancel\w*|annul\w*|infructueu\w*)\b", re.IGNORECASE),
    "awarded": re.compile(r"\b(?:contract award\w*|award notice|attributions?|avis d.attribution)\b", re.IGNORECASE),
})  # fmt: skip
_PLANS: Final = frozenset({"gpn", "agpm", "general procurement notice", "avis general de passation de marches"})
_KINDS: Final = frozenset({"spn", "eoi", "gpn", "rei", "ami", "aoi", "aon", "ao", "rfp", "rfq", "ifb", "itb", "agpm"})


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed. ``ref`` is the number of its page, which is one in both languages."""

    ref: str
    title: str
    link: str
    published: str
    markup: bytes


def items(body: bytes) -> list[Item]:
    """The items of a feed, each page once. Raises SourceChanged."""
    root = parse_xml(body)
    if root.tag != "rss" or root.find("channel") is None:
        raise SourceChanged("the answer is no RSS feed")
    found: dict[str, Item] = {}
    for node in root.iterfind("channel/item"):
        link, guid = text_of(node.findtext("link")), text_of(node.findtext("guid"))
        number = _NODE.fullmatch(guid)
        ref = number[1] if number else (guid or link.rpartition("/")[2])[:200]
        item = Item(ref, text_of(node.findtext("title")), link, text_of(node.findtext("pubDate")), etree.tostring(node))
        found.setdefault(ref or f"item {len(found)}", item)
    return list(found.values())


def item_of(markup: bytes) -> Item:
    """An item as it was kept. Raises SourceChanged."""
    found = items(b"<rss><channel>" + markup + b"</channel></rss>")
    if len(found) != 1:
        raise SourceChanged("the row is not one item of a feed")
    return found[0]


def read(item: Item, page: bytes | None) -> Fields:
    """A call, a plan or an award. Raises RecordRejected."""
    if not item.ref or not item.title:
        raise RecordRejected("afdb.incomplete", "the item has no title, or neither a guid nor a link")
    kind, where, what = _split(item.title)
    fields: dict[str, object] = {
        "id": item.ref,
        "title": what,
        "country": _country(where),
        "place": where or None,
        "url": item.link if item.link.startswith("https://") else None,
    }
    status = next((status for status, words in _ENDED.items() if words.search(f"{kind} - {what}")), "active")
    if status == "awarded":
        return Award(fields | {"outcome": "awarded", "date": (_published(item) or "")[:10] or None})
    description, deadline = _page(page) if page else ("", None)
    return {
        **fields,
        "description": description or _described(item),
        "procedure": kind or None,
        "status": "planned" if kind.casefold() in _PLANS and status == "active" else status,
        "sector": "public",
        "published": _published(item),
        "deadline": deadline,
        "deadline_unknown": deadline is None,
        "funder": "African Development Bank",
        "experimental": True,
    }


def read_page(body: bytes) -> Fields:
    """A saved page alone, as far as it names itself. Raises RecordRejected and SourceChanged."""
    root = parse_html(body)
    title = _first(root, _TITLE_FIELDS).removesuffix("| African Development Bank").strip()
    link = _first(root, _LINK_FIELDS)
    if not title or not link:
        raise RecordRejected("afdb.page_alone", "the page names neither its title nor its address")
    return read(Item(link.rstrip("/").rpartition("/")[2][:200], title, link, "", b""), body)


def _split(title: str) -> tuple[str, str, str]:
    """Kind, country and subject of "SPN - Maroc - Étude - lot 2"; the subject may hold the same dash."""
    parts = [part.strip() for part in title.split(" - ", _PARTS)]
    if len(parts) <= _PARTS or not all(parts):
        return "", "", title
    kind, where, what = parts
    if kind.casefold() not in _KINDS and _country(where) is None:
        return "", "", title
    return kind, where, what


def _country(name: str) -> str | None:
    try:
        return country_code(name) if name else None
    except ValueError:
        return None  # "Multinational": no single one


def _published(item: Item) -> str | None:
    """The time of publication, where its zone is told: RFC 822's "-0000" tells none."""
    try:
        when = email.utils.parsedate_to_datetime(item.published)
    except (ValueError, OverflowError):
        return None
    return when.isoformat() if when.utcoffset() is not None else when.date().isoformat()


def _described(item: Item) -> str:
    """What the feed says of the notice."""
    if not item.markup:
        return ""
    said = parse_xml(item.markup).findtext("description") or ""
    return prose_of(parse_html(f"<div>{said}</div>".encode())) if said.strip() else ""


def _page(body: bytes) -> tuple[str, str | None]:
    """The text and the deadline of a notice's page; a page may lack either."""
    root = parse_html(body)
    texts = [prose_of(node) for node in elements(root, _BODY)]
    return next(iter(texts), ""), next(iter(values(root, _DEADLINE)), None)


def _first(root: etree._Element, paths: tuple[str, ...]) -> str:
    for path in paths:
        if found := values(root, path):
            return text_of(found[0])
    return ""
