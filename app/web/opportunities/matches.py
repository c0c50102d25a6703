"""A founder's home: the calls that fit their startup, with the reasons, and what stands in the way."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import Depends, Query, Request
from fastapi.responses import Response
from pydantic import JsonValue
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import CpuDep, NowDep, ReadSessionDep
from app.eligibility.lists import Wanted
from app.eligibility.telling import disclaimer
from app.kit.ids import StartupId
from app.kit.paging import PageRequest
from app.matches import service
from app.matches.cards import tender_texts
from app.matches.listing import is_outdated, listed
from app.models.organisation import OrganisationKind
from app.models.saved_search import SearchList
from app.startups import service as startups
from app.web.opportunities.cards import match_cards
from app.web.opportunities.filters import OUTCOMES, filters_of
from app.web.pages import page, page_router
from app.web.startups import StartupParam, chosen_startup
from app.web.visitor import Guard

router = page_router()
_A_PAGE: Final = 20
_A_JUDGED_PAGE: Final = 60
"""Matches that are looked at for the few with the outcomes asked for."""

_TELLING_CHARACTERS: Final = 80
"""A profile that says less than this can hardly be ranked."""


@router.get("/matches")
async def list_matches(
    request: Request,
    caller: Annotated[Caller, Depends(Guard("matches:read", OrganisationKind.STARTUP, OrganisationKind.INCUBATOR))],
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    startup: StartupParam = None,
    cursor: Annotated[str | None, Query(max_length=1000)] = None,
) -> Response:
    """The matches of a startup, through the filters of the address."""
    choice = await chosen_startup(db, caller, startup or None)
    if choice is None:
        return page(request, "opportunities/no_startup.html")
    filters = filters_of(request, SearchList.MATCHES, () if choice.param is None else (("startup", choice.param),))
    shown: dict[str, object] = {"choice": choice, "filters": filters, "startup": str(choice.id)}
    if filters.asked is None:
        return page(request, "opportunities/matches.html", 422, **shown, cards=[], more=None, ranking=False, thin=False)
    asked = filters.asked
    part = PageRequest(_A_JUDGED_PAGE if asked.eligibility else _A_PAGE, cursor, request.state.cursors)
    found, following = await listed(db, caller, choice.id, asked.match_filters(now), asked.match_order, part)
    wanted = Wanted(cpu, now, frozenset(asked.eligibility or OUTCOMES), filters.lang)
    matches = await service.shown(db, caller, found, filters.lang, wanted)
    texts = await tender_texts(db, [match.tender.id for match in matches])
    thin = not found and not filters.active and cursor is None and await _is_thin(db, caller, choice.id)
    answer = page(
        request,
        "opportunities/matches.html",
        **shown,
        cards=match_cards(matches, texts, filters.lang),
        more=filters.page(following),
        first=filters.href if cursor is not None else None,
        ranking=await is_outdated(db, caller, choice.id),
        thin=thin,
        disclaimer=disclaimer(filters.lang),
    )
    answer.headers["HX-Push-Url"] = filters.href
    return answer


async def _is_thin(db: AsyncSession, caller: Caller, startup_id: StartupId) -> bool:
    record = (await startups.show(db, caller, startup_id)).record
    texts = (record.get("description"), *_items(record.get("sectors")), *_items(record.get("technologies")))
    return sum(len(text) for text in texts if isinstance(text, str)) < _TELLING_CHARACTERS


def _items(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else []
