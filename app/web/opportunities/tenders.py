"""The search among all calls, for whoever is signed in."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response

from app.accounts.caller import Caller
from app.api.deps import CpuDep, NowDep, ReadSessionDep
from app.kit.paging import PageRequest
from app.matches.cards import tender_texts
from app.models.saved_search import SearchList
from app.tenders import browse
from app.tenders.words import read_words
from app.web.opportunities.cards import found_cards
from app.web.opportunities.filters import filters_of
from app.web.pages import page, page_router
from app.web.visitor import Guard

router = page_router()
_A_PAGE: Final = 20
_MARKING_SECONDS: Final = 5.0


@router.get("/tenders")
async def search_tenders(
    request: Request,
    caller: Annotated[Caller, Depends(Guard("tenders:read"))],
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """Calls that have the words and pass the filters of the address; without words by deadline."""
    filters = filters_of(request, SearchList.TENDERS)
    asked = filters.asked
    if asked is None:
        return page(request, "opportunities/tenders.html", 422, filters=filters, cards=[], more=None, first=None)
    part = PageRequest(_A_PAGE, cursor, request.state.cursors)
    found = await browse.listed(db, caller, asked.tender_filters(now), asked.tender_order, part)
    texts = await tender_texts(db, [tender.id for tender in found.items])
    words = read_words(asked.q) if asked.q is not None else None
    cards = await cpu.run(found_cards, found.items, texts, words, filters.lang, deadline=_MARKING_SECONDS)
    answer = page(
        request,
        "opportunities/tenders.html",
        filters=filters,
        cards=cards,
        more=filters.page(found.next),
        first=filters.href if cursor is not None else None,
    )
    answer.headers["HX-Push-Url"] = filters.href
    return answer
