"""Pilots and startups ranked for one another, by the ranker that ranks calls: a pilot reads like one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from app.accounts.caller import Caller
from app.db.session import Sessions
from app.files.to_matching import tender_doc
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import StartupId
from app.matches.cards import startup_cards
from app.matches.live import PATIENCE_SECONDS, head, scored
from app.matches.ranking import Ranker
from app.matches.subjects import whole_startup
from app.models.pilot import Pilot
from app.pilots import service
from app.pilots.repository import PilotRepository
from app.pilots.schemas import PilotCandidate, PilotCandidates, PilotHit, PilotHits
from app.pilots.states import Action, after
from app.pilots.views import summary
from matching.types import Gates, Grade, StartupDoc, TenderDoc
from scrapers.records import TenderRecord

_WORTH_SHOWING = frozenset({Grade.STRONG, Grade.GOOD, Grade.POSSIBLE})


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, in which language, and how many answers are wanted at most."""

    caller: Caller
    now: dt.datetime
    lang: Lang
    limit: int


async def candidates(sessions: Sessions, ranker: Ranker, asked: Asked, pilot_id: uuid.UUID) -> PilotCandidates:
    """The listed startups that fit a pilot of the caller's, best first.

    Raises:
        NotFound: there is none, or it is somebody else's.
        PilotStateRefuses: it is not open: a draft names nobody, and later somebody has been chosen.

    """
    async with sessions() as db:
        pilot = await service.require_own(db, asked.caller, pilot_id)
        after(Action.CHOOSE, pilot.state)
    complete = await ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(as_of=asked.now, min_grade=Grade.POSSIBLE)
    ranking = await ranker.startups_for(pilot_doc(pilot), k=asked.limit, gates=gates)
    async with sessions() as db:
        cards = await startup_cards(db, [uuid.UUID(item.startup_id) for item in ranking.items])
    items = [
        PilotCandidate.model_validate({"startup": card, **scored(item, asked.lang)})
        for item in ranking.items
        if (card := cards.get(uuid.UUID(item.startup_id))) is not None  # gone since the index was refreshed
    ]
    return PilotCandidates.model_validate({**head(ranker, ranking, asked.now, complete=complete), "items": items})


async def pilots_for(sessions: Sessions, ranker: Ranker, asked: Asked, startup_id: StartupId) -> PilotHits:
    """The open pilots of a startup's country that fit it, best first.

    Raises:
        NotFound: no such startup, or one that the caller does not see the whole of.

    """
    async with sessions() as db:
        found = await whole_startup(db, asked.caller, startup_id)
        if found is None:
            raise NotFound
    await ranker.index.catch_up(PATIENCE_SECONDS)  # words that nobody used before are known to it now
    return await pilots_like(sessions, ranker, asked, found[1])


async def pilots_like(sessions: Sessions, ranker: Ranker, asked: Asked, startup: StartupDoc) -> PilotHits:
    """The same for a profile that the caller holds already, by the index as it stands."""
    async with sessions() as db:
        rows = await PilotRepository(db).open_for(startup.country, asked.now)
        docs = [pilot_doc(pilot) for pilot, _ in rows]
        cards = {str(pilot.id): summary(pilot, buyer) for pilot, buyer in rows}
    best = await ranker.best_of(startup, docs, k=asked.limit)
    used = ranker.algorithms()[0]
    return PilotHits(
        algorithm=f"{used.name}-{used.version}",
        considered=len(docs),
        items=[
            PilotHit.model_validate({"pilot": cards[result.tender_id], **scored(result, asked.lang)})
            for result in best
            if result.grade in _WORTH_SHOWING
        ],
    )


def pilot_doc(pilot: Pilot) -> TenderDoc:
    """A pilot as the ranker sees it: its trades as activities, its criteria as a part of the description."""
    return tender_doc(
        TenderRecord.model_validate(
            {
                "id": str(pilot.id),
                "title": pilot.title,
                "description": "\n".join([pilot.problem, *pilot.criteria]),
                "activities": pilot.trades,
                "cpv": pilot.cpv,
                "category": "services",
                "sector": pilot.sector,
                "place": pilot.place,
                "country": pilot.country,
                "value": {"amount": pilot.budget_amount, "currency": pilot.budget_currency},
                "deadline": pilot.apply_by,
                "language": pilot.language,
            }
        )
    )
