"""Templates, and the words, numbers and links that every one of them may use.

In a template: ``t("key", fact=…)`` and ``tn("key", count)`` say a sentence of the catalogues; the filters ``number``,
``percent``, ``money``, ``day``, ``instant``, ``moment``, ``place``, ``language`` and ``listed`` write values as the
reader does, ``comma`` and ``colon`` stand between two; ``outside`` is a stranger's link, if it is one that may be
followed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from fastapi import Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from app.kit import i18n
from app.kit.i18n import Fact, Lang
from app.kit.languages import language_name
from app.tenders.place_names import place_in
from app.web.assets import asset_url
from app.web.navigation import entries_for
from app.web.visitor import Visitor

_TEMPLATES: Final = Path(__file__).resolve().parent / "templates"
_LANGUAGES: Final[Mapping[Lang, str]] = {"ar": "العربية", "fr": "Français", "en": "English"}


def render(template: str, shown: Mapping[str, object]) -> str:
    """The text of a template."""
    return _environment.get_template(template).render(shown)


def words_of(request: Request, visitor: Visitor) -> dict[str, object]:
    """What every template calls by name."""
    lang = visitor.lang

    def t(key: str, **facts: Fact) -> str:
        return i18n.translate(key, lang, **facts)

    def tn(key: str, count: int, **facts: Fact) -> str:
        return i18n.translate_count(key, lang, count, **facts)

    now: dt.datetime = request.state.clock()
    return {
        "t": t,
        "tn": tn,
        "kept": keeper(),
        "lang": lang,
        "comma": i18n.COMMAS[lang],
        "colon": i18n.COLONS[lang],
        "dir": direction(lang),
        "languages": _LANGUAGES,
        "visitor": visitor,
        "who": visitor.who,
        "csrf_token": visitor.csrf_token,
        "path": request.url.path,
        "asked": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "query": request.query_params,
        "asset": asset_url,
        "now": now,
        "done": None,
        "navigation": entries_for(visitor.who, request.url.path),
    }


def keeper() -> Callable[..., str]:
    """What macros make of their arguments on one page, each made once."""
    made: dict[tuple[Hashable, ...], str] = {}

    def kept(macro: Callable[..., str], *given: Hashable) -> str:
        # Equal arguments are not always the same: text that is safe equals text that is still to be escaped.
        key = (macro, given, tuple(map(type, given)))
        if key not in made:
            made[key] = macro(*given)
        return made[key]

    return kept


def direction(lang: Lang) -> str:
    """The direction in which a language is written."""
    return "rtl" if lang == "ar" else "ltr"


def outside(url: str | None) -> str | None:
    """A link of a notice or a profile, if it is one that a reader may follow: http or https, to a host, and plain."""
    if url is None or not url.isprintable() or any(char in url for char in ' <>"\\'):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.hostname and parts.username is None else None


def link(path: str, **query: str | float | bool | None) -> str:
    """A path with those parts of a query that are given."""
    given = {name: str(value) for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(given)}" if given else path


@pass_context
def _number(context: Context, value: float | Decimal | None) -> str:
    return "…" if value is None else i18n.format_number(value, context["lang"])


@pass_context
def _percent(context: Context, share: float | None) -> str:
    return "…" if share is None else i18n.format_percent(share, context["lang"])


@pass_context
def _money(context: Context, amount: Decimal | None, currency: str | None) -> str:
    if not amount or not currency:
        return i18n.translate("web.value-unknown", context["lang"])
    return i18n.format_money(amount, currency, context["lang"])


@pass_context
def _day(context: Context, value: dt.date | dt.datetime | None) -> str:
    if value is None:
        return i18n.translate("web.unknown", context["lang"])
    if isinstance(value, dt.datetime):
        value = value.astimezone(i18n.MOROCCO).date()
    return i18n.format_date(value, context["lang"])


@pass_context
def _instant(context: Context, value: dt.datetime | None) -> str:
    return (
        i18n.translate("web.unknown", context["lang"]) if value is None else i18n.format_instant(value, context["lang"])
    )


@pass_context
def _listed(context: Context, words: Iterable[str], prefix: str = "") -> str:
    """``prefix``: of the keys in the catalogues whose last part the words are."""
    lang = context["lang"]
    return i18n.listed((i18n.translate(prefix + word, lang) if prefix else word for word in words), lang)


@pass_context
def _place(context: Context, value: str) -> str:
    return place_in(value, context["lang"])


@pass_context
def _language(context: Context, code: str) -> str:
    return language_name(code, context["lang"])


def _moment(value: dt.datetime | dt.date) -> str:
    """For the ``datetime`` attribute of ``<time>``."""
    return value.isoformat()


def _environment_of_pages() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number, "percent": _percent, "money": _money, "day": _day, "instant": _instant, "moment": _moment,
        "outside": outside, "place": _place, "language": _language, "listed": _listed,
    }  # fmt: skip
    environment.globals |= {"link": link, "home_currency": i18n.HOME_CURRENCY}
    return environment


_environment = _environment_of_pages()
