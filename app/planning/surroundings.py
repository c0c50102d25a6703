"""Looks around a blocked pair: calls that can be entered, partners, leads, pilots. What it finds is judged by
``matching.planning.routes``.

Partners are judged by what everybody may read of them: nobody learns from a plan what another keeps to itself.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from app.db.session import Sessions
from app.eligibility.judging import Judged
from app.eligibility.service import Pair
from app.files.to_eligibility import startup_facts, tender_facts
from app.files.to_matching import startup_doc, tender_doc
from app.kit.cpu_pool import CpuPool
from app.matches.live import PATIENCE_SECONDS
from app.matches.ranking import Ranker
from app.pilots import ranking as pilots
from app.pilots.ranking import Asked
from app.planning.leads import likely_leads
from app.planning.repository import ListedStartup, OpenCall, SurroundingsRepository, Win
from app.startups.views import public_record
from matching.dedupe import name_key
from matching.eligibility.checking import check
from matching.eligibility.facts import Moment, Procedure, StartupFacts, TenderFacts
from matching.eligibility.rulebook import RuleBook
from matching.eligibility.verdicts import Outcome
from matching.planning.book import RouteKind
from matching.planning.routes import Surroundings, Target, blocking
from matching.requirements import read_record
from matching.requirements.findings import Kind, Money
from matching.types import Amount, Gates, Grade, StartupDoc
from scrapers.records import StartupRecord, TenderRecord

MOST_CALLS: Final = 150
MOST_PARTNERS: Final = 60
MOST_PILOTS: Final = 5
SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Blocked:
    """A pair as its records stand and as it was judged; both ids are those of the rows."""

    startup_record: StartupRecord
    tender_record: TenderRecord
    judged: Judged

    @property
    def tender(self) -> TenderFacts:
        """What the call was understood to ask."""
        return self.judged.tender


@dataclass(frozen=True, slots=True)
class Lookout:
    """What is needed to look around."""

    sessions: Sessions
    ranker: Ranker
    cpu: CpuPool
    rules: RuleBook


class _Found(NamedTuple):
    """What the rankings and the database gave, best first."""

    calls: list[OpenCall]
    startups: list[ListedStartup]
    wins: list[Win]


async def look_around(out: Lookout, asked: Pair, pair: Blocked, moment: Moment) -> Surroundings:
    """Everything that may be a way in for this pair."""
    await out.ranker.index.catch_up(PATIENCE_SECONDS)
    gates = Gates(as_of=asked.now, min_grade=Grade.POSSIBLE)
    profile = startup_doc(pair.startup_record)
    calls = await out.ranker.tenders_for(profile, k=MOST_CALLS, gates=gates)
    others = await out.ranker.startups_for(tender_doc(pair.tender_record), k=MOST_PARTNERS, gates=gates)
    call_ids = [uuid.UUID(item.tender_id) for item in calls.items if item.tender_id != str(asked.tender_id)]
    startup_ids = [uuid.UUID(item.startup_id) for item in others.items if item.startup_id != str(asked.startup_id)]
    async with out.sessions() as db:
        rows = SurroundingsRepository(db)
        open_calls, listed = await rows.open_calls(call_ids, asked.now), await rows.listed(startup_ids)
        wins = await rows.wins(name_key(pair.tender.buyer), pair.tender.country, pair.tender_record.cpv)
    found = _Found(
        [open_calls[row] for row in call_ids if row in open_calls],
        [listed[row] for row in startup_ids if row in listed],
        wins,
    )
    around = await out.cpu.run(_judge, pair, found, out.rules, moment, deadline=SECONDS)
    return replace(around, pilots=await _pilots(out, asked, profile))


def _judge(pair: Blocked, found: _Found, rules: RuleBook, moment: Moment) -> Surroundings:
    entered: dict[RouteKind, list[Target]] = {kind: [] for kind in _ELSEWHERE}
    for call in found.calls:
        record = {**call.record, "id": str(call.id)}
        facts = tender_facts(TenderRecord.model_validate(record), read_record(record))
        target = _call_target(call, facts, pair.tender.buyer)
        if not (target.same_buyer or _of_the_trade(facts, pair.tender)):
            continue
        kind = _may_enter(facts, pair.judged.startup, rules, moment)
        if kind is not None:
            entered[kind].append(target)
    own = frozenset({name_key(pair.startup_record.name)})
    return Surroundings(
        simplified=tuple(entered[RouteKind.SIMPLIFIED_CALL]),
        purchase_orders=tuple(entered[RouteKind.PURCHASE_ORDER]),
        reserved=tuple(entered[RouteKind.RESERVED_CALL]),
        partners=tuple(_partners(pair, found.startups, rules, moment)),
        leads=likely_leads(found.wins, pair.tender.trades, own),
    )


_ELSEWHERE: Final = (RouteKind.SIMPLIFIED_CALL, RouteKind.PURCHASE_ORDER, RouteKind.RESERVED_CALL)


def _may_enter(facts: TenderFacts, startup: StartupFacts, rules: RuleBook, moment: Moment) -> RouteKind | None:
    """By which kind of route the startup may enter a call of the lane; ``None``: something else shuts it out."""
    if check(facts, startup, rules, moment).outcome is Outcome.FAIL:
        return None
    match facts.procedure:
        case Procedure.PURCHASE_ORDER:
            return RouteKind.PURCHASE_ORDER
        case Procedure.SIMPLIFIED:
            return RouteKind.SIMPLIFIED_CALL
        case _:
            return RouteKind.RESERVED_CALL


def _of_the_trade(one: TenderFacts, other: TenderFacts) -> bool:
    """Whether two calls share a trade; where the words of the other tell none, any call that fits the startup is."""
    return not other.trades or bool(one.trades & other.trades)


def _call_target(call: OpenCall, facts: TenderFacts, buyer: str | None) -> Target:
    key = name_key(buyer)
    return Target(
        "tender", str(call.id), call.title, facts.deadline,
        same_buyer=key != "" and name_key(call.buyer_name) == key, bond=_bond(facts),
    )  # fmt: skip


def _bond(facts: TenderFacts) -> Amount | None:
    for clause in facts.clauses:
        if clause.kind is Kind.BOND and isinstance(clause.value, Money):
            return Amount(clause.value.amount, clause.value.currency)
    return None


def _partners(pair: Blocked, startups: list[ListedStartup], rules: RuleBook, moment: Moment) -> Iterable[Target]:
    """Those whose public part holds something of what is missing, the most first: a row has the whole profile."""
    gaps = {gap.clause or gap.rule for gap in blocking(pair.judged.eligibility) if gap.waivable}
    if not gaps:
        return
    able: list[Target] = []
    for startup in startups:
        record = StartupRecord.model_validate({**public_record(startup.record), "id": str(startup.id)})
        judged = check(pair.tender, startup_facts(record, moment.as_of), rules, moment)
        holds = {
            each.clause or each.rule for each in judged.checks if each.outcome is Outcome.PASS and each.kind is not None
        }
        if settled := gaps & holds:
            able.append(Target("startup", str(startup.id), startup.name, why=tuple(sorted(settled))))
    yield from sorted(able, key=lambda partner: -len(partner.why))


async def _pilots(out: Lookout, asked: Pair, profile: StartupDoc) -> tuple[Target, ...]:
    question = Asked(asked.caller, asked.now, asked.lang, MOST_PILOTS)
    hits = await pilots.pilots_like(out.sessions, out.ranker, question, profile)
    return tuple(Target("pilot", str(hit.pilot.id), hit.pilot.title, hit.pilot.apply_by) for hit in hits.items)
