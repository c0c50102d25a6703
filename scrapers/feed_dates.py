"""Dates of feeds as they are really written, and deadlines that stand in their texts.

RSS has RFC 822 dates, with two-digit years, French months and zones that nobody knows; Atom has ISO 8601. Neither has a
deadline: one is taken from the text only where a word for it, a full date and nothing contrary stand there.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from scrapers.normalise import Basis, Edge, parse_iso, to_instant

_MONTHS = (
    ("jan", "janv", "يناير", "كانون الثاني"), ("feb", "fev", "فبراير", "شباط"), ("mar", "مارس", "اذار"),
    ("apr", "avr", "ابريل", "نيسان"), ("may", "mai", "ماي", "مايو", "ايار"), ("jun", "juin", "يونيو", "حزيران"),
    ("jul", "juil", "يوليوز", "يوليو", "تموز"), ("aug", "aou", "غشت", "اغسطس", "اب"),
    ("sep", "شتنبر", "سبتمبر", "ايلول"), ("oct", "اكتوبر", "تشرين الاول"), ("nov", "نونبر", "نوفمبر", "تشرين الثاني"),
    ("dec", "دجنبر", "ديسمبر", "كانون الاول"),
)  # fmt: skip
"""Beginnings of month names, folded: English, French, and the Arabic of the Maghreb and of the east."""
_MAIL_DATE = re.compile(
    r"(?:[^\W\d_]{2,12}\.?\s*,?\s*)?(?P<day>\d{1,2})[ -](?P<month>[^\W\d_]{3,12})\.?[ -](?P<year>\d{4}|\d{2})"
    r"(?:\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<zone>[+-]\d{2}:?\d{2}|[A-Za-z]{1,5}))?)?"
    r"(?:\s*\([^()]{0,40}\))?"
)
_HOURS = {"UT": 0, "UTC": 0, "GMT": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6,
          "PST": -8, "PDT": -7}  # fmt: skip
"""The zones that RFC 822 names; every other name means several."""
_TRIGGER = (
    r"(?:date(?: et heure)?s?[ -]limites?|dernier delai|au plus tard|cloture|delai de (?:remise|depot|reception)"
    r"|dead ?lines?|closing (?:date|time)|clos(?:es|ing) (?:on|date)|due (?:date|by|on)|no later than"
    r"|submi(?:t|tted|ssion)s? (?:by|before|until)|اخر اجل|اخر موعد|الموعد النهايي|تاريخ الاقفال)"
)
_DATE = (
    r"(?P<iso>\d{4}-\d{2}-\d{2}(?:t\d{2}:\d{2}(?::\d{2})?(?:z|[+-]\d{2}:\d{2})?)?)"
    r"|(?P<a>\d{1,2})[/.-](?P<b>\d{1,2})[/.-](?P<year>\d{4})"
    r"|(?P<day>\d{1,2})(?:er|st|nd|rd|th)?(?: of)?[ -](?P<month>[^\W\d_]{2,12}(?: [^\W\d_]{3,6})?)\.?,?[ -]"
    r"(?P<year2>\d{4})"
    r"|(?P<month3>[a-z]{3,9})\.? (?P<day3>\d{1,2})(?:st|nd|rd|th)?,? (?P<year3>\d{4})"
)
_CLOCK = (
    r"(?:[ ,;-]{0,3}(?:a|at|by|before|avant|الساعه|علي الساعه)?[ ,:]{0,2}"
    r"(?P<hour>\d{1,2})(?: ?(?:h|heures?|:) ?(?P<minute>\d{2})?(?!\d)|(?= ?[ap]\.?m))(?: ?(?P<half>[ap])\.?m\b\.?)?"
    r"(?: ?\(?(?P<zone>utc|gmt|cet|cest|wet|west|wat|bst|est|edt)\b(?: ?(?P<offset>[+-]\d{1,2}(?::\d{2})?))?)?)?"
)
_YEAR = re.compile(r"\d{4}")
_DEADLINE = re.compile(rf"{_TRIGGER}(?P<gap>[^\d\n]{{0,90}}?)(?<!\d)(?:{_DATE})(?!\d){_CLOCK}", re.IGNORECASE)
_OF_SOMETHING_ELSE = re.compile(
    r"retrait|question|renseignement|eclaircissement|clarification|enquir|visite|site visit"
)
_MOST_TEXT = 200_000


def feed_time(written: str, zone: ZoneInfo | None, edge: Edge = "start") -> tuple[dt.datetime | dt.date, Basis]:
    """A date of a feed, and how its instant was found; a day stays a day. Raises ValueError."""
    text = written.strip()[:200]
    try:
        when = parse_iso(text)
    except ValueError:
        when = _mail_date(text, zone)
    if not isinstance(when, dt.datetime):
        return when, "day"
    return to_instant(when, zone, edge)


def _mail_date(text: str, zone: ZoneInfo | None) -> dt.datetime | dt.date:
    """RFC 822, as mail programs and those who never read it write it; naive where no zone is told.

    Not ``email.utils``, which gives a time without a zone the offset of UTC.
    """
    found = _MAIL_DATE.fullmatch(text)
    month = _month(found["month"]) if found else None
    if found is None or month is None:
        raise ValueError("is not a date of RFC 822 or ISO 8601")
    year = int(found["year"])
    day = _date(str(year if year > 99 else year + (2000 if year < 50 else 1900)), month, int(found["day"]))
    if not found["hour"]:
        return day
    clock = dt.time(int(found["hour"]), int(found["minute"]), int(found["second"] or 0))
    when = dt.datetime.combine(day, clock)
    return _in_zone(when, found["zone"], zone)


def _in_zone(when: dt.datetime, named: str | None, zone: ZoneInfo | None) -> dt.datetime:
    if not named:
        return when
    if named[0] in "+-":
        shift = dt.timedelta(hours=int(named[1:3]), minutes=int(named[-2:]))
        return when.replace(tzinfo=dt.timezone(-shift if named[0] == "-" else shift))
    if (hours := _HOURS.get(named.upper())) is not None:
        return when.replace(tzinfo=dt.timezone(dt.timedelta(hours=hours)))
    if zone is None or (when.replace(tzinfo=zone).tzname() or "").casefold() != named.casefold():
        raise ValueError(f"is in a zone that is not known ({named})")
    return when


def _month(word: str) -> int | None:
    name = _folded(word)
    for number, beginnings in enumerate(_MONTHS, start=1):
        if any(name == one or (len(one) >= 3 and one.isascii() and name.startswith(one)) for one in beginnings):
            return number
    return None


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ة", "ه").replace("ى", "ي")


@dataclass(frozen=True, slots=True)
class FoundDeadline:
    """A deadline of a text: a day, or an instant; ``text`` is what it was read from."""

    when: dt.datetime | dt.date
    basis: Basis
    text: str


def deadline_in(text: str, zone: ZoneInfo | None, *, month_first: bool = False) -> FoundDeadline | None:
    """The one deadline that a text names; None where it names none. Raises ValueError where it cannot be told.

    ``month_first``: the writer may put the month first, so that 04/05/2026 can be read twice.
    """
    by_day: dict[dt.date, FoundDeadline] = {}
    for found in _candidates(text[:_MOST_TEXT], zone, month_first=month_first):
        day = found.when.date() if isinstance(found.when, dt.datetime) else found.when
        held = by_day.get(day)
        if held and isinstance(held.when, dt.datetime) and isinstance(found.when, dt.datetime):
            if held.when != found.when:
                raise ValueError("the text names several hours")
        elif held is None or isinstance(found.when, dt.datetime):
            by_day[day] = found
    if len(by_day) > 1:
        raise ValueError(f"the text names several days ({', '.join(day.isoformat() for day in sorted(by_day))})"[:200])
    return next(iter(by_day.values()), None)


def _candidates(text: str, zone: ZoneInfo | None, *, month_first: bool) -> Iterator[FoundDeadline]:
    plain = text.translate(_PLAIN)
    if not _YEAR.search(plain):
        return
    for found in _DEADLINE.finditer(plain):
        before = re.split(r"[.;\n]", plain[max(0, found.start() - 80) : found.start()])[-1]
        if _OF_SOMETHING_ELSE.search(before) or _OF_SOMETHING_ELSE.search(found["gap"]):
            continue
        when = _when(found, month_first=month_first)
        written = text[found.start() : found.end()].strip()
        if isinstance(when, dt.datetime):
            instant, basis = to_instant(_zoned(when, found, zone), zone, "end")
            yield FoundDeadline(instant, basis, written)
        elif when is not None:
            yield FoundDeadline(when, "day", written)


class _Plain(dict[int, str]):
    """Characters without case and accents, one for one, so that what is found stands at the same place in the text."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = " " if character.isspace() and character != "\n" else _folded(character)[:1] or character
        self[code] = plain
        return plain


_PLAIN = _Plain()


def _when(found: re.Match[str], *, month_first: bool) -> dt.datetime | dt.date | None:
    if found["iso"]:
        whole = parse_iso(found["iso"].upper())
        return whole if isinstance(whole, dt.datetime) else _at_clock(whole, found)
    if found["a"]:
        day, month = int(found["a"]), int(found["b"])
        if month_first and day <= 12 and month != day:
            if month <= 12:
                raise ValueError(f"{found['a']}/{found['b']}/{found['year']} can be read day or month first")
            day, month = month, day
        return _at_clock(_date(found["year"], month, day), found)
    if found["day"]:
        named = _month(found["month"])
        return _at_clock(_date(found["year2"], named, int(found["day"])), found) if named else None
    named = _month(found["month3"])
    return _at_clock(_date(found["year3"], named, int(found["day3"])), found) if named else None


def _date(year: str, month: int, day: int) -> dt.date:
    found = parse_iso(f"{int(year):04}-{month:02}-{day:02}")
    assert not isinstance(found, dt.datetime)
    return found


def _at_clock(day: dt.date, found: re.Match[str]) -> dt.datetime | dt.date:
    if not found["hour"]:
        return day
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"{found['hour']} {found['half']}m is no time of the day")
        hour = hour % 12 + (12 if found["half"] == "p" else 0)
    return dt.datetime.combine(day, dt.time(hour, minute))


def _zoned(when: dt.datetime, found: re.Match[str], zone: ZoneInfo | None) -> dt.datetime:
    """The zone that the text itself names; one that is not the feed's own is known only as UTC."""
    named, offset = found["zone"], found["offset"]
    if not named or when.tzinfo is not None:
        return when
    if named in {"utc", "gmt"}:
        hours, _, minutes = (offset or "+0").partition(":")
        shift = dt.timedelta(hours=int(hours), minutes=int(minutes or 0) * (-1 if hours.startswith("-") else 1))
        return when.replace(tzinfo=dt.timezone(shift))
    if zone is None or (when.replace(tzinfo=zone).tzname() or "").casefold() != named:
        raise ValueError(f"the text names a zone that is not the feed's ({named.upper()})")
    return when
