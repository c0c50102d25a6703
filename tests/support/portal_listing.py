"""A portal with a list in a session, as PRADO keeps it: state that must be echoed, cookies, counters, and moods."""

from __future__ import annotations

import html
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import ClassVar
from urllib.parse import urlencode

from scrapers.base import Read, Run
from scrapers.client import Answer, Request, Session
from scrapers.errors import RecordRejected, SourceChanged
from scrapers.listing import HtmlListing, ListPage, Row
from scrapers.manners import Manners
from scrapers.payload import Bundle, Payload
from tests.support.portal import Asked, Portal, Reply


@dataclass
class ListPortal(Portal):
    """``/list`` (GET: page 1, POST: the next page of this session) and ``/call/N``.

    ``moods``: "drift" moves rows between pages while they are read; "no_counter" leaves the counter out; "lose" drops
    the session after so many pages and shows page 1 again; "gone" details answer 404; "odd" details are another page.
    """

    calls: dict[int, str] = field(default_factory=dict)
    size: int = 10
    moods: set[str] = field(default_factory=set)
    gone: set[int] = field(default_factory=set)
    odd: set[int] = field(default_factory=set)
    lose_after: int | None = None
    sessions: dict[str, tuple[str, int]] = field(default_factory=dict)
    drifted: int = 0

    def __post_init__(self) -> None:
        self.route("/list", self._list)
        self.route("*", self._call)

    def _list(self, asked: Asked) -> Reply:
        cookie = re.search(r"PHPSESSID=(\w+)", asked.headers.get("cookie", ""))
        state, page = self.sessions.get(cookie[1] if cookie else "", ("", 0))
        echoed = asked.method == "POST" and asked.form.get("PRADO_PAGESTATE") == state
        lost = self.lose_after is not None and page >= self.lose_after
        page = page + 1 if echoed and not lost else 1
        ident = cookie[1] if cookie else secrets.token_hex(8)
        # A plus sign, which is written as an entity: whoever sends the entity back is shown page 1.
        self.sessions[ident] = (f"{secrets.token_hex(4)}+{page}", page)
        return Reply.html(
            self._page(page, self.sessions[ident][0]), headers=(("Set-Cookie", f"PHPSESSID={ident}; Path=/"),)
        )

    def _page(self, page: int, state: str) -> str:
        order = sorted(self.calls)
        if "drift" in self.moods and page > 1 and self.drifted < 3:
            # While page after page is read, the last call of the page before slips onto the next one.
            self.drifted += 1
            order.insert(0, order.pop())
        shown = order[(page - 1) * self.size : page * self.size]
        rows = "".join(f'<tr data-ref="{n}"><td>{html.escape(self.calls[n])}</td></tr>' for n in shown)
        counter = "" if "no_counter" in self.moods else f"<b id=total>{len(order)}</b><i id=page>{page}</i>"
        more = "<a id=next>Suivant</a>" if page * self.size < len(order) else ""
        return (
            f'<input name="PRADO_PAGESTATE" value="{state.replace("+", "&#43;")}">{counter}<table>{rows}</table>{more}'
        )

    def _call(self, asked: Asked) -> Reply:
        number = int(asked.path.rpartition("/")[2] or 0)
        if number in self.gone or number not in self.calls:
            return Reply(404)
        if number in self.odd:
            return Reply.html("<h1>Session expired</h1>")
        return Reply.html(f"<h1>{html.escape(self.calls[number])}</h1><p class=place>Rabat</p>")


@asynccontextmanager
async def list_portal(count: int) -> AsyncIterator[ListPortal]:
    async with ListPortal(calls={n: f"Appel {n}" for n in range(1, count + 1)}) as portal:
        yield portal


class ListedCalls(HtmlListing):
    """Calls of the tests' portal."""

    name, title, country = "listed_calls", "Listed calls", "MA"
    licence = attribution = "none"
    closes_vanished: ClassVar[bool] = True

    @property
    def manners(self) -> Manners:
        return Manners(hosts=self.hosts(), interval_seconds=0)

    async def first(self, run: Run) -> Answer:
        return await run.session.fetch(Request(url=f"{self.base}/list"))

    async def following(self, session: Session, answer: Answer, number: int) -> Answer:
        found = re.search(r'name="PRADO_PAGESTATE" value="([^"]*)"', answer.body.decode())
        assert found
        form = urlencode({"PRADO_PAGESTATE": html.unescape(found[1])}).encode()
        return await session.fetch(Request(url=f"{self.base}/list", method="POST", content=form, repeatable=False))

    def listed(self, page: Payload) -> ListPage:
        text = page.body.decode()
        total, number = re.search(r"id=total>(\d+)", text), re.search(r"id=page>(\d+)", text)
        if total is None or number is None:
            raise SourceChanged("the list has no counter")
        rows = tuple(
            Row(found[1], found[0].encode(), (found[2],))
            for found in re.finditer(r'<tr data-ref="(\d+)"><td>(.*?)</td></tr>', text)
        )
        return ListPage(rows, int(total[1]), "id=next" not in text, int(number[1]))

    async def details(self, run: Run, row: Row) -> tuple[Payload, ...]:
        return (self.payload(await run.session.fetch(Request(url=f"{self.base}/call/{row.ref}")), "detail"),)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        detail = bundle.of("detail")
        assert detail is not None
        title = re.search(r"<h1>(.*?)</h1>", detail.body.decode())
        if title is None or "class=place" not in detail.body.decode():
            raise SourceChanged("the page is not about a call")
        if "illisible" in title[1]:
            yield RecordRejected("listed_calls.title", "cannot be read")
        else:
            yield {"id": bundle.ref, "title": html.unescape(title[1]), "place": "Rabat"}
