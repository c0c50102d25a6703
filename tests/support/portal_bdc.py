"""A portal of bons de commande as it behaves: searches that bind nothing without a word, a list that moves, no ids.

All notices are fictional.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.support.portal import Asked, Portal, Reply

PATH = "/bdc/entreprise/consultation/"


@dataclass
class Call:
    """One avis d'achat, fictional."""

    id: int
    online: dt.datetime
    deadline: str
    title: str = "Achat de matériel informatique"
    buyer: str = "Commune d'Exempleville"
    reference: str = "01/2026"
    place: str = "KENITRA"
    category: str = "Fournitures"
    cancelled: str | None = None
    articles: list[tuple[str, str, str]] = field(default_factory=lambda: [("Ordinateur portable", "unité", "1 200,5")])

    @property
    def by_deadline(self) -> str:
        day, month, rest = self.deadline.split("/")
        return f"{rest[:4]}{month}{day}{rest[4:]}"


@dataclass
class Result:
    """One published result, fictional; without a winner it is infructueux."""

    reference: str
    buyer: str
    published: dt.datetime
    winner: str | None = "STÉ EXEMPLE SARL"
    amount: str = "15 600,00 MAD"
    offers: int = 6
    title: str = "Achat de fournitures de bureau"


@dataclass
class BdcPortal(Portal):
    """``moods``: "drift" moves calls between the pages while they are read, "no_counter", "no_cards", "unsorted"."""

    calls: dict[int, Call] = field(default_factory=dict)
    results: list[Result] = field(default_factory=list)
    moods: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    drifted: int = 0

    def __post_init__(self) -> None:
        self.route(PATH, self._open)
        self.route(f"{PATH}resultat", self._results)
        self.route("*", self._show)

    def put(self, ident: int, online: dt.datetime, deadline: str, **more: object) -> Call:
        self.calls[ident] = Call(ident, online, deadline, **more)  # type: ignore[arg-type]
        return self.calls[ident]

    def shown(self) -> list[str]:
        return [path.rpartition("/")[2] for path in self.paths() if path.startswith(f"{PATH}show/")]

    def _open(self, asked: Asked) -> Reply:
        found = sorted(self.calls.values(), key=lambda call: call.by_deadline, reverse=True)
        if since := _iso(asked.query.get("search_consultation_entreprise[dateMiseEnLigneStart]")):
            found = [call for call in found if call.online.date() >= since]
        size, page = _bound(asked, "search_consultation_entreprise")
        if "drift" in self.moods and size and page > 1 and self.drifted < 3:
            self.drifted += 1  # the last call of the page before slips onto this one's place, and one is not seen
            found.insert(0, found.pop())
        return self._page([card_of(call) for call in found], size, page)

    def _results(self, asked: Asked) -> Reply:
        found = sorted(self.results, key=lambda one: one.published, reverse="unsorted" not in self.moods)
        if since := _iso(asked.query.get("search_consultation_resultats[dateMiseEnLigneStart]")):
            found = [one for one in found if one.published.date() >= since]
        size, page = _bound(asked, "search_consultation_resultats")
        return self._page([result_of(one) for one in found], size, page)

    def _page(self, cards: list[str], size: int, page: int) -> Reply:
        total = len(cards) if size else 0
        shown = cards[(page - 1) * size : page * size]
        if "no_cards" in self.moods:
            shown = []
        count = "" if "no_counter" in self.moods else f"Nombre de résultats : {total:,}".replace(",", "\u202f")
        # The link leaves the search out: whoever follows it sees another list.
        more = f'<a href="?page={page + 1}">Suivant</a>' if page * size < total else "<span>Suivant</span>"
        return Reply.html(
            f'<!doctype html><title>Avis d\'achat</title><body><div class="content__resultat">{count}</div>'
            f'<div class="mt-4 py-3 content__subBox">{"".join(shown)}{more}</div>'
        )

    def _show(self, asked: Asked) -> Reply:
        found = re.fullmatch(rf"{PATH}show/(\d+)", asked.path)
        if not found or int(found[1]) in self.gone or int(found[1]) not in self.calls:
            return Reply(404)
        return Reply.html(detail_of(self.calls[int(found[1])]))


def _bound(asked: Asked, form: str) -> tuple[int, int]:
    """Page size and page; a form without one of the four sizes binds nothing."""
    size = asked.query.get(f"{form}[pageSize]", "")
    return (int(size) if size in {"10", "20", "30", "50"} else 0, int(asked.query.get("page", "1")))


def _iso(written: str | None) -> dt.date | None:
    """A French date is ignored without a word."""
    return dt.date.fromisoformat(written) if written and re.fullmatch(r"\d{4}-\d{2}-\d{2}", written) else None


def card_of(call: Call) -> str:
    href = f'class="table__links" href="{PATH}show/{call.id}"'
    day, _, clock = call.deadline.partition(" ")
    badge = "Annulé" if call.cancelled else "En cours"
    title = html.escape(call.title, quote=True)
    return (
        f'<div class="entreprise__card"><span class="badge">{badge}</span><div class="entreprise__middleSubCard">'
        f'<a {href}><div class="font-bold"><span>Référence :</span> {call.reference}</div></a>'
        f'<a {href.replace("table__links", "table__links truncate_fullWidth")} data-bs-title="Objet">'
        f"<span>Objet :</span> {title}</a>"
        f"<a {href}><span>Acheteur :</span> {html.escape(call.buyer)}</a></div>"
        f'<div class="entreprise__rightSubCard--top"><span>{day}</span><span>{clock}</span>'
        f'<span data-bs-title="{call.place}">{call.place[:6]}…</span></div></div>'
    )


def result_of(one: Result) -> str:
    end = (
        f"<span>Nombre de devis reçus : {one.offers}</span><span>Entreprise attributaire : {one.winner}</span>"
        f"<span>Montant TTC : {one.amount}</span>"
        if one.winner
        else "<span>Avis d'achat infructueux</span>"
    )
    return (
        '<div class="entreprise__card"><div class="entreprise__middleSubCard">'
        f'<div><span class="font-bold">Référence :</span> {one.reference}</div>'
        f"<div><span>Objet :</span> {one.title}</div><div><span>Acheteur :</span> {one.buyer}</div>"
        f"<div>Date de publication du résultat : {one.published:%d/%m/%Y %H:%M}</div></div>"
        f'<div class="entreprise__rightSubCard--top">{end}</div></div>'
    )


def detail_of(call: Call) -> str:
    articles = "".join(
        f'<div class="accordion-item"><button><span class="font-bold">#{n:02}</span> {html.escape(name)}</button>'
        + "".join(f'<div class="content__article--subMiniCard">{cell}</div>' for cell in (unit, quantity, "20", "-"))
        + '<div class="gap-3"><span class="text-black">Date limite de réception des devis<br>16 Go</span></div></div>'
        for n, (name, unit, quantity) in enumerate(call.articles, start=1)
    )
    cancelled = (
        f"<div><span>Date d'annulation</span><span>01/09/2026</span><span>Motif d'annulation</span>"
        f"<span>{html.escape(call.cancelled)}</span></div>"
        f'<a class="nounderlinelink" href="{PATH}download/annulation/{call.id}">Avis d\'annulation</a>'
        if call.cancelled
        else ""
    )
    return (
        f"<html><body><h3>Détails de l’avis d’achat #{call.reference}</h3>"
        f"<div><span>Acheteur</span><span>{html.escape(call.buyer)}</span></div>"
        '<div><svg id="dateMiseEnLigne"></svg><div><span class="truncate-one-line">'
        f"{call.online:%d/%m/%Y %H:%M}</span></div></div>{cancelled}"
        f"<div><span>Date limite de réception des devis</span><span>{call.deadline}</span></div>"
        f'<div><svg id="category"></svg><div><span>Catégorie principale</span><span>{call.category}</span></div></div>'
        '<div><svg id="screwdriver"></svg><div><span>Nature de prestation</span><span>Informatique</span></div></div>'
        f"<div><span>Lieu d'exécution</span><span>{call.place}</span></div>{articles}"
        f'<a href="{PATH}download/99{call.id}">Cahier des charges</a>'
    )


@asynccontextmanager
async def bdc_portal(now: dt.datetime, count: int) -> AsyncIterator[BdcPortal]:
    """``count`` open calls, the last 40 of which were put online in the last week."""
    async with BdcPortal() as portal:
        for number in range(1, count + 1):
            days = 20 if number <= count - 40 else (count - number) % 6
            portal.put(
                370_000 + number,
                now - dt.timedelta(days=days),
                f"{number % 28 + 1:02}/{number % 3 + 10}/2026 {number % 8 + 9:02}:00",
                title=f"Fourniture n° {number} & pose",
                reference=f"{number % 40:02}/2026",
            )
        yield portal
