"""The searches that an organisation keeps: what is new in each, opened and renamed and forgotten."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.channels.feeds import service as feeds
from app.channels.feeds.errors import TooManyFeeds
from app.channels.feeds.schemas import FeedIn
from app.kit.errors import NotFound, ValidationFailed
from app.kit.i18n import Lang
from app.models.feed import FeedSelection
from app.models.saved_search import SearchList
from app.searches import service
from app.searches.asked import Asked
from app.searches.errors import TooManySearches
from app.searches.repository import MOST_COUNTED
from app.searches.schemas import SearchIn, SearchOut, SearchRename
from app.web.channels.alerts import feed_made
from app.web.forms import Form, read, sent_form
from app.web.opportunities.filters import Filters
from app.web.pages import page, page_router, see_other
from app.web.startups import chosen_startup
from app.web.visitor import Guard

router = page_router("/searches")
_LONGEST_QUERY = 4_000
_MOST_FIELDS = 60

Reader = Annotated[Caller, Depends(Guard("tenders:read"))]
Keeper = Annotated[Caller, Depends(Guard("matches:write"))]
Maker = Annotated[Caller, Depends(Guard("matches:write", lasting=True))]


@router.get("")
async def list_searches(request: Request, caller: Reader, db: ReadSessionDep, now: NowDep) -> Response:
    """The kept searches, and how many calls are new in each."""
    return await _listed(request, caller, db, now, Form())


@router.post("")
async def keep_search(request: Request, caller: Keeper, db: SessionDep, now: NowDep) -> Response:
    """Keep the search of a list."""
    lang: Lang = request.state.visitor.lang
    form = await sent_form(request)
    asked = _read_query(form.value("query"), lang)
    if asked is None or form.value("list") not in set(SearchList):
        raise ValidationFailed
    which = SearchList(form.value("list"))
    startup_id = None
    if which is SearchList.MATCHES:
        choice = await chosen_startup(db, caller, form.value("startup") or None)
        if choice is None:
            raise NotFound
        startup_id = choice.id
    named, form = read(SearchRename, form, lang)
    if named is None:
        return await _listed(request, caller, db, now, form)
    wanted = SearchIn(name=named.name, list=which, startup_id=startup_id, asked=asked)
    try:
        await service.keep(db, caller, wanted, now)
    except TooManySearches as error:
        return await _listed(request, caller, db, now, form.refused(error, lang))
    return see_other(request, "/searches", done="search-kept")


@router.post("/{search_id}/open")
async def open_search(search_id: uuid.UUID, request: Request, caller: Keeper, db: SessionDep, now: NowDep) -> Response:
    """Go to the list of a search; what is new is counted from now on."""
    search = await service.opened(db, caller, search_id, now)
    lang: Lang = request.state.visitor.lang
    filters = _filters(search.list, search.startup_id, service.asked_of(search), lang)
    return see_other(request, filters.href)


@router.post("/{search_id}/rename")
async def rename_search(
    search_id: uuid.UUID, request: Request, caller: Keeper, db: SessionDep, now: NowDep
) -> Response:
    """Call a search otherwise."""
    named, form = read(SearchRename, await sent_form(request), request.state.visitor.lang)
    if named is None:
        return await _listed(request, caller, db, now, form)
    await service.rename(db, caller, search_id, named.name)
    return see_other(request, "/searches", done="search-renamed")


@router.post("/{search_id}/feed")
async def make_feed(
    search_id: uuid.UUID, request: Request, caller: Maker, db: SessionDep, keyring: KeyringDep, now: NowDep
) -> Response:
    """Make a feed and a calendar of what a search finds; their addresses are shown once."""
    lang: Lang = request.state.visitor.lang
    wanted = FeedIn(selection=FeedSelection.SEARCH, search_id=search_id, language=lang)
    try:
        made = await feeds.create(db, keyring, caller, wanted, now)
    except TooManyFeeds as error:
        return await _listed(request, caller, db, now, Form().refused(error, lang))
    return feed_made(request, made)


@router.post("/{search_id}/delete")
async def delete_search(search_id: uuid.UUID, request: Request, caller: Keeper, db: SessionDep) -> Response:
    """Keep a search no longer."""
    await service.forget(db, caller, search_id)
    return see_other(request, "/searches", done="search-deleted")


@dataclass(frozen=True, slots=True)
class Row:
    """A kept search, and its filters in words and as an address."""

    search: SearchOut
    filters: Filters


async def _listed(request: Request, caller: Caller, db: AsyncSession, now: dt.datetime, form: Form) -> Response:
    lang: Lang = request.state.visitor.lang
    rows = [
        Row(search, _filters(search.list, search.startup_id, search.asked, lang))
        for search in await service.kept(db, caller, now)
    ]
    status = 422 if form.errors else 200
    return page(request, "opportunities/searches.html", status, rows=rows, form=form, most=MOST_COUNTED)


def _filters(which: SearchList, startup_id: uuid.UUID | None, asked: Asked, lang: Lang) -> Filters:
    keep = () if startup_id is None else (("startup", str(startup_id)),)
    return Filters(which, asked, Form(), lang, keep)


def _read_query(query: str, lang: Lang) -> Asked | None:
    """What the address of a list asks for; ``None`` where that is nothing that a list of ours asks."""
    if len(query) > _LONGEST_QUERY:
        return None
    values: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(query, max_num_fields=_MOST_FIELDS)
    except ValueError:
        return None
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return read(Asked, Form(values), lang)[0]
