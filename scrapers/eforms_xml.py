"""Small readers for eForms notices (UBL 2.3 with the EU's extensions): children, texts, amounts, times.

A field that the buyer keeps back until later stands in the notice as a mask ("unpublished", -1, 1970-01-01): such a
value is unknown. Reference: https://docs.ted.europa.eu/eforms/latest/schema/ .
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from lxml import etree

from scrapers.markup import text_of
from scrapers.normalise import parse_iso, to_instant
from scrapers.ted_codes import language_code

UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_EFORMS = "http://data.europa.eu/p27/eforms-ubl-extension"
_PREFIXES = {
    f"{UBL}CommonAggregateComponents-2": "cac:",
    f"{UBL}CommonBasicComponents-2": "cbc:",
    f"{UBL}CommonExtensionComponents-2": "ext:",
    f"{_EFORMS}-aggregate-components/1": "efac:",
    f"{_EFORMS}-basic-components/1": "efbc:",
    f"{_EFORMS}s/1": "efext:",
}
_UNREAD = frozenset({
    "cac:AwardingTerms", "cac:AppealTerms", "cac:PostAwardProcess", "cac:Contact", "cac:AuctionTerms",
    "cac:OpenTenderEvent", "cac:ContractExtension", "efac:SelectionCriteria", "efac:UltimateBeneficialOwner",
    "efac:AppealRequestsStatistics", "efac:SubcontractingTerm", "efac:FieldsPrivacy",
})  # fmt: skip
"""What no record holds, contact persons and owners among it: it is not even looked at."""
_MASKED_TEXT, _MASKED_DAY = "unpublished", "1970-01-01"
_AMOUNT = re.compile(r"(-)?\+?(\d{1,16}(?:\.\d{0,20})?)", re.ASCII)
_DAY = re.compile(r"\s*(\d{4}-\d{2}-\d{2})(Z|[+-]\d{2}:\d{2})?\s*", re.ASCII)
_TIME = re.compile(r"\s*(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:\d{2})?\s*", re.ASCII)


class Written(Protocol):
    """An element, as far as an amount needs it."""

    @property
    def text(self) -> str | None:
        """What stands in it, before any child."""

    def get(self, key: str, /) -> str | None:
        """An attribute."""


class Node:
    """An element with its children by name: each of them is looked for several times."""

    __slots__ = ("_element", "kids")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self.kids: dict[str, list[Node]] = {}

    @property
    def text(self) -> str | None:
        """What stands in the element; comments do not end it."""
        return text_of(self._element) if len(self._element) else self._element.text

    def get(self, key: str, /) -> str | None:
        """An attribute."""
        return self._element.get(key)


@lru_cache(maxsize=2_048)
def _short(name: str) -> str:
    """The name of an element with its usual prefix ("cbc:ID"), whatever prefix the document uses."""
    namespace, _, local = name[1:].partition("}")
    return _PREFIXES.get(namespace, f"{namespace} ") + local


def outline(root: etree._Element) -> Node:
    """The document by names, in one pass."""
    top = Node(root)
    stack = [top]
    walker = etree.iterwalk(root, events=("start", "end"))
    next(walker)
    for event, element in walker:
        if event == "end":
            stack.pop()
            continue
        name = _short(element.tag)
        node = Node(element)
        stack[-1].kids.setdefault(name, []).append(node)
        stack.append(node)
        if name in _UNREAD:
            walker.skip_subtree()
    return top


def first(node: Node | None, *path: str) -> Node | None:
    """The first element down a path of children."""
    for name in path:
        if node is None or not (found := node.kids.get(name)):
            return None
        node = found[0]
    return node


def each(node: Node | None, *path: str) -> list[Node]:
    """Every element down a path of children."""
    found = [node] if node is not None else []
    for name in path:
        if len(found) == 1:
            found = found[0].kids.get(name, [])
        else:
            found = [child for one in found for child in one.kids.get(name, ())]
    return found


def extension(node: Node | None) -> Node | None:
    """The EU's extension of an element."""
    parts = each(node, "ext:UBLExtensions", "ext:UBLExtension", "ext:ExtensionContent", "efext:EformsExtension")
    return parts[0] if parts else None


def said(node: Node | None) -> str | None:
    """The text of an element, its line breaks kept; None where there is none, or where it is kept back."""
    if node is None or not (text := node.text) or not (text := text.strip()) or text == _MASKED_TEXT:
        return None
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def value(node: Node | None, *path: str) -> str | None:
    """The text down a path."""
    return said(first(node, *path))


def values(node: Node | None, *path: str) -> list[str]:
    """The different texts down a path, in their order."""
    return list(dict.fromkeys(text for one in each(node, *path) if (text := said(one))))


def coded(nodes: Iterable[Node], list_name: str) -> Iterator[str]:
    """The codes of a list among elements that hold codes of several."""
    for node in nodes:
        if node.get("listName") == list_name and (code := said(node)):
            yield code


def flag(node: Node | None, *path: str) -> bool | None:
    """An indicator: true, false or unknown."""
    return {"true": True, "1": True, "false": False, "0": False}.get(value(node, *path) or "")


def in_languages(nodes: Iterable[Node]) -> dict[str, str]:
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

    def money(self, node: Written | None, what: str) -> dict[str, str] | None:
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
