"""Digests by mail, and the addresses for feed readers and calendars."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.channels.feeds import service as feeds
from app.channels.feeds.schemas import FeedIn
from app.channels.feeds.service import NewFeed
from app.channels.mail import endpoints as digests_api
from app.channels.mail import service as digests
from app.channels.mail.endpoints import DeskDep
from app.channels.mail.schemas import DigestIn
from app.kit.errors import AppError
from app.kit.i18n import Lang, translate
from app.models.feed import FeedSelection
from app.searches.repository import SearchRepository
from app.startups.filters import StartupFilters
from app.startups.repository import Line, StartupRepository
from app.startups.visibility import sees_whole
from app.web.forms import Form, filled, read, sent_form
from app.web.once import show_once, shown_once
from app.web.pages import page, page_router, see_other
from app.web.visitor import Guard, VisitorDep

router = page_router()

DigestReader = Annotated[Caller, Depends(Guard("digests:read"))]
DigestWriter = Annotated[Caller, Depends(Guard("digests:write"))]
Reader = Annotated[Caller, Depends(Guard("matches:read"))]
Writer = Annotated[Caller, Depends(Guard("matches:write"))]
Maker = Annotated[Caller, Depends(Guard("matches:write", lasting=True))]
_MOST_STARTUPS: Final = 100
_FEEDS: Final = (FeedSelection.STARTUP, FeedSelection.COHORT, FeedSelection.SIMPLIFIED_ACCESS)
"""Those of searches are made where the searches are."""

_BUYERS_FEEDS: Final = (FeedSelection.SIMPLIFIED_ACCESS,)


@router.get("/alerts")
async def show_alerts(request: Request, caller: DigestReader, visitor: VisitorDep, db: ReadSessionDep) -> Response:
    """What is sent to whom, and forms to have more sent."""
    return await _alerts(request, caller, db, visitor.lang)


@router.post("/alerts/digests")
async def add_digest(
    request: Request, caller: DigestWriter, visitor: VisitorDep, db: SessionDep, desk: DeskDep, now: NowDep
) -> Response:
    """Have matches mailed to an address; its owner is asked first."""
    wanted, form = read(DigestIn, _of_one_search(await sent_form(request)), visitor.lang)
    if wanted is not None:
        try:
            async with db.begin_nested():
                await digests.create(db, desk, caller, wanted, now)
        except AppError as refusal:
            form = form.refused(refusal, visitor.lang)
        else:
            return see_other(request, "/alerts", done="digest-asked")
    return await _alerts(request, caller, db, visitor.lang, digest=form)


@router.post("/alerts/digests/{digest_id}/delete")
async def remove_digest(digest_id: uuid.UUID, request: Request, caller: DigestWriter, db: SessionDep) -> Response:
    """Send that address nothing more."""
    await digests.remove(db, caller, digest_id)
    return see_other(request, "/alerts", done="digest-deleted")


@router.post("/alerts/feeds")
async def add_feed(
    request: Request, caller: Maker, visitor: VisitorDep, db: SessionDep, keyring: KeyringDep, now: NowDep
) -> Response:
    """Make a feed; its addresses are shown once."""
    wanted, form = read(FeedIn, _of_one_startup(await sent_form(request)), visitor.lang)
    if wanted is not None:
        try:
            made = await feeds.create(db, keyring, caller, wanted, now)
        except AppError as refusal:
            form = form.refused(refusal, visitor.lang)
        else:
            return feed_made(request, made)
    return await _alerts(request, caller, db, visitor.lang, feed=form)


def feed_made(request: Request, made: NewFeed) -> Response:
    """On to the page that shows the addresses of a new feed, once."""
    public: str | None = request.state.public_url
    address = f"{(public or str(request.base_url)).rstrip('/')}/feeds/{made.token}"
    return show_once(request, "/alerts/feed", atom=f"{address}.atom", calendar=f"{address}.ics")


@router.get("/alerts/feed")
async def show_feed(request: Request, caller: Reader) -> Response:
    """The addresses of a feed just made."""
    return page(request, "channels/feed.html", secrets=shown_once(request), whose=caller.organisation_id)


@router.post("/alerts/feeds/{feed_id}/delete")
async def remove_feed(feed_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep) -> Response:
    """End a feed."""
    await feeds.remove(db, caller, feed_id)
    return see_other(request, "/alerts", done="feed-deleted")


def _of_one_search(form: Form) -> Form:
    """The form without its startup, where a search is chosen: that has one of its own."""
    return _without_startup(form) if form.value("search_id") else form


def _without_startup(form: Form) -> Form:
    return Form({name: values for name, values in form.values.items() if name != "startup_id"})


def _of_one_startup(form: Form) -> Form:
    """The form without its startup, where something else than one startup's matches is wanted."""
    if form.value("selection") == FeedSelection.STARTUP.value:
        return form
    return _without_startup(form)


async def _alerts(
    request: Request,
    caller: Caller,
    db: AsyncSession,
    lang: Lang,
    *,
    digest: Form | None = None,
    feed: Form | None = None,
) -> Response:
    whole = sees_whole(caller)
    startups: Sequence[Line] = ()
    if whole:
        startups = await StartupRepository(db).newest(caller, StartupFilters(), None, _MOST_STARTUPS)
    selections = _FEEDS if whole else _BUYERS_FEEDS
    only = startups[0].id if len(startups) == 1 else None
    searches = [search for search, _ in await SearchRepository(db).all(caller)]
    return page(
        request,
        "channels/alerts.html",
        200 if digest is None and feed is None else 422,
        digests=await digests_api.list_digests(caller, db, request.state.keyring),
        feeds=await feeds.feeds(db, caller),
        searches={search.id: search.name for search in searches},
        of_matches=[(search.id, search.name) for search in searches if search.startup_id is not None],
        startups={one.id: one.name for one in startups},
        hears=whole,
        mail=bool(request.state.mail),
        may_mail="digests:write" in caller.scopes,
        may_feed="matches:write" in caller.scopes,
        weekdays=[(number, translate(f"web.channels.weekday.{number}", lang)) for number in range(1, 8)],
        hours=[(hour, f"{hour:02}:00") for hour in range(24)],
        digest=digest or filled(lang=lang, every="daily", weekday=1, hour=8, min_grade="good"),
        feed=feed or filled(language=lang, selection=selections[0].value, startup_id=only),
        selections=[(one.value, translate(f"web.channels.selection.{one.value}", lang)) for one in selections],
    )
