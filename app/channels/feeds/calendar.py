"""The deadlines of a feed as a calendar (RFC 5545)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from icalendar import Alarm, Calendar, Event, vDuration

from app.channels.feeds.entries import Entry
from app.channels.feeds.repository import KnownFeed
from app.channels.feeds.words import address_of, clean, day_of, facts_of, reasons_of, source_of, title_of
from app.kit.i18n import translate

MEDIA_TYPE: Final = "text/calendar"
_ASK_AGAIN: Final = dt.timedelta(hours=6)


def write_calendar(feed: KnownFeed, name: str, lead: dt.timedelta, entries: Sequence[Entry]) -> bytes:
    """The calendar of entries that have deadlines; each reminds ``lead`` before its own."""
    title = translate(f"feed.calendar_{feed.selection}", feed.language, name=clean(name))
    calendar = Calendar()
    calendar.add("prodid", "-//Safqa//Deadlines//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    for named in ("name", "x-wr-calname"):  # RFC 7986, and what was used before it
        calendar.add(named, title)
    calendar.add("refresh-interval", vDuration(_ASK_AGAIN), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(_ASK_AGAIN))
    for entry in entries:
        if entry.deadline_at is not None:
            calendar.add_component(_event(entry, entry.deadline_at, feed, lead))
    written: bytes = calendar.to_ical()
    return written


def _event(entry: Entry, deadline_at: dt.datetime, feed: KnownFeed, lead: dt.timedelta) -> Event:
    summary = translate("feed.due", feed.language, title=title_of(entry, feed))
    event = Event()
    event.add("uid", f"{entry.id}@safqa")
    event.add("dtstamp", entry.updated_at.astimezone(dt.UTC))
    # It grows with every change of the call: one that moved its deadline is among them.
    event.add("sequence", entry.version - 1)
    # An instant needs no zone, and a day has none: whoever reads it knows in which country the call is.
    event.add("dtstart", day_of(entry) or deadline_at.astimezone(dt.UTC))
    event.add("summary", summary)
    event.add("description", _description(entry, feed))
    if (address := address_of(entry)) is not None:
        event.add("url", address)
    event.add("transp", "TRANSPARENT")  # a deadline takes nobody's time
    event.add("status", "CANCELLED" if entry.is_over else "CONFIRMED")
    if not entry.is_over:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", -lead)
        event.add_component(alarm)
    return event


def _description(entry: Entry, feed: KnownFeed) -> str:
    lines = facts_of(entry, feed.language)
    if reasons := reasons_of(entry, feed):
        lines += ["", translate("feed.why", feed.language), *(f"- {reason}" for reason in reasons)]
    source = source_of(entry, feed.language)
    return "\n".join([*lines, *(["", source] if source else [])])
