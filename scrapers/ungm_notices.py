"""Rows of UNGM's search answers."""

from __future__ import annotations

from collections.abc import Sequence

from lxml import etree

from scrapers.base import Fields
from scrapers.english_dates import english_day, english_stamp
from scrapers.errors import RecordRejected, SourceChanged, SourceMisconfigured
from scrapers.listing import ListPage, Row
from scrapers.markup import elements, parse_html, text_of, values
from scrapers.normalise import country_code

_ROW = "//div[@data-noticeid][contains(concat(' ', @class, ' '), ' dataRow ')]"
_CELLS = ("published", "agency", "kind", "reference", "country")
"""The cells behind the deadline's, in their order; only title, deadline and agency have names of their own."""


def rows(body: bytes) -> list[etree._Element]:
    """The rows of an answer. Raises SourceChanged for a whole page, or a text, in place of an answer without rows."""
    if not body.strip():
        return []
    root = parse_html(b"<div>" + body + b"</div>", "text/html; charset=utf-8")
    kept = elements(root, _ROW)
    if not kept and (b"<html" in body[:2_000].lower() or text_of(root)):
        raise SourceChanged("the answer holds neither rows nor nothing")
    return kept


def listed(body: bytes) -> ListPage:
    """The rows of an answer as a page of the list."""
    kept = rows(body)
    return ListPage(
        tuple(
            Row(node.get("data-noticeid", ""), etree.tostring(node, with_tail=False), (text_of(node),)) for node in kept
        ),
        total=None,
        last=not kept,
    )


def read(node: etree._Element) -> Fields:
    """A call. Raises RecordRejected where a cell is not where it always is."""
    ref = node.get("data-noticeid", "")
    cells = elements(node, "./*")
    titled = _first(cells, "resultTitle")
    due = _first(cells, "deadline")
    if not (ref.isascii() and ref.isdecimal()) or titled is None or due is None or not text_of(titled):
        raise RecordRejected("ungm.cells", "the row has no number, title or deadline where they always are")
    behind = [text_of(cell) for cell in cells[cells.index(due) + 1 :]]
    told = dict(zip(_CELLS, behind, strict=False))
    agency = _first(cells, "resultAgency")
    if len(behind) < len(_CELLS) or agency is None or text_of(agency) != told["agency"]:
        raise RecordRejected("ungm.cells", "the agency does not stand between publication and type")
    return {
        "id": ref,
        "title": text_of(titled),
        "reference": told["reference"] or None,
        "buyer": {"name": told["agency"]} if told["agency"] else None,
        "procedure": told["kind"] or None,
        "sector": "public",
        "country": _country(told["country"]),
        "place": told["country"] or None,
        "published": _day(told["published"]),
        "status": "active",
        "url": f"https://www.ungm.org/Public/Notice/{ref}",
        "experimental": True,
        **_deadline(text_of(due)),
    }


def token_of(page: bytes) -> str:
    """The token against forged requests that the page of the search holds; empty where it has none."""
    return next(iter(values(parse_html(page), "//input[@name='__RequestVerificationToken']/@value")), "")


def country_ids(page: bytes, names: Sequence[str]) -> list[int]:
    """The site's numbers of countries, by its own list. Raises SourceMisconfigured for a name that is not on it."""
    if not names:
        return []
    options = elements(parse_html(page), "//select[@id='selNoticeCountry']/option")
    numbers = {text_of(node).casefold(): node.get("value", "") for node in options}
    if not numbers:
        raise SourceChanged("the page of the search has no list of countries")
    unknown = [name for name in names if not numbers.get(name.casefold(), "").isdecimal()]
    if unknown:
        raise SourceMisconfigured(f"ungm has no country {unknown[0]!r}")
    return [int(numbers[name.casefold()]) for name in names]


def _first(cells: Sequence[etree._Element], name: str) -> etree._Element | None:
    return next((cell for cell in cells if name in (cell.get("class") or "").split()), None)


def _deadline(written: str) -> dict[str, object]:
    try:
        return {"deadline": english_stamp(written).isoformat(), "deadline_text": written}
    except ValueError as error:
        if day := _day(written):
            return {"deadline": day, "deadline_basis": "day", "deadline_text": written}
        return {"unreadable": [f"deadline: {written[:60]!r} {error}"]} if written else {}


def _day(written: str) -> str | None:
    try:
        return english_day(written).isoformat()
    except ValueError:
        return None


def _country(name: str) -> str | None:
    try:
        return country_code(name) if name else None
    except ValueError:
        return None  # "Multiple destinations"
