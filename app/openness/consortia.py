"""Who could bid together: for the buyer of a call, and for a startup that looks for partners."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from app.audit import service as audit
from app.db.base import JsonObject
from app.eligibility.telling import disclaimer
from app.kit.cpu_pool import ComputationTooLong
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import StartupId, TenderId
from app.matches.cards import startup_cards
from app.matches.documents import tender_doc_of_row
from app.matches.live import PATIENCE_SECONDS
from app.models.audit_entry import AuditAction
from app.models.tender import TenderStatus
from app.openness.facts import startup_of, tender_of
from app.openness.partners import WORK, Wanted, refuses, wanted
from app.openness.repository import OpennessRepository
from app.openness.schemas_consortia import ConsortiaIn, ConsortiaOut, ConsortiumOut, NeedOut, SeatOut
from app.openness.service import DEADLINE_SECONDS, Asked, Means
from app.startups.schemas import StartupSummary
from matching.consortium.proposing import propose
from matching.consortium.search import TooManyNeeds
from matching.consortium.types import Consortium, Proposals, Together, Wish
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.types import Gates, Grade, LotDoc, TenderDoc

MOST_CANDIDATES = 1_000
"""Startups that are considered for each lot, the best fitting ones."""

_MOST_LOTS = 30


async def for_buyer(
    means: Means, db: AsyncSession, asked: Asked, tender_id: TenderId, body: ConsortiaIn
) -> ConsortiaOut:
    """Sets for a call of the caller's; of a draft without names. The audit trail keeps who was shown.

    Raises:
        NotFound: there is no such call, or it is somebody else's.
        ValidationFailed: members of a draft's sets are to be left out, who have no names there.

    """
    async with means.sessions() as session:
        found = await OpennessRepository(session).own_tender(asked.caller, tender_id)
    if found is None:
        raise NotFound
    tender, record = found
    if tender.status is TenderStatus.DRAFT and body.without:
        raise ValidationFailed(
            FieldError("#/without", "of-a-draft", fallback="is not taken of a draft: it would tell who is in a set")
        )
    made = await _proposed(means, asked, (tender_id, record), body, None)
    if tender.status is TenderStatus.DRAFT:
        made = without_names(made)
    details: JsonObject = {
        "sets": [[str(seat.startup.id) for seat in each.members if seat.startup] for each in made.sets]
    }
    await audit.record(db, asked.caller, tender_id, AuditAction.CONSORTIA_VIEWED, details, asked.now)
    return made


async def for_startup(
    means: Means, asked: Asked, startup_id: StartupId, tender_id: TenderId, body: ConsortiaIn
) -> ConsortiaOut:
    """Sets with this startup in them; partners are listed startups.

    Raises:
        NotFound: the caller doesn't see the whole of such a startup, or there is no such published call.

    """
    async with means.sessions() as session:
        repository = OpennessRepository(session)
        stored = await repository.whole_startup(asked.caller, startup_id)
        tender = await repository.public_tender(tender_id)
    if stored is None or tender is None:
        raise NotFound
    own = startup_of(startup_id, stored, asked.now)
    return await _proposed(means, asked, (tender_id, tender.record), body, own)


def without_names(made: ConsortiaOut) -> ConsortiaOut:
    """The same as profiles of need."""
    sets = [
        each.model_copy(update={"members": [seat.model_copy(update={"startup": None}) for seat in each.members]})
        for each in made.sets
    ]
    return made.model_copy(update={"sets": sets})


async def _proposed(
    means: Means, asked: Asked, call: tuple[TenderId, JsonObject], body: ConsortiaIn, own: StartupFacts | None
) -> ConsortiaOut:
    tender_id, record = call
    facts = await means.cpu.run(tender_of, tender_id, record, deadline=DEADLINE_SECONDS)
    if refuses(facts):
        return ConsortiaOut(
            tender_id=tender_id, as_of=asked.now, refused=True, needs=[], sets=[], nobody=[], barred=[], proven=True,
            considered=0, disclaimer=disclaimer(asked.lang),
        )  # fmt: skip
    scores = await _scores(means, tender_doc_of_row(tender_id, record))
    if own is not None and WORK in scores:  # whoever asks says itself that it can carry the work out
        scores[WORK].setdefault(own.id, 0.0)
    ids = [uuid.UUID(each) for each in dict.fromkeys(id_ for fits in scores.values() for id_ in fits)]
    async with means.sessions() as session:
        found = await means.keeper.public_parts(session, ids, asked.now)
    others = [each for each in found if own is None or each.id != own.id]
    wish = Wish(body.most, own.id if own else None, frozenset(map(str, body.without)))
    startups = [*others, *([own] if own else [])]
    made = await means.cpu.run(_search, facts, startups, scores, asked, (wish, body.sure), deadline=DEADLINE_SECONDS)
    async with means.sessions() as session:
        chosen = {uuid.UUID(seat.id) for each in made[1].sets for seat in each.seats}
        cards = await startup_cards(session, sorted(chosen))
    return _out(tender_id, asked, made, cards)


def _search(
    facts: TenderFacts,
    startups: Sequence[StartupFacts],
    scores: Mapping[str, Mapping[str, float]],
    asked: Asked,
    how: tuple[Wish, bool],
) -> tuple[Wanted, Proposals]:
    wish, sure = how
    sought = wanted(facts, startups, scores, (default_rules(), moment_at(asked.now)), sure=sure)
    try:
        return sought, propose(sought.ask, sought.candidates, wish)
    except TooManyNeeds as error:
        raise ComputationTooLong(deadline_seconds=DEADLINE_SECONDS) from error


async def _scores(means: Means, doc: TenderDoc) -> dict[str, dict[str, float]]:
    """By lot who fits it, with the score; each lot is ranked as a call of its own."""
    await means.ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(min_grade=Grade.POSSIBLE)
    parts = {lot.id: _as_call(doc, lot) for lot in doc.lots[:_MOST_LOTS]} or {WORK: doc}
    found = {}
    for lot, part in parts.items():
        ranking = await means.ranker.fitting_startups(part, k=MOST_CANDIDATES, gates=gates)
        found[lot] = {item.startup_id: item.score for item in ranking.items}
    return found


def _as_call(doc: TenderDoc, lot: LotDoc) -> TenderDoc:
    return TenderDoc(
        f"{doc.id}:{lot.id}", lot.title, lot.description, buyer=doc.buyer, sector=doc.sector, category=doc.category,
        cpv=lot.cpv or doc.cpv, place=doc.place, country=doc.country, value=lot.value, language=doc.language,
    )  # fmt: skip


def _out(
    tender_id: TenderId,
    asked: Asked,
    found: tuple[Wanted, Proposals],
    cards: Mapping[uuid.UUID, StartupSummary],
) -> ConsortiaOut:
    sought, proposals = found
    return ConsortiaOut(
        tender_id=tender_id,
        as_of=asked.now,
        refused=False,
        needs=[
            NeedOut(
                id=need.id,
                kind=clause.kind if (clause := sought.clauses.get(need.id)) else None,
                lot=need.lot,
                together=need.together,
                amount=need.amount if need.together is Together.SUM else None,
            )
            for need in sought.ask.needs
        ],
        sets=[_set(each, sought, cards) for each in proposals.sets],
        nobody=list(proposals.nobody),
        barred=list(proposals.barred),
        proven=proposals.proven,
        considered=proposals.considered,
        disclaimer=disclaimer(asked.lang),
    )


def _set(each: Consortium, sought: Wanted, cards: Mapping[uuid.UUID, StartupSummary]) -> ConsortiumOut:
    return ConsortiumOut(
        members=[
            SeatOut(
                startup=cards.get(uuid.UUID(seat.id)),
                lead=seat.lead,
                share_percent=seat.share,
                brings=list(seat.brings),
                only_it_brings=list(seat.alone),
                to_settle=sorted(sought.open.get(seat.id, frozenset()) & set(seat.brings)),
                lots=[lot for lot in seat.lots if lot != WORK],
            )
            for seat in each.seats
        ],
        lead_by=each.lead_by,
        shares_by=each.shares_by,
    )
