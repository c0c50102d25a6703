"""Routes of matches: kept ones of a startup, the feed, profiles, algorithms."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import TypeAdapter

from app.accounts.auth import Caller, CallerDep
from app.api.deps import Lang, PageParams, ReadSessionDep, with_link
from app.api.feed import FeedKey, FeedPage, FeedParams
from app.api.problems import problems
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.kit.paging import Keyset, Page
from app.kit.schemas import CleanStr, UtcDatetime
from app.matches import service
from app.matches.deps import RankerDep, WantedOutcomes
from app.matches.kept import KeptMatches, MatchFilters
from app.matches.listing import MatchOrder, listed
from app.matches.live_index import IndexNotLoaded
from app.matches.profiles import profile_of
from app.matches.schemas import AlgorithmOut, MatchChangeOut, MatchOut, ProfileOut, SignalOut
from app.models.match import Match, MatchState
from app.models.organisation import OrganisationKind

router = APIRouter(tags=["matches"])
CHANGES: Keyset[FeedKey] = Keyset("matches.changes", TypeAdapter(tuple[int, uuid.UUID]))
_ORDER = "`score`: best first; `deadline`: closing soonest first, open-ended last."
Words = Annotated[list[Annotated[CleanStr, Query(max_length=200)]], Query(default_factory=list, max_length=20)]


def match_filters(
    region: Annotated[Words, Query(description="Region of the tender; repeat it for any of several.")],
    category: Annotated[
        list[Literal["works", "goods", "services"]], Query(default_factory=list, description="Any of these.")
    ],
    min_score: Annotated[float | None, Query(allow_inf_nan=False)] = None,
    grade: Annotated[Literal["strong", "good", "possible"] | None, Query(description="This grade or better.")] = None,
    sector: Literal["public", "private"] | None = None,
    reserved_sme: bool | None = None,
    simplified_access: Annotated[
        bool | None, Query(description="Whether a young firm can enter the tender without references.")
    ] = None,
    subcontracting: Annotated[bool | None, Query(description="Calls for subcontractors, or no such.")] = None,
    min_value: Annotated[Decimal | None, Query(ge=0, max_digits=20, description="Needs `currency`.")] = None,
    max_value: Annotated[Decimal | None, Query(ge=0, max_digits=20, description="Needs `currency`.")] = None,
    currency: Annotated[str | None, Query(pattern="^[A-Z]{3}$")] = None,
    deadline_before: UtcDatetime | None = None,
    decided: Annotated[bool | None, Query(description="Your organisation has decided about it, or not yet.")] = None,
) -> MatchFilters:
    """The named filters of a list of matches."""
    return MatchFilters(
        min_score=min_score,
        grade=grade,
        regions=region,
        categories=category,
        sector=sector,
        reserved_sme=reserved_sme,
        simplified_access=simplified_access,
        subcontracting=subcontracting,
        min_value=min_value,
        max_value=max_value,
        currency=currency,
        deadline_before=deadline_before,
        decided=decided,
    )


@router.get("/startups/{startup_id}/matches", responses=problems(NotFound))
async def list_matches(
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("matches:read")],
    db: ReadSessionDep,
    filters: Annotated[MatchFilters, Depends(match_filters)],
    page: PageParams,
    lang: Lang,
    wanted: WantedOutcomes,
    request: Request,
    response: Response,
    order: Annotated[MatchOrder, Query(description=_ORDER)] = "score",
) -> Page[MatchOut]:
    """Open tenders that fit this startup, best first or closing first, with the reasons of their moment.

    With `eligibility` a page may hold fewer than `limit`: go on while there is a `next`.
    """
    found, following = await listed(db, caller, StartupId(startup_id), filters, order, page)
    items = await service.shown(db, caller, found, lang, wanted)
    return with_link(request, response, Page[MatchOut](items=items, next=following))


@router.get("/startups/{startup_id}/profile", responses=problems(NotFound, IndexNotLoaded))
async def get_profile(
    startup_id: uuid.UUID,
    caller: Annotated[Caller, CallerDep("startups:read")],
    db: ReadSessionDep,
    ranker: RankerDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> ProfileOut:
    """What the ranker understood of this startup: terms, concepts and CPV codes, their weights, where each stands."""
    return await profile_of(db, ranker, caller, StartupId(startup_id), limit)


@router.get("/changes/matches")
async def list_match_changes(
    caller: Annotated[Caller, CallerDep("matches:read")], db: ReadSessionDep, feed: FeedParams
) -> FeedPage[MatchChangeOut]:
    """Every match that appeared, changed or was withdrawn, in an order that loses none. Keep `next` and come back."""
    rows = await KeptMatches(db).changed_after(caller, feed.position(CHANGES), feed.limit + 1)
    return FeedPage[MatchChangeOut](
        items=[_change(row, caller) for row in rows[: feed.limit]],
        next=feed.next_cursor(rows, CHANGES, lambda row: (row.changed_tx, row.id)),
        more=len(rows) > feed.limit,
    )


@router.get("/algorithms")
async def get_algorithms(_: Annotated[Caller, CallerDep("matches:read")], ranker: RankerDep) -> list[AlgorithmOut]:
    """The ranking algorithms, with their signals and weights; the first one is in use."""
    return [
        AlgorithmOut(
            name=known.name,
            version=known.version,
            bias=known.bias,
            won_bias=known.won_bias,
            grades={grade.value: least for grade, least in known.grades.items()},
            signals=[
                SignalOut(
                    code=signal.code,
                    weight=signal.weight,
                    won_weight=signal.won_weight,
                    description=signal.description,
                )
                for signal in known.signals
            ],
        )
        for known in ranker.algorithms()
    ]


def _change(row: Match, caller: Caller) -> MatchChangeOut:
    hidden = caller.kind is OrganisationKind.BUYER and not row.public
    return MatchChangeOut(
        operation="withdrawn" if hidden or row.state is MatchState.WITHDRAWN else "upsert",
        id=row.id,
        tender_id=row.tender_id,
        startup_id=row.startup_id,
        lot_id=None if hidden else row.lot_id,
        score=0.0 if hidden else row.score,
        grade="none" if hidden else row.grade,
        tender_version=row.tender_version,
        startup_version=row.startup_version,
        changed_at=row.updated_at,
    )
