"""An entry in words, in the language of its feed, and free of what neither XML nor iCalendar can carry."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final, cast

from app.channels.feeds.entries import Entry
from app.channels.feeds.repository import KnownFeed
from app.kit.i18n import Lang, format_date, format_instant, format_money, translate
from app.kit.reasons import for_others, sentence_of
from app.models.feed import FeedSelection
from app.models.organisation import OrganisationKind

_TITLE_CHARACTERS: Final = 300
_LINE_CHARACTERS: Final = 1_000
_MOST_REASONS: Final = 8
# Control characters, what some parsers take for the end of a line, marks that turn the text after them around, and
# what is no character. XML 1.0 (section 2.2) refuses most of them, RFC 5545 (section 3.1) the others.
_UNFIT = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufff9-\uffff"
    "\U0001fffe\U0001ffff\U000e0000-\U000e007f]+"
)
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f-\x9f<>\"\\^`{|}\u2028-\u202f\ud800-\udfff\ufffe\uffff]{1,2000}")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def clean(text: str, most: int = _LINE_CHARACTERS) -> str:
    """One line of text: what is unfit is a space, and what is too long ends in an ellipsis."""
    line = " ".join(_UNFIT.sub(" ", text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def title_of(entry: Entry, feed: KnownFeed) -> str:
    """The call's title; in a feed of several startups, with the one it is meant for."""
    title = clean(entry.title, _TITLE_CHARACTERS)
    if feed.selection is not FeedSelection.COHORT or entry.startup is None:
        return title
    return f"{clean(entry.startup, _TITLE_CHARACTERS)}: {title}"


def address_of(entry: Entry) -> str | None:
    """Where the call is published, if that is an address that a person can open."""
    return entry.url if entry.url and _ADDRESS.fullmatch(entry.url) else None


def day_of(entry: Entry) -> dt.date | None:
    """The day of a deadline that was published without an hour."""
    written = entry.deadline_written
    return dt.date.fromisoformat(written) if written and _DAY.fullmatch(written) else None


def facts_of(entry: Entry, lang: Lang) -> list[str]:
    """What there is to know of a call: whose, until when, how much, where, its grounds, and how well it fits."""
    return [clean(line) for line in _facts(entry, lang)]


def reasons_of(entry: Entry, feed: KnownFeed) -> list[str]:
    """Why it fits, the heaviest first; where all pairs begin, and what speaks against it, is no such reason."""
    own = feed.reader.kind is OrganisationKind.STARTUP
    speaking = [
        reason
        for reason in entry.reasons or []
        if reason["code"] not in {"base", "rest"} and cast("float", reason["contribution"]) > 0
    ][:_MOST_REASONS]
    return [clean(sentence_of(reason if own else for_others(reason), feed.language)) for reason in speaking]


def source_of(entry: Entry, lang: Lang) -> str | None:
    """Where the notice comes from, with the words that its licence wants."""
    said = [clean(part) for part in (entry.attribution or entry.source, entry.licence) if part]
    return translate("feed.source", lang, source=" · ".join(said)) if said else None


def deadline_of(entry: Entry, lang: Lang) -> str:
    """Until when offers are taken, as exactly as it was published."""
    if (day := day_of(entry)) is not None:
        return translate("feed.deadline_day", lang, day=format_date(day, lang))
    if entry.deadline_at is None:
        return translate("feed.deadline_none", lang)
    return translate("feed.deadline", lang, instant=format_instant(entry.deadline_at, lang))


def _facts(entry: Entry, lang: Lang) -> Iterator[str]:
    if entry.is_over:
        yield translate("feed.over", lang)
    if entry.buyer:
        yield translate("feed.buyer", lang, buyer=entry.buyer)
    yield deadline_of(entry, lang)
    if entry.value_amount and entry.value_currency:  # zero means that it is not known
        yield translate("feed.value", lang, value=format_money(entry.value_amount, entry.value_currency, lang))
    if entry.region:
        yield translate("feed.region", lang, region=entry.region)
    for ground in entry.grounds:
        yield translate(f"eligibility.ground.{ground}", lang)
    if entry.grade is not None:
        yield translate("feed.grade", lang, grade=translate(f"grade.{entry.grade}", lang))
