"""A feed as Atom (RFC 4287)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from lxml import etree

from app.channels.feeds.entries import Entry
from app.channels.feeds.repository import KnownFeed
from app.channels.feeds.words import address_of, clean, facts_of, reasons_of, source_of, title_of
from app.kit.i18n import Lang, translate

MEDIA_TYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_XHTML: Final = "http://www.w3.org/1999/xhtml"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(feed: KnownFeed, name: str, entries: Sequence[Entry]) -> bytes:
    """The document. It does not name its own address: whoever passes the document on would pass that on, too."""
    root = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    root.set(_LANG, feed.language)
    _text(root, "id", feed.id.urn)
    _text(root, "title", translate(f"feed.title_{feed.selection}", feed.language, name=clean(name)))
    _text(root, "updated", _instant(max((entry.updated_at for entry in entries), default=feed.created_at)))
    _text(etree.SubElement(root, f"{{{_ATOM}}}author"), "name", "Safqa")
    _text(root, "generator", "Safqa")
    for entry in entries:
        _entry(root, entry, feed)
    written: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written


def _entry(root: etree._Element, entry: Entry, feed: KnownFeed) -> None:
    node = etree.SubElement(root, f"{{{_ATOM}}}entry")
    _text(node, "id", entry.id.urn)
    title = _text(node, "title", title_of(entry, feed))
    if entry.language in ("ar", "fr", "en"):
        title.set(_LANG, entry.language)
    _text(node, "updated", _instant(entry.updated_at))
    if entry.published_at is not None:
        _text(node, "published", _instant(entry.published_at))
    if (address := address_of(entry)) is not None:
        etree.SubElement(node, f"{{{_ATOM}}}link", rel="alternate", href=address)
    if (source := source_of(entry, feed.language)) is not None:
        _text(node, "rights", source)
    _content(node, entry, feed)


def _content(node: etree._Element, entry: Entry, feed: KnownFeed) -> None:
    """Elements, not markup in a string: a title that holds markup stays text."""
    lang: Lang = feed.language
    holder = etree.SubElement(node, f"{{{_ATOM}}}content", type="xhtml")
    body = etree.SubElement(holder, f"{{{_XHTML}}}div", nsmap={None: _XHTML})  # type: ignore[dict-item]
    body.set("dir", "rtl" if lang == "ar" else "ltr")
    for line in facts_of(entry, lang):
        etree.SubElement(body, f"{{{_XHTML}}}p").text = line
    if reasons := reasons_of(entry, feed):
        etree.SubElement(body, f"{{{_XHTML}}}p").text = translate("feed.why", lang)
        items = etree.SubElement(body, f"{{{_XHTML}}}ul")
        for reason in reasons:
            etree.SubElement(items, f"{{{_XHTML}}}li").text = reason
    if (source := source_of(entry, lang)) is not None:
        etree.SubElement(body, f"{{{_XHTML}}}p").text = source


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    node = etree.SubElement(parent, f"{{{_ATOM}}}{name}")
    node.text = text
    return node


def _instant(instant: dt.datetime) -> str:
    """RFC 3339, in UTC."""
    return instant.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
