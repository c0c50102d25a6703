"""A feed as its publisher meant it: the bytes made readable, the entries found, the texts without their markup."""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.entities import name2codepoint as codepoints
from typing import cast

import feedparser

from scrapers.errors import SourceChanged
from scrapers.manners import MIB
from scrapers.markup import parse_html, parse_xml, prose_of, text_of

Entry = Mapping[str, object]
MOST_BYTES = 10 * MIB
_MOST_BROKEN = 2 * MIB
_ROOT = re.compile(rb"<\s*(?:[\w-]{1,20}:)?(?:rss|feed|rdf|channel)\b", re.IGNORECASE)
_END = re.compile(
    rb"</\s*(?:[\w-]{1,20}:)?(?:rss|feed|rdf|channel)\s*>\s*(?:<!--.{0,2000}?-->\s*)*\Z", re.IGNORECASE | re.DOTALL
)
_ENTITY = re.compile(rb"<!\s*ENTITY", re.IGNORECASE)
_DECLARED = re.compile(rb"^(\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"'])([\w.:-]{1,40})([\"'])")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&(?:#\w{1,8}|\w{2,20});")
_ENTITY_LEFT = re.compile(r"&(?:#\d{2,7}|#x[0-9a-f]{2,6}|[a-z]{2,8}\d?);", re.IGNORECASE)
_HTML_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,9});")
_XML_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PERIODS = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_LONGEST_FLOOR = 86_400.0


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed that was read. ``damaged``: not well-formed, which hurts nothing by itself; ``cut``: ends too early, so
    that the last entry may be half of one. ``floor``: seconds for which asking again is pointless.
    """

    version: str
    channel: Mapping[str, object]
    entries: tuple[Entry, ...]
    damaged: bool
    cut: bool
    floor: float


def read_feed(body: bytes, content_type: str = "") -> FeedDocument:
    """Read RSS 0.9 to 2.0 or Atom. Raises SourceChanged where it is neither, or declares entities of its own."""
    if len(body) > MOST_BYTES:
        raise SourceChanged(f"the feed has more than {MOST_BYTES // MIB} MB")
    plain = body.replace(b"\0", b"")
    root = _ROOT.search(plain)
    if root is None:
        raise SourceChanged("the answer is no feed")
    if _ENTITY.search(plain, 0, root.start()):
        raise SourceChanged("the feed declares entities of its own")
    readable = _HTML_ENTITY.sub(_numbered, _readable(body, content_type))
    damaged = not _well_formed(readable)
    if damaged and len(body) > _MOST_BROKEN:
        raise SourceChanged(f"the feed is not well-formed, and too large to be mended ({len(body) // MIB} MB)")
    try:
        found = feedparser.parse(readable, sanitize_html=False, resolve_relative_uris=False)
    except Exception as error:  # noqa: BLE001 - its lenient parser lets through whatever it meets
        raise SourceChanged(f"the feed cannot be read ({type(error).__name__})") from None
    version, entries = str(found.get("version", "")), tuple(cast("list[Entry]", found.get("entries", [])))
    if not version and not entries:
        raise SourceChanged("the answer is no feed")
    cut = damaged and not _END.search(plain[-4_000:])
    if cut and len(entries) <= 1:
        raise SourceChanged("the feed breaks off in its first entry")
    channel = cast("Mapping[str, object]", found.get("feed", {}))
    return FeedDocument(version, channel, entries, damaged, cut, _floor(channel))


def _readable(body: bytes, content_type: str) -> bytes:
    """The same document with an encoding that is true: UTF-8 wins wherever the bytes are UTF-8."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        body = body.decode("utf-16", "replace").encode("utf-8", "replace")
    declared = _DECLARED.match(body)
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError:
        header = _CHARSET.search(content_type)
        if declared or header is None:
            return body
        try:
            return body.decode(header[1]).encode()
        except (LookupError, UnicodeError, ValueError):
            return body
    return _DECLARED.sub(rb"\1utf-8\3", body, count=1) if declared else body


def _numbered(found: re.Match[bytes]) -> bytes:
    """``&eacute;`` as ``&#233;``: RSS 0.91 declares it in a DTD that nobody fetches, and its letter would be lost."""
    name = found[1].decode("ascii")
    return found[0] if name in _XML_OWN else b"&#%d;" % codepoints[name] if name in codepoints else found[0]


def _well_formed(body: bytes) -> bool:
    try:
        parse_xml(body)
    except SourceChanged:
        return False
    return True


def _floor(channel: Mapping[str, object]) -> float:
    """``ttl`` in minutes, or ``sy:updatePeriod`` by ``sy:updateFrequency``: a day at most."""
    try:
        if ttl := text(channel, "ttl"):
            return min(max(0.0, float(ttl) * 60), _LONGEST_FLOOR)
        period = _PERIODS.get(text(channel, "sy_updateperiod").casefold(), 0)
        frequency = max(1.0, float(text(channel, "sy_updatefrequency") or 1))
    except ValueError:
        return 0.0
    found = min(period / frequency, _LONGEST_FLOOR)
    return found if found == found else 0.0  # noqa: PLR0124 - not a number is not itself


def text(values: Mapping[str, object], name: str) -> str:
    """A value as it is written; "" where there is none. Never feedparser's own guess ("updated" for "published")."""
    value = dict.get(values, name) if isinstance(values, dict) else values.get(name)
    return value.strip() if isinstance(value, str) else ""


def members(values: Mapping[str, object], name: str) -> list[Mapping[str, object]]:
    """The mappings of a list."""
    value = dict.get(values, name) if isinstance(values, dict) else values.get(name)
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def line_of(written: str) -> str:
    """A title without markup and with its entities resolved, those that were escaped twice too."""
    if not _MARKUP.search(written):
        return text_of(written)
    found = " ".join(prose(written).split("\n"))
    return text_of(html.unescape(found) if _ENTITY_LEFT.search(found) else found)


def prose(written: str) -> str:
    """A text without markup, its blocks on lines of their own; scripts and comments are silent."""
    if not _MARKUP.search(written):
        return "\n".join(line for part in written.splitlines() if (line := text_of(part)))
    try:
        return prose_of(parse_html(written.encode("utf-8", "replace")))
    except SourceChanged:
        return ""


def body_of(entry: Entry) -> str:
    """What an entry says: its content before its summary, which may be the beginning of it only."""
    for content in members(entry, "content"):
        if found := prose(text(content, "value")):
            return found
    return prose(text(entry, "summary"))
