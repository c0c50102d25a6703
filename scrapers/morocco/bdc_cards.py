"""The lists of the bons de commande: open calls and published results, a card for each.

Values are read by their label ("Acheteur :"), never by position. A card that lacks what tells it apart from the others
becomes a row that will be rejected; a page whose cards all do is another page.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from zoneinfo import ZoneInfo

from lxml import etree

from scrapers.errors import SourceChanged
from scrapers.listing import ListPage, Row
from scrapers.markup import text_of
from scrapers.normalise import parse_written

ZONE = ZoneInfo("Africa/Casablanca")
UNREADABLE = "unreadable:"
RESULT = "resultat:"
_COUNT = re.compile(r"nombre de resultats? ?: ?(\d[\d ]*)$")
_SHOWN = re.compile(r"/bdc/entreprise/consultation/show/(\d{1,12})(?![\w-])", re.ASCII)
_DAY = re.compile(r"\d{1,2}/\d{1,2}/\d{4}", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}[:hH]\d{2}", re.ASCII)
_BLANKS = re.compile(r"[ \t\r\n]+")
_LONGEST_LABEL = 60
_INLINE = frozenset({"a", "abbr", "b", "em", "font", "i", "label", "small", "span", "strong", "u"})
_CARD_LABELS = frozenset({
    "reference", "objet", "acheteur", "date de publication du resultat", "nombre de devis recus",
    "entreprise attributaire", "montant ttc",
})  # fmt: skip
PAGE_SIZE = 50


@lru_cache(maxsize=4_096)
def folded(text: str) -> str:
    """A label without case, accents and kinds of apostrophe."""
    plain = unicodedata.normalize("NFKD", text_of(text).replace("’", "'")).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))


def of_class(node: etree._Element, name: str) -> list[etree._Element]:
    """The elements below ``node`` that have a class."""
    return [
        one
        for one in node.iterdescendants("*")
        if name in (classes := one.get("class") or "") and name in _BLANKS.split(classes)
    ]


def count_of(tree: etree._Element) -> int:
    """What the page says it has found. Raises SourceChanged where it says nothing: that is never an empty list."""
    for node in of_class(tree, "content__resultat"):
        if found := _COUNT.search(folded(text_of(node))):
            return int(found[1].replace(" ", "")[:9])
    raise SourceChanged("the list has no counter")


def cards_of(tree: etree._Element) -> list[etree._Element]:
    """The cards of a list."""
    return of_class(tree, "entreprise__card")


def counted_cards(tree: etree._Element, number: int = 1) -> tuple[int, list[etree._Element]]:
    """What a page counts, and its cards. Raises SourceChanged where it counts some that it does not show."""
    total, cards = count_of(tree), cards_of(tree)
    if not cards and total > (number - 1) * PAGE_SIZE:
        raise SourceChanged(f"page {number} has no cards, although the list counts {total} notices")
    return total, cards


def list_page(tree: etree._Element, number: int, *, results: bool) -> ListPage:
    """A page of either list. ``number``: the page that was asked for. Raises SourceChanged."""
    total, cards = counted_cards(tree, number)
    rows = tuple(result_row(card) if results else call_row(card) for card in cards)
    if rows and all(row.ref.startswith(UNREADABLE) for row in rows):
        raise SourceChanged("no card of the page can be told from the others")
    more = any(folded(text_of(link)).startswith("suivant") for link in tree.iter("a") if link.get("href"))
    return ListPage(rows, total, last=not more or not cards or number * PAGE_SIZE >= total + PAGE_SIZE)


def call_row(card: etree._Element) -> Row:
    """The row of an open call: its native id, and all that the card says."""
    fields = call_card(card)
    facts = tuple(fields.get(name, "") for name in ("title", "reference", "buyer", "deadline", "place", "status"))
    snippet = etree.tostring(card, encoding="utf-8", with_tail=False)
    return Row(call_id(card) or UNREADABLE + hashlib.sha256(snippet).hexdigest()[:32], snippet, facts)


def call_id(card: etree._Element) -> str | None:
    """The native id of an open call; None where the card links to no call, or to several."""
    ids = {found[1] for link in card.iter("a") if (found := _SHOWN.search(link.get("href") or ""))}
    return ids.pop() if len(ids) == 1 else None


def result_row(card: etree._Element) -> Row:
    """The row of a result, which has neither id nor link: reference, buyer and the minute it was published."""
    said = labelled(card)
    snippet = etree.tostring(card, encoding="utf-8", with_tail=False)
    key = result_key(said)
    facts = (*(f"{name}={said[name]}" for name in sorted(said)), str(is_unsuccessful(card)))
    ref = RESULT + key if key else UNREADABLE + hashlib.sha256(snippet).hexdigest()[:32]
    return Row(ref, snippet, facts, {"published": said.get("date de publication du resultat", "")})


def call_card(card: etree._Element) -> dict[str, str]:
    """What the card of an open call says, as it is written there."""
    said = labelled(card)
    fields = {"reference": said.get("reference", ""), "buyer": said.get("acheteur", ""), "title": said.get("objet", "")}
    for right in of_class(card, "entreprise__rightSubCard--top")[:1]:
        texts = [text_of(span) for span in right.iter("span")]
        day = next((text for text in texts if _DAY.fullmatch(text)), "")
        clock = next((text for text in texts if _CLOCK.fullmatch(text)), "")
        whole = [text_of(node.get("data-bs-title") or "") for node in right.iter("span") if node.get("data-bs-title")]
        fields["deadline"] = f"{day} {clock}".strip() if day else ""
        fields["place"] = next(iter(whole), "") or next((t for t in texts[2:] if t not in {day, clock}), "")
    fields["status"] = next((text_of(badge) for badge in of_class(card, "badge")), "")
    return {name: value for name, value in fields.items() if value}


def labelled(node: etree._Element) -> dict[str, str]:
    """Values by their folded label, where both stand in one line of the page ("Montant TTC : 15 600,00 MAD").

    The innermost element that says both wins over those around it, and the first of several over the others.
    """
    found: dict[str, tuple[etree._Element, str]] = {}
    for element in node.iter(etree.Element):
        label, colon, value = _line(element).partition(":")
        if not colon or len(label) > _LONGEST_LABEL or not value.strip():
            continue
        name = folded(label)
        if name not in _CARD_LABELS:
            continue
        if name not in found or found[name][0] in element.iterancestors():
            found[name] = (element, text_of(_whole(element, value)))
    return {name: value for name, (_, value) in found.items()}


def _whole(element: etree._Element, value: str) -> str:
    """The text that a tooltip holds where the line shows only the beginning of it."""
    shown = text_of(value)
    told = text_of(element.get("data-bs-title") or "")
    stem = shown.rstrip(".… ")
    return told if len(told) > len(shown) and stem and told.startswith(stem) else shown


def _line(element: etree._Element) -> str:
    """The text of an element up to its first block: an unclosed block swallows what follows it."""
    said = [element.text or ""]
    for child in element:
        if child.tag in _INLINE:
            said.append(_line(child))
        elif isinstance(child.tag, str):  # that of a comment is a function
            break
        said.append(child.tail or "")
    return "".join(said)


def is_unsuccessful(card: etree._Element) -> bool:
    """Whether a result says that nobody won; a title that holds the word does not say so."""
    lines = (_line(element) for element in card.iter(etree.Element))
    return any(
        folded(line).rstrip(" .") == "avis d'achat infructueux" for line in lines if len(line) <= 2 * _LONGEST_LABEL
    )


def result_key(said: Mapping[str, str]) -> str | None:
    """The identity of a result; None where a part of it is missing."""
    minute = said.get("date de publication du resultat", "")
    parts = (said.get("reference", ""), said.get("acheteur", ""), minute)
    if not all(parts) or published_at(minute) is None:
        return None
    return hashlib.sha256("\x1f".join(folded(part) for part in parts).encode()).hexdigest()[:32]


def published_at(written: str) -> dt.datetime | None:
    """When a result was published; None where that cannot be read."""
    try:
        when = parse_written(written)
    except ValueError:
        return None
    return when.replace(tzinfo=ZONE) if isinstance(when, dt.datetime) and when.tzinfo is None else None


def newest_first(times: Iterable[dt.datetime]) -> bool:
    """Whether none is later than the one before it."""
    return all(after <= before for before, after in itertools.pairwise(times))
