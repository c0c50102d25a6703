"""Sentences in Arabic, French and English, made from stable keys and facts.

The catalogues are the gettext files in ``app/locale/``, read once. A key is an identifier (``problem.not-found.title``,
``reason.cpv.shared``), never an English sentence, so that a correction of the English changes nothing else.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeAlias, cast, get_args
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers
from babel.messages.pofile import read_po

Lang: TypeAlias = Literal["ar", "fr", "en"]
Fact: TypeAlias = "str | int | float | bool | Decimal | dt.date | dt.datetime | None"

LANGS: tuple[Lang, ...] = get_args(Lang)
DEFAULT_LANG: Lang = "en"
MOROCCO = ZoneInfo("Africa/Casablanca")
COMMAS: Mapping[Lang, str] = MappingProxyType({"ar": "، ", "fr": ", ", "en": ", "})
COLONS: Mapping[Lang, str] = MappingProxyType({"ar": ": ", "fr": "\N{NO-BREAK SPACE}: ", "en": ": "})
"""What stands between words that are put together outside the catalogues, as each language sets it."""
HOME_CURRENCY: Final = "MAD"
"""What an amount is in where nothing else is said."""

_LOCALES: Mapping[Lang, Locale] = MappingProxyType(
    {"ar": Locale("ar", "MA"), "fr": Locale("fr", "MA"), "en": Locale("en", "GB")}
)
_PHRASES_KEPT = 4_096
"""Counts and days as they are written: the same few stand hundreds of times on a page."""
_LOCALE_DIR = Path(__file__).resolve().parent.parent / "locale"
_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*[qQ]=([01](?:\.\d{0,3})?)\s*)?")
_MAX_HEADER_CHARS = 500


# The order in which a catalogue's ``msgstr[n]`` stand, in the words of the CLDR.
_PLURAL_FORMS: Mapping[Lang, tuple[str, ...]] = MappingProxyType(
    {"ar": ("zero", "one", "two", "few", "many", "other"), "fr": ("one", "other"), "en": ("one", "other")}
)


class CatalogueError(Exception):
    """A catalogue of this installation can't be used."""


@functools.cache
def _messages(lang: Lang) -> Mapping[str, str | tuple[str, ...]]:
    """Every key of a language, from all the files of its folder: each part of the house keeps its own."""
    found: dict[str, str | tuple[str, ...]] = {}
    for path in sorted((_LOCALE_DIR / lang / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            messages = read_po(file, locale=lang, abort_invalid=True)
        for message in messages:
            if not message.id:
                continue
            key = message.id if isinstance(message.id, str) else message.id[0]
            if key in found:
                raise CatalogueError(f"{lang}: {key} stands in two files, {path.name} is the second")
            found[key] = message.string if isinstance(message.string, str) else tuple(message.string or ())
    return MappingProxyType(found)


@functools.cache
def catalogue(lang: Lang) -> Mapping[str, str]:
    """Every key of a language with its sentence, but those that depend on a count."""
    return MappingProxyType({key: said for key, said in _messages(lang).items() if isinstance(said, str)})


@functools.cache
def counted(lang: Lang) -> Mapping[str, tuple[str, ...]]:
    """Every key whose sentence depends on a count, with its forms in the order of the language's plurals."""
    return MappingProxyType({key: said for key, said in _messages(lang).items() if not isinstance(said, str)})


def translate_count(key: str, lang: Lang, count: int, /, **facts: Fact) -> str:
    """The sentence of a key for so many things: its fact ``count``, beside others.

    In a catalogue such a key has a ``msgid_plural`` (the same again) and as many ``msgstr[n]`` as the language has
    forms; in Arabic six: zero, one, two, few, many, other. A key that is in no catalogue comes back as itself.
    """
    forms = counted(lang).get(key)
    if forms is None:
        return key
    return _filled(forms[_plural(count, lang)], lang, {**facts, "count": count})


@functools.lru_cache(maxsize=_PHRASES_KEPT)
def _plural(count: int, lang: Lang) -> int:
    named = str(_LOCALES[lang].plural_form(count))
    known = _PLURAL_FORMS[lang]
    return known.index(named) if named in known else -1


def placeholders(sentence: str) -> frozenset[str]:
    """The names in braces of a sentence."""
    return frozenset(_PLACEHOLDER.findall(sentence))


def has_message(key: str) -> bool:
    """Whether the catalogues know this key."""
    return key in catalogue(DEFAULT_LANG)


def translate(key: str, lang: Lang, /, **facts: Fact) -> str:
    """The sentence of a key, its facts written as the language writes them.

    A key that is in no catalogue comes back as itself: a reader sees the code rather than an error page. A fact that
    is missing or ``None`` shows as an ellipsis.
    """
    sentence = catalogue(lang).get(key)
    if sentence is None:
        return key
    return _filled(sentence, lang, facts)


def _filled(sentence: str, lang: Lang, facts: Mapping[str, Fact]) -> str:
    if "{" not in sentence:
        return sentence
    return _PLACEHOLDER.sub(lambda found: format_fact(facts.get(found.group(1)), lang), sentence)


def say_reason(code: str, term: str | None, facts: Mapping[str, Fact], lang: Lang) -> str:
    """The sentence of a reason's code. A concept or a CPV code is named in the reader's language (its fact
    ``label_<lang>``); what was learned from feedback is said to be (facts ``tender_learned`` and ``startup_learned``).
    """
    named = {**facts, "term": facts.get(f"label_{lang}") or term}
    sentence = translate(f"reason.{code}", lang, **named)
    if code == "cpv.shared" and named["term"] != term:
        sentence = f"{sentence} ({named['term']})"
    learned = facts.get("startup_learned") or facts.get("tender_learned")
    return f"{sentence} ({translate(f'reason.learned.{learned}', lang)})" if learned else sentence


def negotiate(accept_language: str | None) -> Lang:
    """The best of our languages for an ``Accept-Language`` header (RFC 9110), by its primary subtags."""
    best: tuple[float, Lang] = (0.0, DEFAULT_LANG)
    for part in (accept_language or "")[:_MAX_HEADER_CHARS].split(","):
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        primary = found.group(1).partition("-")[0].lower()
        quality = float(found.group(2) or 1)
        lang = DEFAULT_LANG if primary == "*" else primary
        if lang in LANGS and quality > best[0]:
            best = (quality, cast("Lang", lang))
    return best[1]


def format_fact(value: Fact, lang: Lang) -> str:
    """A fact as text: numbers and dates by locale (Latin digits in Arabic, as in Morocco), anything else as it is."""
    match value:
        case None:
            return "…"
        case bool():
            return translate(f"word.{'yes' if value else 'no'}", lang)
        case int() | float() | Decimal():
            return format_number(value, lang)
        case dt.datetime():
            return format_instant(value, lang)
        case dt.date():
            return format_date(value, lang)
        case str():
            return value


def format_number(value: float | Decimal, lang: Lang) -> str:
    """A number with the separators of the language and at most two decimals."""
    return _count(value, lang) if type(value) is int else _decimal(value, lang)


@functools.lru_cache(maxsize=_PHRASES_KEPT)
def _count(value: int, lang: Lang) -> str:
    return _decimal(value, lang)


def _decimal(value: float | Decimal, lang: Lang) -> str:
    return str(numbers.format_decimal(value, format="#,##0.##", locale=_LOCALES[lang], numbering_system="latn"))


def format_percent(share: float, lang: Lang) -> str:
    """A share of 1 as a whole percentage."""
    return str(numbers.format_percent(share, locale=_LOCALES[lang], numbering_system="latn"))


def format_money(amount: Decimal, currency: str, lang: Lang) -> str:
    """An amount and its currency; the Moroccan dirham by its name in Arabic, others by their ISO 4217 code."""
    pattern = "#,##0" if amount == amount.to_integral_value() else "#,##0.00"
    number = str(numbers.format_decimal(amount, format=pattern, locale=_LOCALES[lang], numbering_system="latn"))
    if lang == "en":
        return f"{currency}\N{NO-BREAK SPACE}{number}"
    unit = "درهم" if (lang, currency) == ("ar", "MAD") else currency
    return f"{number}\N{NO-BREAK SPACE}{unit}"


def listed(words: Iterable[str], lang: Lang) -> str:
    """Words one after another, with the comma of the language between them."""
    return COMMAS[lang].join(words)


def either(words: Sequence[str], lang: Lang) -> str:
    """Words of which any one will do, with the language's "or" before the last."""
    return str(lists.format_list(list(words), style="or", locale=_LOCALES[lang]))


@functools.lru_cache(maxsize=_PHRASES_KEPT)
def format_date(day: dt.date, lang: Lang) -> str:
    """A day in full, with the month names used in Morocco; in French the first of a month is "1er"."""
    told = str(dates.format_date(day, "long", locale=_LOCALES[lang]))
    return f"1er{told[1:]}" if lang == "fr" and day.day == 1 else told


def format_instant(instant: dt.datetime, lang: Lang, zone: ZoneInfo = MOROCCO) -> str:
    """A day and a time of day in a zone; ``instant`` must be timezone-aware."""
    local = instant.astimezone(zone)
    return f"{format_date(local.date(), lang)} {local:%H:%M}"
