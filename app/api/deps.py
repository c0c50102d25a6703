"""What routes ask for by type. Values come from the lifespan's state, so that tests pass their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, TypedDict, TypeVar

from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from app.api.health import ReadinessCheck
from app.api.ratelimit import RateLimiter, spend
from app.kit import i18n
from app.kit.clock import Clock
from app.kit.cpu_pool import CpuPool
from app.kit.crypto import Keyring
from app.kit.metrics import Metrics
from app.kit.networks import network_of
from app.kit.paging import DEFAULT_LIMIT, CursorSigner, Page, PageLimit, PageRequest, link_next

Item = TypeVar("Item")


class ApiState(TypedDict):
    """What the lifespan must yield; ``app.main`` may add members of the domains."""

    sessions: async_sessionmaker[AsyncSession]
    read_sessions: async_sessionmaker[AsyncSession]
    """Bound to an engine with the execution option ``postgresql_readonly=True``."""
    keyring: Keyring
    cursors: CursorSigner
    limiter: RateLimiter
    public_limiter: RateLimiter | None
    cpu: CpuPool
    clock: Clock
    metrics: Metrics
    readiness: Sequence[ReadinessCheck]


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A transaction that is committed before the answer leaves, and rolled back on any error."""
    sessions: async_sessionmaker[AsyncSession] = request.state.sessions
    async with sessions.begin() as session:
        yield session


async def get_read_session(request: Request) -> AsyncIterator[AsyncSession]:
    """A transaction in which the database refuses to write."""
    sessions: async_sessionmaker[AsyncSession] = request.state.read_sessions
    async with sessions() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session, scope="function")]
ReadSessionDep = Annotated[AsyncSession, Depends(get_read_session, scope="function")]


def require_patience(request: Request) -> None:
    """Use one request of what a network may ask without a key."""
    limiter: RateLimiter | None = request.state.public_limiter
    if limiter is not None:
        spend(limiter, network_of(request.client.host if request.client else None))


def get_now(request: Request) -> dt.datetime:
    """The instant of this request, the same for all that it does."""
    clock: Clock = request.state.clock
    return clock()


NowDep = Annotated[dt.datetime, Depends(get_now)]


def get_keyring(request: Request) -> Keyring:
    """The server's secrets."""
    keyring: Keyring = request.state.keyring
    return keyring


KeyringDep = Annotated[Keyring, Depends(get_keyring)]


def get_cpu(request: Request) -> CpuPool:
    """The pool for numeric work."""
    cpu: CpuPool = request.state.cpu
    return cpu


CpuDep = Annotated[CpuPool, Depends(get_cpu)]


def get_lang(request: Request) -> i18n.Lang:
    """The language of the answer, from ``Accept-Language``."""
    return i18n.negotiate(request.headers.get("accept-language"))


Lang = Annotated[i18n.Lang, Depends(get_lang)]


def get_page(
    request: Request,
    limit: Annotated[PageLimit, Query(description="How many items at most.")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=1000, description="The `next` of the previous page; leave out for the first.")
    ] = None,
) -> PageRequest:
    """Which page is asked for."""
    return PageRequest(limit, cursor, request.state.cursors)


PageParams = Annotated[PageRequest, Depends(get_page)]


def with_link(request: Request, response: Response, page: Page[Item]) -> Page[Item]:
    """The page itself, with a ``Link`` header to the next one on the answer."""
    if page.next is not None:
        url = request.url.include_query_params(cursor=page.next)
        response.headers["Link"] = link_next(f"{url.path}?{url.query}")
    return page
