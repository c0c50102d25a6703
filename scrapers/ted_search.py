"""The Search API of TED (version 3): what is asked, what a page lists, and what it tells of a notice.

A page is a list of notices with the fields that were asked for. Arrays of lots are not aligned with one another, so
that lots and their deadlines are taken from the notice's XML; a row alone says less.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from scrapers.eforms_notice import SITE
from scrapers.eforms_xml import Reading, chosen
from scrapers.errors import RecordRejected, SourceChanged, SourceUnavailable
from scrapers.paged import Page
from scrapers.ted_codes import FORMS, STATUSES, as_delta, country_code, language_code

FIELDS = ("publication-number", "notice-identifier", "publication-date", "notice-type", "title-proc", "buyer-name",
          "buyer-country", "place-of-performance", "classification-cpv")  # fmt: skip
"""Names that are known to exist: one that does not fails the whole request."""
_NUMBER = re.compile(r"\d{1,8}-\d{4}", re.ASCII)
_STEPS = ("expressions", "request", "tender")
Row = Mapping[str, object]


def search_body(query: str, since: dt.datetime, until: dt.datetime, token: str | None, size: int) -> bytes:
    """A request for what was published from one day to another, both included.

    A date in another form than YYYYMMDD would find nothing, without an error.
    """
    window = f"PD = ({since:%Y%m%d} <> {until:%Y%m%d})"
    asked: dict[str, object] = {
        "query": f"({query}) AND {window} SORT BY publication-date DESC" if query else window,
        "fields": FIELDS,
        "limit": size,
        "scope": "ALL",
        "checkQuerySyntax": False,
        "paginationMode": "ITERATION",
        "onlyLatestVersions": False,
    }
    if token:
        asked["iterationNextToken"] = token
    return orjson.dumps(asked)


def rows_of(document: object) -> list[Row]:
    """The notices of an answer. Raises SourceChanged where it is none, or lists something without its number."""
    rows = document.get("notices") if isinstance(document, dict) else None
    if not isinstance(rows, list):
        message = document.get("message") if isinstance(document, dict) else None
        raise SourceChanged(f"the answer lists no notices ({str(message)[:300] if message else 'and says no reason'})")
    for row in rows:
        if not isinstance(row, dict) or not _NUMBER.fullmatch(str(row.get("publication-number"))):
            raise SourceChanged("a notice without its publication number is listed")
    return rows


def row_ref(row: Row) -> str:
    """The publication number ("619675-2026"): no two notices share one, and no notice changes under it."""
    return str(row["publication-number"])


def row_order(row: Row) -> tuple[int, int]:
    """By age: of two versions of a call the later one is to be read last."""
    number, _, year = row_ref(row).partition("-")
    return int(year), int(number)


def row_mark(row: Row) -> str:
    """What is remembered of a notice that was read."""
    return str(row.get("notice-identifier") or row_ref(row))


def listed(document: object) -> Page:
    """What an answer lists, and how many notices the whole has. Raises SourceUnavailable for a page cut by time."""
    rows = rows_of(document)
    assert isinstance(document, dict)
    if document.get("timedOut") not in (False, None):  # no set: anything may stand there, a list too
        raise SourceUnavailable("the search ran out of time: its page is not whole")
    total = document.get("totalNoticeCount")
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise SourceChanged("the answer does not tell how many notices there are")
    if total == 0 and rows:
        raise SourceChanged("the answer lists notices and tells that there are none")
    return Page(refs=tuple(map(row_ref, rows)), total=total)


@dataclass(frozen=True, slots=True)
class Iteration:
    """Tokens that never end: the last page is the one by which the total is reached, or an empty one.

    Our own token is the number of notices so far and the interface's.
    """

    def after(self, document: object, page: Page, token: str | None, size: int) -> str | None:  # noqa: ARG002
        """The token of the next page. Raises SourceChanged where one is missing before the total is reached."""
        so_far = int((token or "0").partition(":")[0]) + page.size
        if page.size == 0 or (page.total is not None and so_far >= page.total):
            return None
        following = document.get("iterationNextToken") if isinstance(document, dict) else None
        if not isinstance(following, str) or not following:
            raise SourceChanged(f"{so_far} of {page.total} notices are listed, and no token leads on")
        return f"{so_far}:{following}"


def row_fields(row: Row) -> dict[str, object]:
    """The fields of a tender as far as the search tells them. Raises RecordRejected."""
    number = row_ref(row)
    kind = str(row.get("notice-type") or "")
    if kind not in FORMS:
        raise RecordRejected("ted.unknown_type", f"{number}: {kind[:40]!r} is no type of notice that is known here")
    languages = [code for one in _texts(row.get("official-language")) if (code := language_code(one))]
    titles = _in_languages(row.get("title-proc"))
    title = chosen(titles, languages) or chosen(_in_languages(row.get("notice-title")), [*languages, "en"])
    if title is None:
        raise RecordRejected("ted.no_title", f"{number} has no title")
    reading = Reading(languages=languages)
    lands = [country_code(code) for code in _texts(row.get("place-of-performance")) if len(code) == 3]
    buyer_country = next((country_code(code) for code in _texts(row.get("buyer-country"))), None)
    buyer = chosen(_in_languages(row.get("buyer-name")), languages)
    fields: dict[str, object] = {
        "id": number,
        "publication_number": number,
        "title": " ".join(title.split())[:10_000],
        "titles": titles if len(titles) > 1 else None,
        "description": chosen(_in_languages(row.get("description-proc")), languages),
        "buyer": {"name": buyer[:500]} if buyer else None,
        "buyer_country": buyer_country,
        "country": next(filter(None, lands), None) or buyer_country,
        "sector": "public",
        "procedure": next(iter(_texts(row.get("procedure-type"))), "")[:500],
        "cpv": [code for code in dict.fromkeys(_texts(row.get("classification-cpv"))) if re.fullmatch(r"\d{8}", code)],
        "value": _value(row, reading),
        "published": next(iter(_texts(row.get("publication-date"))), None),
        **_deadline(row, reading),
        "language": languages[0] if languages else next(iter(titles), None) if len(titles) == 1 else None,
        "url": SITE + number,
        "notice_type": kind,
        "form_type": FORMS[kind],
        "status": STATUSES.get(FORMS[kind]),
        "unreadable": reading.unreadable,
    }
    told = {name: found for name, found in fields.items() if found not in (None, "", [], {})}
    return {**told, "delta": True} if FORMS[kind] in STATUSES else as_delta(told)


def _texts(found: object) -> list[str]:
    """One text or several; numbers and other things are none."""
    several: Sequence[object] = found if isinstance(found, list) else [found]
    return [one.strip() for one in several if isinstance(one, str) and one.strip()]


def _in_languages(found: object) -> dict[str, str]:
    """{"fra": "text"} or {"fra": ["text"]}."""
    if not isinstance(found, dict):
        return {}
    told = {language_code(str(code)): _texts(texts) for code, texts in found.items()}
    return {code: texts[0] for code, texts in told.items() if code and texts}


def _value(row: Row, reading: Reading) -> dict[str, str] | None:
    written, currency = row.get("estimated-value-proc"), _texts(row.get("estimated-value-cur-proc"))
    amount = str(written) if isinstance(written, int | float) and not isinstance(written, bool) else _texts(written)
    told = amount if isinstance(amount, str) else next(iter(amount), None)
    return reading.amount(told, currency[0].upper() if currency else "", "value") if told else None


def _deadline(row: Row, reading: Reading) -> dict[str, str]:
    """The deadline of the first step, where all lots share it: days and hours of several lots cannot be paired."""
    for step in _STEPS:
        days = set(_texts(row.get(f"deadline-receipt-{step}-date-lot")))
        times = set(_texts(row.get(f"deadline-receipt-{step}-time-lot")))
        if len(days) == 1 and len(times) < 2:
            return reading.moment("deadline", days.pop(), next(iter(times), None))
        if days:
            reading.note("deadline", ", ".join(sorted(days)), "are those of several lots")
            return {}
    return {}
