"""Records, evidence and findings to a judgement. Pure work for a thread: reading a long text takes a while."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import orjson
from pydantic import JsonValue

from app.evidence.facts import startup_facts
from app.files.to_eligibility import tender_facts
from app.requirements.findings import is_prose
from matching.eligibility.checking import check, groups_of
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.lane import Lane, simplified_access
from matching.eligibility.loading import default_rules
from matching.eligibility.rates import moment_at
from matching.eligibility.verdicts import Check, Eligibility
from matching.requirements import read_record
from matching.requirements.findings import Finding
from scrapers.evidence import EvidenceRecord
from scrapers.records import StartupRecord, TenderRecord


@dataclass(frozen=True, slots=True)
class PairRecords:
    """A call and a startup as their records stand, and what the startup can show beside its profile.

    ``findings``: what counts where the call's documents or its owner say more than its record does.
    """

    tender: Mapping[str, JsonValue]
    startup: Mapping[str, JsonValue]
    evidence: EvidenceRecord | None = None
    findings: tuple[Finding, ...] | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with everything that is known and said of it. ``tender`` is what the call was understood to ask."""

    tender: TenderFacts
    startup: StartupFacts
    eligibility: Eligibility
    groups: Mapping[str, Check]
    lane: Lane


def judge_records(records: PairRecords, as_of: dt.datetime) -> Judged:
    """The judgement of a pair of flat records, both checked when they came in."""
    return judge_facts(_call(records), firm_facts(records, as_of), as_of)


def judge_many(pairs: Sequence[PairRecords], as_of: dt.datetime) -> list[Eligibility]:
    """The eligibility of each pair of a list."""
    rules, moment = default_rules(), moment_at(as_of)
    found: list[Eligibility] = []
    firms: dict[int, StartupFacts] = {}  # in a startup's list every pair holds the same record: it is read once
    before: PairRecords | None = None
    for each in pairs:
        if before is None or each.tender is not before.tender or each.findings is not before.findings:
            call = _call(each)  # read once for all startups of one call
        if id(each.startup) not in firms:
            firms[id(each.startup)] = firm_facts(each, as_of)
        found.append(check(call, firms[id(each.startup)], rules, moment))
        before = each
    return found


def quotes_of(records: PairRecords) -> Mapping[str, str]:
    """The passage of the call that each clause was read in."""
    return quotes_in(_call(records))


def quotes_in(call: TenderFacts) -> Mapping[str, str]:
    """The passages that clauses were read in; of a clause that a field tells there is none."""
    return {clause.id: clause.quote for clause in call.clauses if is_prose(clause.field)}


def firm_facts(records: PairRecords, as_of: dt.datetime) -> StartupFacts:
    """What a startup can show."""
    startup = StartupRecord.model_validate(records.startup)
    return startup_facts(startup.id, startup, records.evidence or startup.evidence, as_of)


def _call(records: PairRecords) -> TenderFacts:
    if records.findings is None:
        return call_facts(records.tender)
    return tender_facts(TenderRecord.model_validate(records.tender), records.findings)


def call_facts(record: Mapping[str, JsonValue]) -> TenderFacts:
    """What a call asks, by its fields and texts."""
    return _read(orjson.dumps(record))


@lru_cache(maxsize=2_000)
def _read(record: bytes) -> TenderFacts:
    """Texts are read once: the same calls stand in many startups' lists."""
    fields = orjson.loads(record)
    return tender_facts(TenderRecord.model_validate(fields), read_record(fields))


def judge_facts(call: TenderFacts, firm: StartupFacts, as_of: dt.datetime) -> Judged:
    """The judgement of facts, with the rules and rates that ship."""
    rules, moment = default_rules(), moment_at(as_of)
    return Judged(
        call, firm, check(call, firm, rules, moment), groups_of(call, firm, rules, moment),
        simplified_access(call, rules, moment),
    )  # fmt: skip
