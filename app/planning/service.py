"""Readiness and routes of one pair: looked up, then worked out off the event loop."""

from __future__ import annotations

import datetime as dt

from app.eligibility import service as eligibility
from app.eligibility.judging import Judged
from app.eligibility.service import Pair
from app.planning.calendars import working_days_of
from app.planning.helping import support_found
from app.planning.schemas import PairSupportOut
from app.planning.surroundings import Blocked, Lookout, look_around
from matching.eligibility.rates import moment_at
from matching.eligibility.verdicts import Eligibility
from matching.planning.book import default_book
from matching.planning.readiness import Readiness, Timing, readiness
from matching.planning.routes import Route, Surroundings, blocking, plan_routes
from scrapers.records import StartupRecord, TenderRecord


async def ready(out: Lookout, pair: Pair) -> Readiness:
    """How far a startup is from handing in.

    Raises:
        NotFound: no such call that the caller may see, or the startup's evidence is not the caller's.
    """
    async with out.sessions() as db:
        _, judged = await eligibility.judged(db, out.cpu, pair)
    return readiness_of(judged, pair)


async def ready_with_support(out: Lookout, pair: Pair) -> tuple[Readiness, PairSupportOut]:
    """The same, with who helps with what is missing; the pair is judged once for both.

    Raises:
        NotFound: no such call that the caller may see, or the startup's evidence is not the caller's.
    """
    async with out.sessions() as db:
        records, judged = await eligibility.judged(db, out.cpu, pair)
        helping = await support_found(db, pair, records, judged)
    return readiness_of(judged, pair), helping


def readiness_of(judged: Judged, pair: Pair) -> Readiness:
    """How far the startup of a pair that was judged is from handing in."""
    return readiness(judged.tender, judged.startup, judged.eligibility, default_book(), _timing(judged, pair.now))


async def ways_in(out: Lookout, pair: Pair) -> tuple[Eligibility, tuple[Route, ...]]:
    """The lawful ways in for a pair, with its eligibility; none where nothing blocks.

    Raises:
        NotFound: no such call that the caller may see, or the startup's evidence is not the caller's.
    """
    async with out.sessions() as db:
        records, judged = await eligibility.judged(db, out.cpu, pair)
    if not blocking(judged.eligibility):
        return judged.eligibility, ()
    blocked = Blocked(
        StartupRecord.model_validate({**records.startup, "id": str(pair.startup_id)}),
        TenderRecord.model_validate({**records.tender, "id": str(pair.tender_id)}),
        judged,
    )
    around: Surroundings = await look_around(out, pair, blocked, moment_at(pair.now))
    routes = plan_routes(judged.tender, judged.eligibility, around, default_book(), _timing(judged, pair.now))
    return judged.eligibility, routes


def _timing(judged: Judged, now: dt.datetime) -> Timing:
    return Timing(moment_at(now), working_days_of(judged.tender.country, now.year))
