"""Bons de commande as records: a call from its card and its page, an award from its card alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Protocol

from lxml import etree

from scrapers.base import Award, Fields, Read, attempted
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.markup import parse_html, text_of
from scrapers.morocco import bdc_cards as cards
from scrapers.morocco.bdc_notice import articles_of, documents_of, heading_of, id_of, notice_of, told
from scrapers.morocco.notation import amount_of, category_of, is_given
from scrapers.normalise import Edge, parse_written
from scrapers.payload import Bundle, Payload

SHOW = "/bdc/entreprise/consultation/show/"
_DAY = re.compile(r"\d{1,2}/(?:0?[1-9]|1[0-2])/20\d\d(?=\s)", re.ASCII)
_NAMED = re.compile(r"(?<!\d)\d{4,9}(?!\d)", re.ASCII)


class Clock(Protocol):
    """``Source.local_time``."""

    def __call__(self, name: str, written: str, edge: Edge) -> dict[str, str]:
        """The fields of a time. Raises RecordRejected."""


def kind_of_page(body: bytes) -> str:
    """What a saved page is: "detail", "results" or "listing". Raises SourceChanged for none of them."""
    tree = parse_html(body)
    if heading_of(tree) is not None:
        return "detail"
    cards.count_of(tree)
    says = (
        cards.labelled(card).keys() | ({"-"} if cards.is_unsuccessful(card) else ()) for card in cards.cards_of(tree)
    )
    results = any({"date de publication du resultat", "entreprise attributaire", "-"} & said for said in says)
    return "results" if results else "listing"


def records_of(bundle: Bundle, base: str, clock: Clock) -> Iterator[Read]:
    """The records of a bundle: a card with its page, a result, or a page that somebody saved. Raises SourceChanged."""
    first = bundle.payloads[0]
    if first.kind in {"listing", "results"}:
        tree = parse_html(first.body, first.content_type)
        _, found = cards.counted_cards(tree)
        read: Callable[[etree._Element], Fields] = (
            (lambda card: _award(card, clock))
            if first.kind == "results"
            else (lambda card: _call(card, None, base, clock))
        )
        yield from attempted(read, found)
        return
    row, detail = bundle.of("row"), bundle.of("detail")
    if row is not None and bundle.ref.startswith(cards.RESULT):
        yield from attempted(lambda card: _award(card, clock), [parse_html(row.body)])
        return
    card = parse_html(row.body) if row is not None else None
    yield from attempted(lambda page: _call(card, page, base, clock), [detail])


def _call(card: etree._Element | None, detail: Payload | None, base: str, clock: Clock) -> Fields:
    listed = cards.call_card(card) if card is not None else {}
    ref = cards.call_id(card) if card is not None else None
    tree = parse_html(detail.body, detail.content_type) if detail is not None else None
    page = notice_of(tree) if tree is not None else {}
    if (
        "reference" in listed
        and page.get("reference")
        and cards.folded(listed["reference"]) != cards.folded(page["reference"])
    ):
        raise SourceChanged(f"the page is about {page['reference'][:60]!r}, not about {listed['reference'][:60]!r}")
    if tree is not None and detail is not None and card is None:
        ref = id_of(tree) or _named(detail)
    if ref is None:
        raise RecordRejected("morocco_bdc.id", "nothing tells which call this is: neither a link to it nor its address")
    known = {**listed, **page}
    # A page alone may not repeat what it is about; its heading then names it, and says that it does.
    title = listed.get("title") or page.get("title")
    fields: dict[str, object] = {
        "id": ref, "sector": "public", "procedure": "bon de commande", "language": "fr", "url": f"{base}{SHOW}{ref}",
        "title": title or f"Avis d'achat #{page.get('reference', ref)}", "unreadable": [],
        **({} if title else {"title_from": "heading"}),
        **{name: known[name] for name in ("reference", "place", "service") if known.get(name)},
    }  # fmt: skip
    if buyer := known.get("buyer"):
        fields["buyer"] = {"name": buyer}
    _categorise(fields, known)
    _set_time(fields, "published", known.get("published"), "start", clock)
    _set_time(fields, "deadline", page.get("deadline") or listed.get("deadline"), "end", clock)
    _set_status(fields, listed.get("status", ""), page)
    if tree is not None:
        articles = articles_of(tree)
        fields["items"] = articles
        fields["description"] = "\n".join(told(article) for article in articles)
        fields["documents"] = documents_of(tree, str(fields["url"]))
    return {name: value for name, value in fields.items() if value not in ("", [])}


def _named(detail: Payload) -> str | None:
    """The id in the address of a page, or in the name under which somebody saved it."""
    shown = re.search(r"/show/(\d{1,12})(?:[/?#]|$)", detail.url)
    if shown:
        return shown[1]
    numbers = _NAMED.findall(detail.context.get("file", ""))
    return numbers[0] if len(numbers) == 1 else None


def _categorise(fields: dict[str, object], known: Mapping[str, str]) -> None:
    """Category and nature: what stands in the contract, and what was written."""
    if written := known.get("category"):
        fields["category_text"] = written
        if category := category_of(written):
            fields["category"] = category
    if nature := known.get("nature"):
        fields["activities"] = [nature]


def _set_status(fields: dict[str, object], badge: str, page: Mapping[str, str]) -> None:
    """Cancelled where the badge or the page says so; nothing where neither says anything."""
    if cards.folded(badge).startswith("annule") or "cancelled_on" in page:
        fields["status"] = "cancelled"
    elif cards.folded(badge) == "en cours":
        fields["status"] = "active"
    elif badge:
        fields["status_text"] = badge
    cancellation = {
        name: page[key] for name, key in (("date", "cancelled_on"), ("reason", "cancelled_because")) if page.get(key)
    }
    try:
        if "date" in cancellation:
            cancellation["date"] = parse_written(cancellation["date"]).isoformat()
    except ValueError:
        pass  # stays as it is written
    if cancellation:
        fields["cancellation"] = cancellation


def _set_time(fields: dict[str, object], name: str, written: str | None, edge: Edge, clock: Clock) -> None:
    """A time, or what was written where a time should stand: it is unknown then, and the call is not lost."""
    if not written:
        return
    try:
        fields.update(clock(name, written, edge))
    except RecordRejected as refusal:
        _note(fields, refusal.reason)
        # The day of a publication is worth having alone; a deadline that ends at an unknown hour is not.
        if edge == "start" and (day := _DAY.match(written)):
            _set_time(fields, name, day[0], edge, clock)


def _note(fields: dict[str, object], reason: str) -> None:
    noted = fields.setdefault("unreadable", [])
    assert isinstance(noted, list)
    noted.append(reason)


def _award(card: etree._Element, clock: Clock) -> Award:
    said = cards.labelled(card)
    key = cards.result_key(said)
    if key is None:
        raise RecordRejected("morocco_bdc.result", "a result lacks its reference, its buyer or when it was published")
    winner = text_of(said.get("entreprise attributaire", ""))
    unsuccessful = cards.is_unsuccessful(card)
    cancelled = any(cards.folded(text_of(badge)).startswith("annule") for badge in cards.of_class(card, "badge"))
    if sum((is_given(winner), unsuccessful, cancelled)) != 1:
        raise RecordRejected("morocco_bdc.outcome", "a result names no winner and no other end, or several")
    fields = Award(
        id=key,
        reference=said["reference"],
        buyer={"name": said["acheteur"]},
        outcome="unsuccessful" if unsuccessful else "cancelled" if cancelled else "awarded",
        winners=[{"name": winner}] if is_given(winner) else [],
        procedure="bon de commande",
    )
    if title := said.get("objet"):
        fields["title"] = title
    published = clock("published", said["date de publication du resultat"], "start")
    fields |= {**published, "date": published["published"][:10]}
    _set_figures(fields, said)
    return fields


def _set_figures(fields: Award, said: Mapping[str, str]) -> None:
    """What was paid, and how many asked for it: unknown where it cannot be read."""
    written = said.get("montant ttc", "")
    try:
        if written:
            fields["value"] = amount_of(written, "Montant TTC")
    except ValueError as error:
        _note(fields, f"value: {written[:40]!r} {error}")
    offers = said.get("nombre de devis recus", "").replace(" ", "")
    if offers.isdecimal():
        fields["offers"] = int(offers[:6])
    elif offers:
        _note(fields, f"offers: {offers[:40]!r} is not a number")
