"""Entries of a feed as calls: who they are across edits, when they were published, which deadline their text names."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from scrapers.base import Fields, Read
from scrapers.errors import RecordRejected
from scrapers.feed_dates import deadline_in, feed_time
from scrapers.feed_text import Entry, FeedDocument, body_of, line_of, members, text
from scrapers.feeds import BY_AUTHOR, Feed

_EVERYWHERE = re.compile(
    r"(?:urn:|tag:|https?://)\S+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE
)
"""Ids that are unique in the world; others are unique in their feed."""
_ORGANISATION = re.compile(
    r"\b(?:s\.?a\.?r?\.?l?|s\.?a\.?s|sarl|gie|scop|gmbh|ag|ltd|llc|plc|inc|corp|n\.?v|b\.?v|s\.?p\.?a|s\.?l|soci[ée]t[ée]|"
    r"groupe|group|company|compagnie|commune|mairie|ville|city|council|conseil|municipalit[ée]|municipality|minist[èe]re|"
    r"ministry|agence|agency|office|direction|d[ée]partement|department|universit[ée]|university|[ée]tablissement|"
    r"association|fondation|foundation|f[ée]d[ée]ration|chambre|chamber|banque|bank|institut|institute|h[ôo]pital|"
    r"hospital|centre|center|r[ée]gion|pr[ée]fecture|province|wilaya|coop[ée]rative|syndicat)\b|"
    r"شركة|جماعة|وزارة|بلدية|وكالة|مجلس|جامعة|مؤسسة|جمعية|عمالة|إقليم|ولاية",
    re.IGNORECASE,
)
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)
_MOST_ENTRIES = 5_000
_MOST_PARTS = 200
_LONGEST_ID = 200


def calls_of(document: FeedDocument, feed: Feed) -> Iterator[Read]:
    """The entries of a feed, newest state of each; one that is no call is refused with its reason."""
    entries = document.entries[:-1] if document.cut else document.entries
    seen: dict[str, Fields] = {}
    for entry in entries[:_MOST_ENTRIES]:
        try:
            fields = _call(entry, document, feed)
        except RecordRejected as refusal:
            yield refusal
            continue
        ident = str(fields["id"])
        if ident not in seen:
            seen[ident] = fields
        elif _state(fields) > _state(seen[ident]):
            seen[ident] = fields  # feeds that keep every edit as an entry of its own
    yield from seen.values()
    if document.cut:
        last = line_of(text(document.entries[-1], "title"))
        yield RecordRejected("rss.cut", "the feed breaks off in its last entry", last)
    if len(entries) > _MOST_ENTRIES:
        yield RecordRejected("rss.too_many", f"the feed has {len(entries)} entries; {_MOST_ENTRIES} of them are read")


def _state(fields: Fields) -> dt.datetime:
    """When an entry was last touched, as far as it tells."""
    told = (fields.get(name) for name in ("updated", "published"))
    times = [dt.datetime.fromisoformat(one) for one in told if isinstance(one, str)]
    return max((at if at.tzinfo else at.replace(tzinfo=dt.UTC) for at in times), default=_NEVER)


def _call(entry: Entry, document: FeedDocument, feed: Feed) -> Fields:
    title, description = line_of(text(entry, "title")), body_of(entry)
    if not title:
        title = description.partition("\n")[0][:300]  # RSS wants a title or a description
    if not title:
        raise RecordRejected("rss.title", "an entry has neither a title nor a text")
    base = feed.url or text(document.channel, "link")
    url = canonical(text(entry, "link"), base)
    fields: dict[str, object] = {
        "id": _identity(entry, feed, url, title),
        "title": title,
        "description": description,
        "url": url,
        "country": feed.country,
        "language": feed.language or _language(document),
        "sector": feed.sector,
        "buyer": _buyer(entry, feed),
        "activities": _categories(entry),
        "documents": _documents(entry, base),
        "publisher": line_of(text(document.channel, "title"))[:500],
        "feed_warning": "not well-formed" if document.damaged else "",
        "unreadable": [],
    }
    _put_times(fields, entry, document, feed)
    _put_deadline(fields, f"{title}\n{description}", feed)
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def canonical(link: str, base: str) -> str:
    """An address without its fragment and the marks of campaigns; "" where it is none of the web."""
    try:
        parts = urlsplit(urljoin(base, link.strip()))
        if parts.scheme not in {"http", "https"} or not parts.hostname or not link:
            return ""
        told = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True)]
        kept = [(name, value) for name, value in told if not name.casefold().startswith("utm_")]
        query = parts.query if len(kept) == len(told) else urlencode(kept)
        found = urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))
    except ValueError:
        return ""
    return found if len(found) <= 2_000 else ""


def _identity(entry: Entry, feed: Feed, url: str, title: str) -> str:
    """The guid or atom:id; else the link; else title and date. Together with the feed where it is its own only."""
    guid = text(entry, "id")
    own = guid or url
    if not own:
        own = hashlib.sha256(f"{title}\x1f{text(entry, 'published')}".encode()).hexdigest()[:32]
    whole = own if not feed.key or _EVERYWHERE.fullmatch(own) else f"{feed.key}#{own}"
    return whole if len(whole) <= _LONGEST_ID else hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()


def _put_times(fields: dict[str, object], entry: Entry, document: FeedDocument, feed: Feed) -> None:
    """When it was published, and when it was last edited: Atom's ``updated`` moves, RSS's ``dc:date`` is the former."""
    published, updated = text(entry, "published"), text(entry, "updated")
    if not published and not document.version.startswith("atom"):
        published, updated = updated, ""
    for name, written in (("published", published), ("updated", updated)):
        if not written:
            continue
        try:
            when, basis = feed_time(written, feed.local)
        except ValueError as error:
            _note(fields, f"{name}: {written[:60]!r} {error}")
            continue
        fields[name] = when.isoformat()
        if name == "published":
            fields |= {"published_basis": basis, "published_text": written[:200]}


def _put_deadline(fields: dict[str, object], said: str, feed: Feed) -> None:
    """No feed has a field for it: what the text says is taken where it is clear, and marked as taken from there."""
    try:
        found = deadline_in(said, feed.local, month_first=feed.month_first)
    except ValueError as error:
        _note(fields, f"deadline: {error}")
        return
    if found is None:
        return
    day = found.when.date() if isinstance(found.when, dt.datetime) else found.when
    published = fields.get("published")
    if isinstance(published, str) and day < dt.datetime.fromisoformat(published).date():
        _note(fields, f"deadline: {found.text!r} lies before the publication")
        return
    fields |= {
        "deadline": found.when.isoformat(), "deadline_basis": found.basis, "deadline_text": found.text[:300],
        "deadline_confidence": "text",
    }  # fmt: skip


def _note(fields: dict[str, object], reason: str) -> None:
    noted = fields["unreadable"]
    assert isinstance(noted, list)
    noted.append(reason)


def _language(document: FeedDocument) -> str | None:
    code = re.match(r"[a-z]{2,3}(?=[-_]|$)", text(document.channel, "language").casefold())
    return code[0] if code else None


def _buyer(entry: Entry, feed: Feed) -> dict[str, str] | None:
    """The declared one, or an author that reads as an organisation: persons are not stored."""
    if feed.buyer and feed.buyer != BY_AUTHOR:
        return {"name": feed.buyer[:500]}
    author = line_of(text(entry, "author"))[:500]
    if not author or "@" in author:
        return None
    return {"name": author} if feed.buyer == BY_AUTHOR or _ORGANISATION.search(author) else None


def _categories(entry: Entry) -> list[str]:
    found = (line_of(text(tag, "label") or text(tag, "term"))[:500] for tag in members(entry, "tags")[:_MOST_PARTS])
    return list(dict.fromkeys(name for name in found if name))


def _documents(entry: Entry, base: str) -> list[dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for link in members(entry, "links")[:_MOST_PARTS]:
        url = canonical(text(link, "href"), base) if text(link, "rel") == "enclosure" else ""
        if url:
            told = {"url": url, "type": text(link, "type")[:100], "title": line_of(text(link, "title"))[:500]}
            found.setdefault(url, {name: value for name, value in told.items() if value})
    return list(found.values())
