"""The mirror: a call of the caller's, or a draft by example, counted over the startups that its subject fits."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.audit import service as audit
from app.audit.schemas import FrozenOut
from app.awards.repository import AwardRepository
from app.db.base import JsonObject
from app.db.session import Sessions
from app.files.to_matching import tender_doc
from app.kit.cpu_pool import ComputationTooLong, CpuPool
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.i18n import Lang
from app.kit.ids import TenderId
from app.matches.documents import tender_doc_of_row
from app.matches.live import DEEPEST, MAY_SEE_STARTUPS, PATIENCE_SECONDS, TenderNotOpen
from app.matches.ranking import Ranker
from app.matches.subjects import own_open_tender
from app.models.audit_entry import AuditAction
from app.models.tender import Tender
from app.openness.advice import advice
from app.openness.facts import FactsKeeper, tender_of
from app.openness.past import concentration_out, past_calls
from app.openness.repository import OpennessRepository
from app.openness.schemas import ClauseChange, MirrorExampleIn, MirrorOut
from app.openness.telling import change_out, clause_out, counts_out, told
from app.startups.errors import WrongOrganisationKind
from matching.eligibility.facts import TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.openness.loosening import two_digits
from matching.openness.mirror import Mirror, mirror
from matching.requirements.findings import Money, References, Turnover, Value
from matching.types import Gates, Grade, TenderDoc

MOST_SUITABLE = 20_000
"""Startups that one mirror counts at most, the best fitting ones."""

MOST_CLAUSES = 500
"""Clauses of a call that is counted at all: the work grows with their square, and a thread can't be stopped."""

DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Means:
    """What a count needs of the process."""

    sessions: Sessions
    ranker: Ranker
    keeper: FactsKeeper
    cpu: CpuPool


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks, when, in which language."""

    caller: Caller
    now: dt.datetime
    lang: Lang


@dataclass(frozen=True, slots=True)
class OwnCall:
    """A call of the caller's: its row, its record, and what it asks."""

    tender: Tender
    record: JsonObject
    facts: TenderFacts


async def of_tender(
    means: Means, db: AsyncSession, asked: Asked, tender_id: TenderId, changes: Sequence[ClauseChange]
) -> MirrorOut:
    """The mirror of a draft or published call of the caller's, with its place in the audit trail. ``db`` writes that.

    Raises:
        NotFound: there is no such call, or it is somebody else's.
        ValidationFailed: a change is of no clause of the call, or of another kind of clause.

    """
    return await of_call(means, db, asked, await own_call(means, asked, tender_id), changes)


async def own_call(means: Means, asked: Asked, tender_id: TenderId) -> OwnCall:
    """A call of the caller's in any state, with what it asks.

    Raises:
        NotFound: there is no such call, or it is somebody else's.

    """
    async with means.sessions() as session:
        found = await OpennessRepository(session).own_tender(asked.caller, tender_id)
        if found is None:
            raise NotFound
        tender, record = found
        return OwnCall(tender, record, await means.keeper.tender(session, tender_id, record))


async def of_call(
    means: Means, db: AsyncSession, asked: Asked, call: OwnCall, changes: Sequence[ClauseChange]
) -> MirrorOut:
    """The mirror of a call that was read; ``db`` writes its place in the audit trail.

    Raises:
        ValidationFailed: a change is of no clause of the call, or of another kind of clause.

    """
    tender_id = TenderId(call.tender.id)
    facts = changed(call.facts, changes)
    made = await _mirror(means, asked, facts, tender_doc_of_row(tender_id, call.record), call.tender.buyer_name)
    details: JsonObject = {
        "changes": [each.model_dump(mode="json", exclude_defaults=True) for each in changes],
        "suitable": made.suitable,
    }
    await audit.record(db, asked.caller, tender_id, AuditAction.MIRROR_VIEWED, details, asked.now)
    return made.model_copy(update={"tender_id": uuid.UUID(str(tender_id))})


async def freeze(means: Means, db: AsyncSession, asked: Asked, tender_id: TenderId) -> FrozenOut:
    """Rank the candidates of an open call of the caller's now, and keep the list in the audit trail for good.

    Raises:
        NotFound: there is no such call, or it is somebody else's.
        TenderNotOpen: it is a draft, withdrawn, or past its deadline.

    """
    async with means.sessions() as session:
        found = await own_open_tender(session, asked.caller, tender_id)
    if found is None:
        raise NotFound
    if found.doc is None or (found.doc.deadline is not None and found.doc.deadline < asked.now):
        raise TenderNotOpen
    await means.ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(as_of=asked.now, min_grade=Grade.POSSIBLE)
    ranking = await means.ranker.fitting_startups(found.doc, k=DEEPEST, gates=gates)
    listed: list[JsonObject] = [
        {"startup_id": item.startup_id, "score": f"{item.score:.6f}", "grade": item.grade.value}
        for item in ranking.items
    ]
    hash_ = audit.list_hash(listed).hex()
    details: JsonObject = {"algorithm": ranking.algorithm, "candidates": list(listed), "list_hash": hash_}
    entry = await audit.record(db, asked.caller, tender_id, AuditAction.FROZEN, details, asked.now)
    return FrozenOut(entry=audit.out(entry), candidates=len(listed), list_hash=hash_)


async def of_example(means: Means, asked: Asked, body: MirrorExampleIn) -> MirrorOut:
    """The mirror of a draft that is nowhere but in the request.

    Raises:
        WrongOrganisationKind: startups and incubators may not count others' evidence.
        ValidationFailed: a change is of no clause of the call, or of another kind of clause.

    """
    if asked.caller.kind not in MAY_SEE_STARTUPS:
        raise WrongOrganisationKind(kind=asked.caller.kind, allowed=MAY_SEE_STARTUPS)
    record: JsonObject = body.tender.model_dump(mode="json", exclude_none=True)
    read = await means.cpu.run(tender_of, body.tender.id, record, deadline=DEADLINE_SECONDS)
    facts = changed(read, body.changes)
    buyer = body.tender.buyer.name if body.tender.buyer else None
    return await _mirror(means, asked, facts, tender_doc(body.tender), buyer)


def changed(tender: TenderFacts, changes: Sequence[ClauseChange]) -> TenderFacts:
    """A call that asks something else.

    Raises:
        ValidationFailed: a change is of no clause of the call, or of another kind of clause.

    """
    clauses = {each.id: each for each in tender.clauses}
    for place, change in enumerate(changes):
        clause = clauses.get(change.clause)
        if clause is None:
            raise ValidationFailed(
                FieldError(f"#/changes/{place}/clause", "unknown", fallback="is no clause of this call")
            )
        match clause.value:
            case _ if change.drop:
                del clauses[change.clause]
            case Turnover() as asked if change.amount is not None:
                clauses[clause.id] = replace(clause, value=replace(asked, amount=change.amount))
            case References() as asked if change.count is not None:
                value = replace(asked, count=change.count, required=change.count > 0)
                clauses[clause.id] = replace(clause, value=value)
            case _:
                raise ValidationFailed(
                    FieldError(f"#/changes/{place}", "unfit", fallback="has no such amount or count to change")
                )
    return replace(tender, clauses=tuple(clauses.values()))


def in_round_sums(tender: TenderFacts) -> TenderFacts:
    """A call whose sums of turnover and references are told by two digits."""
    return replace(tender, clauses=tuple(replace(each, value=_rounded(each.value)) for each in tender.clauses))


def _rounded(asked: Value) -> Value:
    match asked:
        case Turnover(amount=amount):
            return replace(asked, amount=two_digits(amount))
        case References(amount=Money() as each):
            return replace(asked, amount=replace(each, amount=two_digits(each.amount)))
        case _:
            return asked


async def _mirror(means: Means, asked: Asked, facts: TenderFacts, doc: TenderDoc, buyer: str | None) -> MirrorOut:
    if len(facts.clauses) > MOST_CLAUSES:
        raise ComputationTooLong(deadline_seconds=DEADLINE_SECONDS)
    ids, complete = await suitable(means, doc)
    rules, moment = default_rules(), moment_at(asked.now)
    async with means.sessions() as session:
        pool = await means.keeper.pool(session, ids, asked.now)
        awards = AwardRepository(session)
        past, winners = await past_calls(awards, buyer, facts.country, doc.cpv)
    made: Mirror = await means.cpu.run(
        mirror, in_round_sums(facts), pool, None, rules, moment, deadline=DEADLINE_SECONDS
    )
    return MirrorOut(
        tender_id=None,
        as_of=asked.now,
        suitable=told(made.suitable),
        complete=complete,
        counts=counts_out(made.counts),
        clauses=[clause_out(each) for each in made.clauses],
        changes=[change_out(each, made) for each in made.changes],
        advice=advice(facts, made, rules, moment, asked.lang),
        past_calls=past,
        concentration=concentration_out(winners),
    )


async def suitable(means: Means, doc: TenderDoc) -> tuple[list[uuid.UUID], bool]:
    """The listed startups that a call's subject fits, the best first, and whether these are all of them."""
    caught_up = await means.ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(min_grade=Grade.POSSIBLE)
    ranking = await means.ranker.fitting_startups(doc, k=MOST_SUITABLE + 1, gates=gates)
    ids = [uuid.UUID(item.startup_id) for item in ranking.items]
    return ids[:MOST_SUITABLE], caught_up and len(ids) <= MOST_SUITABLE
