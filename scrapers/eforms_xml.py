"""Small readers for eForms notices (UBL 2.3 with the EU's extensions): children, texts, amounts, times.

A field that the buyer keeps back until later stands in the notice as a mask ("unpublished", -1, 1970-01-01): such a
value is unknown. Reference: https://docs.ted.europa.eu/eforms/latest/schema/ .
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import TypeAlias

from lxml import etree

from scrapers.markup import text_of
from scrapers.normalise import parse_iso, to_instant
from scrapers.ted_codes import language_code

Element: TypeAlias = etree._Element  # noqa: SLF001 - lxml has no public name for it

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CAC, _CBC = f"{{{UBL}CommonAggregateComponents-2}}", f"{{{UBL}CommonBasicComponents-2}}"
_EXT = f"{{{UBL}CommonExtensionComponents-2}}"
_EFORMS = "{http://data.europa.eu/p27/eforms-"
_PREFIXES = {
    "cac": _CAC,
    "cbc": _CBC,
    "ext": _EXT,
    "efac": f"{_EFORMS}ubl-extension-aggregate-components/1}}",
    "efbc": f"{_EFORMS}ubl-extension-basic-components/1}}",
    "efext": f"{_EFORMS}ubl-extensions/1}}",
}
_MASKED_TEXT, _MASKED_DAY = "unpublished", "1970-01-01"
_AMOUNT = re.compile(r"(-)?\+?(\d{1,16}(?:\.\d{0,20})?)", re.ASCII)
_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?\s*", re.ASCII)
_TIME = re.compile(r"\s*(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?\s*", re.ASCII)


@lru_cache(maxsize=512)
def tag(name: str) -> str:
    """The full name of an element written with its usual prefix ("cbc:ID")."""
    prefix, _, local = name.partition(":")
    return _PREFIXES[prefix] + local


def first(node: Element | None, *path: str) -> Element | None:
    """The first element down a path of children."""
    for name in path:
        if node is None:
            return None
        node = next(node.iterchildren(tag(name)), None)
    return node


def each(node: Element | None, *path: str) -> Iterator[Element]:
    """Every element down a path of children."""
    if node is None:
        return
    for child in node.iterchildren(tag(path[0])):
        if len(path) == 1:
            yield child
        else:
            yield from each(child, *path[1:])


def extension(node: Element | None) -> Element | None:
    """The EU's extension of an element."""
    parts = each(node, "ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent", "efext:EformsExtension")
    return next(parts, None)


def said(node: Element | None) -> str | None:
    """The text of an element, its line breaks kept; None where there is none, or where it is kept back."""
    if node is None:
        return None
    text = (node.text or "") if len(node) == 0 else text_of(node)
    text = text.strip()
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text if text and text != _MASKED_TEXT else None


def value(node: Element | None, *path: str) -> str | None:
    """The text down a path."""
    return said(first(node, *path))


def values(node: Element | None, *path: str) -> list[str]:
    """The different texts down a path, in their order."""
    return list(dict.fromkeys(text for one in each(node, *path) if (text := said(one))))


def coded(nodes: Iterator[Element], list_name: str) -> Iterator[str]:
    """The codes of a list among elements that hold codes of several."""
    for node in nodes:
        if node.get("listName") == list_name and (code := said(node)):
            yield code


def flag(node: Element | None, *path: str) -> bool | None:
    """An indicator: true, false or unknown."""
    return {"true": True, "1": True, "false": False, "0": False}.get(value(node, *path) or "")


def in_languages(nodes: Iterator[Element]) -> dict[str, str]:
    """A text in its languages; one whose language is not told stands under ""."""
    found: dict[str, str] = {}
    for node in nodes:
        if text := said(node):
            found.setdefault(language_code(node.get("languageID")) or "", text)
    return found


def chosen(texts: dict[str, str], languages: Sequence[str]) -> str | None:
    """The text in the first of these languages that has one, else the first that was written."""
    for language in languages:
        if language in texts:
            return texts[language]
    return next(iter(texts.values()), None)


@dataclass(slots=True)
class Reading:
    """What reading one notice needs throughout: where it was written, in which languages, and what could not be read.

    ``zone`` is the buyer's, for times that lack their offset; ``languages`` are the official ones.
    """

    languages: list[str] = field(default_factory=list)
    zone: dt.tzinfo | None = None
    unreadable: list[str] = field(default_factory=list)

    def note(self, what: str, written: str, why: str) -> None:
        """Remember what could not be read."""
        self.unreadable.append(f"{what}: {written[:40]!r} {why}")

    def money(self, node: Element | None, what: str) -> dict[str, str] | None:
        """An amount and its currency; zero and less are unknown."""
        if node is None or not (written := (node.text or "").strip()):
            return None
        currency = (node.get("currencyID") or node.get("CURRENCY") or "").strip().upper()
        return self.amount(written, currency, what)

    def amount(self, written: str, currency: str, what: str) -> dict[str, str] | None:
        """An amount written with a point; what is none is noted."""
        found = _AMOUNT.fullmatch(written)
        number = round(Decimal(found[2]), 4) if found else Decimal(0)
        if found and (found[1] or number == 0):
            return None
        if found is None or not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
            self.note(what, f"{written} {currency}", "is not an amount of money")
            return None
        return {"amount": f"{number.normalize():f}", "currency": currency}

    def moment(self, what: str, day: str | None, time: str | None) -> dict[str, str]:
        """The fields of a time whose day and hour are written apart, each with its own offset.

        The offset of the hour counts, then that of the day, then the buyer's zone. A day alone is its last second.
        """
        if not day or day.startswith(_MASKED_DAY):
            return {}
        written = f"{day} {time}" if time else day
        date, clock = _DAY.fullmatch(day), _TIME.fullmatch(time or "")
        try:
            if date is None or (time and clock is None):
                raise ValueError("is not a date with a time of day")  # noqa: TRY301 - noted like every other fault
            offset = (clock and clock[2]) or date[2] or ""
            when = parse_iso(f"{date[1]}T{clock[1] if clock else '23:59:59'}{offset}")
            assert isinstance(when, dt.datetime)
            instant, basis = to_instant(when, self.zone, "end")
        except ValueError as error:
            self.note(what, written, str(error))
            return {}
        return {
            what: instant.isoformat(),
            f"{what}_basis": basis if clock else "day",
            f"{what}_text": written,
        }

    def day(self, written: str | None) -> str | None:
        """A day without its offset; None where it is none, or kept back."""
        found = _DAY.fullmatch(written or "")
        if found is None or found[1] == _MASKED_DAY:
            return None
        try:
            return str(parse_iso(found[1]))
        except ValueError:
            return None
