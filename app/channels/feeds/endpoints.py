"""Routes of feeds: for whoever they belong to, and for whoever has their address."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Path, Request, Response, status
from sqlalchemy.ext.asyncio import AsyncSession

from app import __version__
from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, KeyringDep, NowDep, ReadSessionDep, SessionDep
from app.api.etag import make_etag, set_etag
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.api.ratelimit import RateLimiter, spend
from app.channels.feeds import atom, calendar, service
from app.channels.feeds.entries import ReadSearch, Searched, deadlines, latest, name_of
from app.channels.feeds.errors import TooManyFeeds
from app.channels.feeds.repository import KnownFeed, feed_by_digest
from app.channels.feeds.schemas import FeedIn, FeedOut, FeedWithAddress
from app.kit.crypto import Keyring
from app.kit.errors import NotFound, TooManyRequests
from app.kit.observability import current_work
from app.startups.errors import WrongOrganisationKind

router = APIRouter(tags=["feeds"], route_class=IdempotentRoute)
open_router = APIRouter(prefix="/feeds", tags=["feeds"])
"""What needs no key; outside ``/v1``, where every route does."""

Token = Annotated[str, Path(max_length=200, description="What `POST /v1/feeds` made.")]
_FRESH_SECONDS = 300
_WRITING_SECONDS = 5.0


@router.post(
    "/feeds", status_code=status.HTTP_201_CREATED, responses=problems(NotFound, TooManyFeeds, WrongOrganisationKind)
)
async def create_feed(
    wanted: FeedIn, caller: Annotated[Caller, CallerDep("matches:write")], db: SessionDep, keyring: KeyringDep,
    now: NowDep, request: Request, response: Response, _: IdempotencyDep,
) -> FeedWithAddress:  # fmt: skip
    """Have matches shown to feed readers and calendars, at addresses that need no key and are in this answer alone."""
    made = await service.create(db, keyring, caller, wanted, now)
    response.headers["Location"] = f"/v1/feeds/{made.feed.id}"
    address = f"{str(request.base_url).rstrip('/')}/feeds/{made.token}"
    shown = FeedOut.model_validate(made.feed).model_dump()
    return FeedWithAddress(**shown, atom=f"{address}.atom", calendar=f"{address}.ics")


@router.get("/feeds")
async def list_feeds(caller: Annotated[Caller, CallerDep("matches:read")], db: ReadSessionDep) -> list[FeedOut]:
    """The feeds of your organisation, the oldest first."""
    return [FeedOut.model_validate(feed) for feed in await service.feeds(db, caller)]


@router.delete("/feeds/{feed_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(NotFound))
async def delete_feed(
    feed_id: uuid.UUID, caller: Annotated[Caller, CallerDep("matches:write")], db: SessionDep
) -> None:
    """End a feed: its addresses lead nowhere from now on."""
    await service.remove(db, caller, feed_id)


def _document(media_type: str, what: str) -> dict[int | str, dict[str, object]]:
    return {
        **problems(NotFound, TooManyRequests),
        200: {"description": what, "content": {media_type: {"schema": {"type": "string"}}}},
        304: {"description": "Nothing has changed since the `ETag` of `If-None-Match`."},
    }


@open_router.get("/{token}.atom", response_class=Response, responses=_document(atom.MEDIA_TYPE, "The latest 100."))
async def read_feed(token: Token, request: Request, db: ReadSessionDep, cpu: CpuDep, now: NowDep) -> Response:
    """The matches of a feed with their reasons, as Atom (RFC 4287), those that said something new last first."""
    feed, name = await _opened(request, token, db)
    entries = await latest(db, feed, now, await _asked(request, db, feed, now))
    headers = _headers(request, "atom", feed, name, *entries)
    document = await cpu.run(atom.write_atom, feed, name, entries, deadline=_WRITING_SECONDS)
    return Response(document, media_type=f"{atom.MEDIA_TYPE}; charset=utf-8", headers=headers)


@open_router.get(
    "/{token}.ics", response_class=Response, responses=_document(calendar.MEDIA_TYPE, "The nearest 200 deadlines.")
)
async def read_calendar(token: Token, request: Request, db: ReadSessionDep, cpu: CpuDep, now: NowDep) -> Response:
    """The deadlines ahead of a feed's matches, as a calendar (iCalendar, RFC 5545) with reminders."""
    feed, name = await _opened(request, token, db)
    lead: dt.timedelta = request.state.deadline_lead
    entries = await deadlines(db, feed, now, await _asked(request, db, feed, now))
    headers = _headers(request, "ics", feed, name, lead, *entries)
    document = await cpu.run(calendar.write_calendar, feed, name, lead, entries, deadline=_WRITING_SECONDS)
    return Response(document, media_type=f"{calendar.MEDIA_TYPE}; charset=utf-8", headers=headers)


async def _opened(request: Request, token: str, db: AsyncSession) -> tuple[KnownFeed, str]:
    """The feed of a token, and whose matches it shows. Only a keyed hash of the token is compared, by an index."""
    hot: asyncpg.Pool = request.state.hot
    keyring: Keyring = request.state.keyring
    limiter: RateLimiter | None = request.state.feed_limiter
    feed = await feed_by_digest(hot, keyring.token_hashes(token)) if service.is_token(token) else None
    if feed is None:
        raise NotFound
    if (work := current_work()) is not None:
        work.organisation_id = feed.reader.organisation_id
    if limiter is not None:
        spend(limiter, str(feed.id))
    name = await name_of(db, feed)
    if name is None:
        raise NotFound
    return feed, name


async def _asked(request: Request, db: AsyncSession, feed: KnownFeed, now: dt.datetime) -> Searched | None:
    read_search: ReadSearch = request.state.read_search
    return None if feed.search_id is None else await read_search(db, feed.reader, feed.search_id, now)


def _headers(request: Request, *parts: object) -> dict[str, str]:
    """Those of a document that is made of these parts alone. Raises NotModified where the reader has it."""
    etag = make_etag(__version__, *map(repr, parts))
    set_etag(request, Response(), etag)
    return {"ETag": etag, "Cache-Control": f"private, max-age={_FRESH_SECONDS}", "X-Robots-Tag": "noindex"}
