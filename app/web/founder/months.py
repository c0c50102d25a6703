"""A month as a table of weeks, with what falls on each of its days."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from babel import Locale, dates

from app.kit.i18n import MOROCCO, Lang
from app.matches.deadlines import Deadline
from app.planning.calendars import Holiday, holidays_of, working_days_of
from app.web.founder.evidence_view import Piece

HOME: Final = "MA"
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year, as addresses name it: ``2026-11``."""

    year: int
    number: int

    @classmethod
    def of(cls, day: dt.date) -> Self:
        """The month of a day."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The month that an address names; ``None``: it names none that has a calendar here."""
        year, _, number = text.partition("-")
        if not (len(year) == 4 and len(number) == 2 and (year + number).isascii() and (year + number).isdecimal()):
            return None
        month = cls(int(year), int(number))
        return month if FIRST_YEAR <= month.year <= LAST_YEAR and 1 <= month.number <= 12 else None

    @property
    def first(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, self.number, 1)

    def moved(self, months: int) -> Month:
        """So many months later, or earlier."""
        at = self.year * 12 + self.number - 1 + months
        return Month(at // 12, at % 12 + 1)

    @property
    def begins(self) -> dt.datetime:
        """Its first instant, in Morocco."""
        return dt.datetime(self.year, self.number, 1, tzinfo=MOROCCO)

    def name(self, lang: Lang) -> str:
        """The month and the year, with the month names used in Morocco."""
        return str(dates.format_skeleton("yMMMM", self.first, locale=_LOCALES[lang]))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the table. ``inside``: it belongs to the month."""

    date: dt.date
    inside: bool
    today: bool
    weekend: bool
    holiday: Holiday | None
    deadlines: Sequence[Deadline]
    papers: Sequence[Piece]

    @property
    def full(self) -> bool:
        """Whether anything ends on it."""
        return bool(self.deadlines or self.papers)


def weeks(
    month: Month, today: dt.date, deadlines: Sequence[Deadline], papers: Sequence[Piece], lang: Lang
) -> Sequence[Sequence[Day]]:
    """The weeks of a month from Monday to Sunday. What stands outside the month holds nothing."""
    due: dict[dt.date, list[Deadline]] = {}
    for deadline in deadlines:
        due.setdefault(deadline.deadline_at.astimezone(MOROCCO).date(), []).append(deadline)
    ending: dict[dt.date, list[Piece]] = {}
    for paper in papers:
        if paper.expires is not None:
            ending.setdefault(paper.expires, []).append(paper)
    free, weekend = holidays_of(HOME, month.year, lang), working_days_of(HOME, month.year).weekend

    def day_of(date: dt.date) -> Day:
        inside = Month.of(date) == month
        return Day(
            date, inside, date == today, date.weekday() in weekend, free.get(date) if inside else None,
            due.get(date, ()) if inside else (), ending.get(date, ()) if inside else (),
        )  # fmt: skip

    table = calendar.Calendar(calendar.MONDAY).monthdatescalendar(month.year, month.number)
    return [[day_of(date) for date in week] for week in table]


def weekday_names(lang: Lang) -> Sequence[tuple[str, str]]:
    """Monday to Sunday: in full, and short."""
    locale = Locale.parse(_LOCALES[lang])
    wide, short = (dict(locale.days["stand-alone"][width]) for width in ("wide", "abbreviated"))
    return [(str(wide[day]), str(short[day])) for day in range(7)]


_LOCALES: Final[Mapping[Lang, str]] = {"ar": "ar_MA", "fr": "fr_MA", "en": "en_GB"}
