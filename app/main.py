"""Composition root of the API: settings in, an ASGI application out."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import TypeAlias

from fastapi import APIRouter, Depends, FastAPI

import app.accounts.endpoints
import app.audit.endpoints
import app.awards.endpoints
import app.channels.feeds.endpoints
import app.channels.mail.endpoints
import app.channels.mail.endpoints_links
import app.channels.polling.endpoints
import app.channels.stream.endpoints
import app.channels.webhooks.endpoints
import app.eligibility.endpoints
import app.evidence.endpoints
import app.ingest.endpoints
import app.linking.endpoints
import app.matches.endpoints
import app.matches.endpoints_decisions
import app.matches.endpoints_live
import app.matches.endpoints_notice_errors
import app.openness.endpoints
import app.openness.endpoints_consortia
import app.openness.endpoints_openings
import app.pilots.endpoints
import app.pilots.endpoints_attestations
import app.pilots.endpoints_startups
import app.planning.endpoints
import app.planning.endpoints_support
import app.profiling.endpoints
import app.push.endpoints
import app.push.endpoints_senders
import app.requirements.endpoints
import app.searches.endpoints
import app.sources.endpoints
import app.startups.endpoints
import app.startups.endpoints_claims
import app.startups.endpoints_history
import app.support.endpoints
import app.support.endpoints_meetings
import app.tenders.endpoints
import app.web.routers
from app import __version__
from app.api import docs, health, outages, problems
from app.api.body_limit import BodyLimitMiddleware
from app.api.middleware import RequestMiddleware
from app.api.openapi import complete_openapi, operation_id
from app.api.parameters import only_known_parameters
from app.api.ratelimit import RateLimiter
from app.channels.stream.bell import Bell
from app.channels.stream.service import StreamLimits, Streams
from app.cohorts import gaps
from app.cohorts.gaps import Found
from app.config import Settings
from app.evidence.service import MOST_FILE_BYTES
from app.kit.aside import Aside
from app.kit.clock import utc_now
from app.kit.errands import Errands
from app.kit.metrics import Metrics
from app.kit.paging import CursorSigner
from app.matches.ranking import Ranker
from app.members.provider import Provider
from app.openness import cohort as openings
from app.openness.cohort import Opened
from app.openness.facts import FactsKeeper
from app.operations.readiness import readiness_of
from app.push.schemas import PushMessage
from app.requirements.service import MOST_DOCUMENT_BYTES
from app.runtime import (
    Runtime,
    entry_plan,
    mail_plan,
    oidc_client,
    open_ranker,
    open_runtime,
    webhook_guard,
    website_visitor,
)
from app.searches.feeding import searched
from app.web.pages import error_page

MAX_DECK_BYTES = 25_000_000
"""A deck is text and pictures for people: more than this is something else."""

PUBLIC_LIMIT = 60
"""Requests per minute and network address of the routes that ask for no key."""

FORM_BYTES = 10_000
"""What a form puts around a file."""

READS_OF_A_FEED = 30
"""A minute: readers and calendars ask a few times an hour."""

Lifespan: TypeAlias = Callable[[FastAPI], AbstractAsyncContextManager[dict[str, object]]]
# Routes are tried in order: the one that is read most comes first.
ROUTERS: tuple[APIRouter, ...] = (
    app.tenders.endpoints.router,
    app.accounts.endpoints.router,
    app.startups.endpoints.router,
    app.startups.endpoints_history.router,
    app.startups.endpoints_claims.router,
    app.evidence.endpoints.router,
    app.requirements.endpoints.router,
    app.linking.endpoints.router,
    app.awards.endpoints.router,
    app.eligibility.endpoints.router,
    app.planning.endpoints.router,
    app.planning.endpoints_support.router,
    app.matches.endpoints.router,
    app.matches.endpoints_live.router,
    app.matches.endpoints_decisions.router,
    app.matches.endpoints_notice_errors.router,
    app.audit.endpoints.router,
    app.openness.endpoints.router,
    app.openness.endpoints_openings.router,
    app.openness.endpoints_consortia.router,
    app.ingest.endpoints.router,
    app.sources.endpoints.router,
    app.pilots.endpoints.router,
    app.pilots.endpoints_startups.router,
    app.pilots.endpoints_attestations.router,
    app.support.endpoints.router,
    app.support.endpoints_meetings.router,
    app.profiling.endpoints.router,
    app.push.endpoints.router,
    app.push.endpoints_senders.router,
    app.searches.endpoints.router,
    app.channels.feeds.endpoints.router,
    app.channels.polling.endpoints.router,
    app.channels.stream.endpoints.router,
    app.channels.webhooks.endpoints.router,
    app.channels.mail.endpoints.router,
)

DESCRIPTION = """Matches startups with the public and private calls for tenders they can really win, and says why.

Send an API key as `Authorization: Bearer sfq_…`. Errors are RFC 9457 problem documents; lists are keyset pages:
send the `next` of one page as `cursor` for the following one."""


def create_app(settings: Settings, *, runtime: Runtime | None = None, ranker: Ranker | None = None) -> FastAPI:
    """The application.

    ``runtime``, ``ranker``: what the caller opened and will close (``safqa serve`` shares both with its worker); the
    lifespan opens whichever is not given.
    """
    metrics = runtime.metrics if runtime else Metrics()
    bell = Bell()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        async with AsyncExitStack() as stack:
            held, ranking = runtime, ranker
            if held is None:
                held = await stack.enter_async_context(open_runtime(settings, metrics))
            if ranking is None:
                ranking = await stack.enter_async_context(open_ranker(held))
            streams = await stack.enter_async_context(open_streams(held, bell))
            aside = Aside(level=settings.log_level.upper(), form=settings.log_format)
            errands = Errands(aside, at_once=2)
            stack.push_async_callback(errands.close)
            yield state_of(held, ranking) | {"streams": streams, "errands": errands}

    api = assemble(settings, metrics, lifespan)
    api.state.bell = bell  # for whoever stops the server: streams do not end by themselves
    return api


@asynccontextmanager
async def open_streams(runtime: Runtime, bell: Bell) -> AsyncIterator[Streams]:
    """The streams of events of this process, and the connection that listens for them."""
    following = asyncio.create_task(bell.follow(runtime.url), name="events")
    try:
        yield Streams(runtime.read_sessions, bell, StreamLimits(runtime.settings.streams))
    finally:
        bell.stop()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


def create_worker_app(runtime: Runtime, ranker: Ranker) -> FastAPI:
    """What a worker answers to its supervisor: alive, ready, counted. No route of the API."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[dict[str, object]]:
        yield {"metrics": runtime.metrics, "readiness": readiness_of(runtime.engine, ranker)}

    app = FastAPI(title="Safqa worker", version=__version__, lifespan=lifespan, openapi_url=None)
    app.include_router(health.router)
    return app


def assemble(settings: Settings, metrics: Metrics, lifespan: Lifespan) -> FastAPI:
    """Routers, middleware and handlers around a lifespan."""
    api = FastAPI(
        title="Safqa",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        openapi_url=None,  # app.api.docs writes it once: the framework does so for whoever asks
        docs_url=None,  # and its page loads scripts from a CDN
        redoc_url=None,
        redirect_slashes=False,  # a path that is none is a problem document, not a guess
        generate_unique_id_function=operation_id,
    )
    problems.install_problem_handlers(api)
    outages.install_outage_handlers(api)
    api.add_middleware(BodyLimitMiddleware, limit_bytes=settings.max_body_bytes, larger=_larger_bodies(settings))
    api.add_middleware(RequestMiddleware, metrics=metrics)
    for router in ROUTERS:
        api.include_router(router, prefix="/v1", dependencies=[Depends(only_known_parameters)])
    unversioned = (app.pilots.endpoints_attestations.well_known, app.channels.feeds.endpoints.open_router)
    for router in (health.router, problems.router, docs.router, *unversioned):
        api.include_router(router)
    api.include_router(app.channels.mail.endpoints_links.router)
    for router in app.web.routers.ROUTERS:
        api.include_router(router)
    api.state.error_page = error_page
    complete_openapi(api, bodies=(PushMessage,))
    return api


def _larger_bodies(settings: Settings) -> dict[str, int]:
    deck = min(settings.max_upload_bytes, MAX_DECK_BYTES)
    return {
        "/v1/imports": settings.max_upload_bytes,
        "*/import": settings.max_upload_bytes,
        "*/profile:from-deck": deck,
        "/evidence": min(settings.max_upload_bytes, MOST_FILE_BYTES + 10 * FORM_BYTES),
        "/profile/new": deck + 10 * FORM_BYTES,
        "*/documents": min(settings.max_upload_bytes, MOST_DOCUMENT_BYTES + FORM_BYTES),
        "*/evidence/files": min(settings.max_upload_bytes, MOST_FILE_BYTES + FORM_BYTES),
    }


def state_of(runtime: Runtime, ranker: Ranker) -> dict[str, object]:
    """What routes find in ``request.state`` (see :class:`app.api.deps.ApiState`)."""
    limit = runtime.settings.rate_limit
    return {
        "settings": runtime.settings,
        "sessions": runtime.sessions,
        "read_sessions": runtime.read_sessions,
        "hot": runtime.hot,
        "keyring": runtime.keyring,
        "cursors": CursorSigner(runtime.keyring.signing_key("cursor")),
        "limiter": RateLimiter(limit=limit, window_seconds=60) if limit else None,
        "public_limiter": RateLimiter(limit=PUBLIC_LIMIT, window_seconds=60) if limit else None,
        "feed_limiter": RateLimiter(limit=min(limit, READS_OF_A_FEED), window_seconds=60) if limit else None,
        "deadline_lead": dt.timedelta(hours=runtime.settings.deadline_lead_hours),
        "read_search": searched,
        "cpu": runtime.cpu,
        "websites": website_visitor(runtime) is not None,
        "ranker": ranker,
        "facts": FactsKeeper(),
        "cohort_openings": Opened(openings.MOST_KEPT),
        "cohort_gaps": Found(gaps.MOST_KEPT),
        "clock": utc_now,
        "metrics": runtime.metrics,
        "sources": runtime.sources,
        "webhook_guard": webhook_guard(runtime.settings),
        "public_url": runtime.settings.public_url,
        "mail": mail_plan(runtime.settings) is not None,
        "entry": entry_plan(runtime.settings),
        "provider": None if (us := oidc_client(runtime.settings)) is None else Provider(us),
        "readiness": readiness_of(runtime.engine, ranker),
    }


if __name__ == "__main__":  # `make openapi`
    _, target = sys.argv
    text_of = json.dumps(create_app(Settings()).openapi(), indent=2, ensure_ascii=False, sort_keys=True)
    Path(target).write_text(text_of + "\n", encoding="utf-8")
