"""Dates and hours in folded text: "lundi 12 mai 2025 a 10h30", "12/05/2025 10:30", "12 ماي 2025 على الساعه العاشره"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from matching.requirements.numerals_ar import WORDS_AR, parse_ar
from matching.requirements.numerals_fr import WORDS_FR, parse_fr
from matching.requirements.patterns import fragment

_MONTHS = (
    ("janv(?:ier)?", "jan(?:uary)?", "يناير", "جانفي", "كانون الثاني"),
    ("fevr(?:ier)?", "fevner", "feb(?:ruary)?", "فبراير", "فيفري", "شباط"),
    ("mars", "mar(?:ch)?", "مارس", "آذار"),
    ("avr(?:il)?", "apr(?:il)?", "[أا]بريل", "أفريل", "نيسان"),
    ("mai", "may", "ماي[وه]?", "أيار"),
    ("juin", "jun(?:e)?", "يونيو[ه]?", "جوان", "حزيران"),
    ("juil(?:let)?", "jul(?:y)?", "يوليوز", "يوليو[ه]?", "جويلية", "تموز"),
    ("aout", "ao[uo]t", "aug(?:ust)?", "غشت", "أغسطس", "أوت", "آب"),
    ("sept(?:embre)?", "sep(?:tember)?", "شتنبر", "سبتمبر", "أيلول"),
    ("oct(?:obre)?", "oct(?:ober)?", "[أا]كتوبر", "تشرين الأول"),
    ("nov(?:embre)?", "nov(?:ember)?", "نونبر", "نوفمبر", "تشرين الثاني"),
    ("dec(?:embre)?", "dec(?:ember)?", "دجنبر", "ديسمبر", "كانون الأول"),
)
_MONTH_OF = [re.compile(fragment(*names)) for names in _MONTHS]
_MONTH = "(?:" + "|".join(fragment(*names) for names in _MONTHS) + r")(?!\w)\.?"
_G = r"[ \n]{0,4}"
_B = r"[ \n]{1,4}"
_YEAR = r"(?:19|20)[0-9]{2}"
_SAID_DAY = rf"(?:{WORDS_FR}|premier)"
_DAY_FIRST = re.compile(
    rf"(?<![\w/.])(?P<d>[0-3]?[0-9])(?:er|eme|st|nd|rd|th)?{_G}(?:of |de |من )?(?P<m>{_MONTH})"
    rf"{_G},?{_G}(?P<y>{_YEAR})(?![0-9])"
    rf"|(?<![\w/.-])(?P<d2>[0-3]?[0-9]){_G}[/.-]{_G}(?P<m2>[01]?[0-9]){_G}[/.-]{_G}(?P<y2>{_YEAR})(?![0-9])"
    rf"|(?<![\w/.-])(?P<y3>{_YEAR})[/.-](?P<m3>[01]?[0-9])[/.-](?P<d3>[0-3]?[0-9])(?![0-9])"
    rf"|(?<!\w)(?P<m4>{_MONTH}){_G}(?P<d4>[0-3]?[0-9])(?:st|nd|rd|th)?{_G},?{_B}(?P<y4>{_YEAR})(?![0-9])"
    rf"|(?<!\w)(?P<w>{_SAID_DAY}){_B}(?P<m5>{_MONTH}){_B}(?:(?P<y5>{_YEAR})|(?P<z>{WORDS_FR}))"
)
_LEAD = (
    rf"(?:{_G}[,;|(-]{{0,2}}{_G}(?:et )?(?:avant |before |قبل |by |jusqu'a )?"
    r"(?:a partir de |vers |au plus tard )?(?:a|at|@|de|des|(?:de )?l'?heure:?|heure:?|(?:[وفب]?علي |في |ابتداء من "
    rf")?(?:تمام )?(?:الساعه|ساعه))?{_G}[:|]?{_G}|t(?=[0-9]))"
)
_CLOCK = re.compile(
    _LEAD + rf"(?:(?P<h>[0-2]?[0-9]){_G}(?:(?:heures?|hrs?|h|:){_G}(?P<m>[0-5][0-9])?"
    rf"(?:{_G}(?:minutes?|mn|min|m))?(?::[0-5][0-9])?(?![0-9])"
    rf"|(?=[ap]\.?m(?!\w))|(?={_G}(?:صباحا|زوالا|مساء|بعد|ظهرا|و|gmt|utc)))"
    rf"|(?P<w>{WORDS_FR}){_B}heures?(?:{_B}(?:et )?(?P<wm>demie?|quart|{WORDS_FR})(?:{_B}minutes?)?)?(?:{_G}\([ "
    rf"]?(?P<ph>[0-2]?[0-9]){_G}(?:h|:|heures?){_G}(?P<pm>[0-5][0-9])?[^)\d]{{0,12}}\))?"
    rf"|(?P<noon>midi|noon|12 ?noon))(?P<s>{_G}(?:a\.?m|p\.?m)(?!\w)\.?|{_G}(?:صباحا|مساء|زوالا|بعد الزوال|بعد "
    r"الظهر|ظهرا))?"
)
_AR_HOURS = {
    "الواحده": 1,
    "الثانيه": 2,
    "الثالثه": 3,
    "الرابعه": 4,
    "الخامسه": 5,
    "السادسه": 6,
    "السابعه": 7,
    "الثامنه": 8,
    "التاسعه": 9,
    "العاشره": 10,
    "الحاديه عشره": 11,
    "الحاديه عشر": 11,
    "الثانيه عشره": 12,
    "الثانيه عشر": 12,
}
_AR_CLOCK = re.compile(
    rf"[ \n,،-]{{0,3}}(?:وذلك )?(?:[وفب]?علي |في |ابتداء من |قبل )?(?:تمام )"
    rf"?الساعه{_B}(?P<h>{'|'.join(sorted(_AR_HOURS, key=len, reverse=True))})"
    rf"(?:{_B}(?P<f>والنصف|ونصف|والربع|وربع|الا ربع(?:ا)?|الا الربع|و(?:{WORDS_AR}){_B}دقيقه))?"
    rf"(?:{_G}\([ ]?[0-9 :hس]{{1,9}}\))?(?:{_G}(?P<s>صباحا|مساء|زوالا|بعد الزوال|بعد الظهر|ظهرا))?"
)
_ZONE = re.compile(
    r"[ \n,(]{0,3}(?P<z>gmt(?:[ ]?\+[ ]?0?1(?::?00)?)?|utc|bst|heure de paris|paris time|heure (?:locale )"
    r"?(?:marocaine|du maroc)|uk time|london time)(?!\w)"
)
_NAMED_ZONES = {
    "bst": "Europe/London",
    "uk time": "Europe/London",
    "london time": "Europe/London",
    "heure de paris": "Europe/Paris",
    "paris time": "Europe/Paris",
}
_AFTERNOON = ("p", "مساء", "بعد", "زوالا")
MOMENT_GAP = 40


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or a date with its hour, and where it stands. ``zone``: written beside it, else ``None``."""

    start: int
    end: int
    day: dt.date
    hour: dt.time | None = None
    zone: dt.tzinfo | None = None

    def when(self, zone: dt.tzinfo | None) -> dt.datetime | dt.date:
        """The date alone, or the instant; its own zone first, then ``zone``; naive where neither is known."""
        if self.hour is None:
            return self.day
        return dt.datetime.combine(self.day, self.hour, tzinfo=self.zone or zone)


def moments(text: str) -> list[Moment]:
    """The dates of a clause in their order, each with the hour that follows or directly precedes it."""
    found = [_with_hour(text, *each) for each in _days(text)]
    return [each if each.hour else _hour_before(text, each) for each in found]


def _days(text: str) -> list[tuple[int, int, dt.date]]:
    days = []
    for match in _DAY_FIRST.finditer(text):
        part = {name[0]: value for name, value in match.groupdict().items() if value is not None}
        try:
            day = dt.date(_year(part), _month(part["m"]), _day(part))
        except ValueError:
            continue
        days.append((match.start(), match.end(), day))
    return days


def _year(part: dict[str, str]) -> int:
    return int(part["y"]) if "y" in part else parse_fr(part["z"]) or 0


def _day(part: dict[str, str]) -> int:
    if "d" in part:
        return int(part["d"])
    return 1 if part["w"] == "premier" else parse_fr(part["w"]) or 0


def _month(written: str) -> int:
    if written.isdigit():
        return int(written)
    plain = written.rstrip(".")
    return next((at for at, names in enumerate(_MONTH_OF, start=1) if names.fullmatch(plain)), 0)


def _with_hour(text: str, start: int, end: int, day: dt.date) -> Moment:
    for clock, read in ((_AR_CLOCK, _arabic_hour), (_CLOCK, _hour)):
        if (match := clock.match(text, end)) and (hour := read(match)) is not None:
            zone, stop = _zone_after(text, match.end())
            return Moment(start, stop, day, hour, zone)
    return Moment(start, end, day)


_HOUR_BEFORE = re.compile(
    rf"(?<![\w/:])(?P<h>[0-2]?[0-9]){_G}(?:heures?|hrs?|h|:){_G}(?P<m>[0-5][0-9])?(?P<s>[ ]?[ap]\.?m\.?)?(?: noon)"
    rf"?(?:[ ]?\([^()]{{1,20}}\))?"
    rf"[ \n,]{{1,3}}(?:le |du |on |of |,)?[ ]?(?:(?:lun|mar|mercre|jeu|vendre|same)di |\w{{3,6}}day,? )?$"
)


def _hour_before(text: str, moment: Moment) -> Moment:
    """English and some French notices tell the hour first: "no later than 12:00 on 5 May 2025"."""
    begin = max(0, moment.start - MOMENT_GAP)
    match = _HOUR_BEFORE.search(text[begin : moment.start])
    if match is None or (hour := _hour(match)) is None:
        return moment
    zone, stop = _zone_after(text, moment.end)
    if zone is None and (said := _ZONE.search(match[0])):
        zone = _zone_named(said["z"])
    return Moment(begin + match.start(), stop, moment.day, hour, zone)


def _hour(match: re.Match[str]) -> dt.time | None:
    part = match.groupdict()
    if part.get("noon"):
        return dt.time(12)
    if part.get("ph"):
        hour, minute = int(part["ph"]), int(part.get("pm") or 0)
    elif part.get("w"):
        said = parse_fr(part["w"])
        if said is None:
            return None
        hour, minute = said, _minutes(part.get("wm"))
    else:
        hour, minute = int(part["h"]), int(part["m"] or 0)
    return _time(hour, minute, (part.get("s") or "").strip())


def _minutes(said: str | None) -> int:
    if not said:
        return 0
    return {"demie": 30, "demi": 30, "quart": 15}.get(said) or parse_fr(said) or 0


def _arabic_hour(match: re.Match[str]) -> dt.time | None:
    hour, minute = _AR_HOURS[match["h"]], 0
    if fraction := match["f"]:
        if "نصف" in fraction:
            minute = 30
        elif fraction.startswith("الا"):
            hour, minute = hour - 1, 45
        elif "ربع" in fraction:
            minute = 15
        else:
            minute = parse_ar(fraction.removeprefix("و").removesuffix("دقيقه").strip()) or 0
    return _time(hour, minute, match["s"] or "")


def _time(hour: int, minute: int, side: str) -> dt.time | None:
    if side.startswith(_AFTERNOON) and 1 <= hour < 12:
        hour += 12
    elif side.startswith(("a", "صباحا")) and hour == 12:
        hour = 0
    return dt.time(hour, minute) if hour < 24 and minute < 60 else None


def _zone_after(text: str, end: int) -> tuple[dt.tzinfo | None, int]:
    match = _ZONE.match(text, end)
    if match is None:
        return None, end
    return _zone_named(match["z"]), match.end()


def _zone_named(name: str) -> dt.tzinfo:
    if name in {"gmt", "utc"}:
        return dt.UTC
    if name.startswith("gmt"):
        return dt.timezone(dt.timedelta(hours=1))
    return ZoneInfo(_NAMED_ZONES.get(name, "Africa/Casablanca"))
