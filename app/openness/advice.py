"""Plain advice for the author of a call, each with its ground. Not legal advice.

What the rules say of the call alone (hints that fail, whoever bids) comes from them; what is added here is what a
buyer may use although no rule asks it.
"""

from __future__ import annotations

from app.kit.i18n import Lang, translate
from app.openness.schemas import AdviceOut, CitationOut
from matching.eligibility.checking import the_case
from matching.eligibility.conditions import judge
from matching.eligibility.facts import Moment, Procedure, TenderFacts
from matching.eligibility.laws import judge_rule
from matching.eligibility.rulebook import RuleBook
from matching.eligibility.verdicts import Check, Citation, Effect, Outcome
from matching.openness.loosening import How, asks
from matching.openness.mirror import Mirror
from matching.requirements.findings import Kind

_RESERVE = "ma.reserve"
_CEILING = "ma.simplified.ceiling"


def advice(tender: TenderFacts, mirror: Mirror, rules: RuleBook, moment: Moment, lang: Lang) -> list[AdviceOut]:
    """What the author could do, the law's hints first."""
    case, in_force = the_case(tender, None, rules, moment)
    told = hints(tender, rules, moment, lang)
    rules_by_id = {rule.id: rule for rule in in_force.checks}
    ceiling = rules_by_id.get(_CEILING)
    if ceiling and ceiling.requires and tender.procedure is Procedure.OPEN and judge(ceiling.requires, case).truth:
        told.append(_own("simplified", lang, ceiling.citation))
    if mirror.counts.failed and _asked(tender, Kind.REFERENCES):
        told.append(_own("references", lang, None))
    reserve = rules_by_id.get(_RESERVE)
    if reserve and tender.reserved is None and not _asked(tender, Kind.RESERVED):
        told.append(_own("reserve", lang, reserve.citation))
    if any(each.how is How.SPLIT and each.let_in for each in mirror.changes):
        told.append(_own("split", lang, None))
    return told


def hints(tender: TenderFacts, rules: RuleBook, moment: Moment, lang: Lang) -> list[AdviceOut]:
    """What the law in force asks of such a call and it fails, whoever bids: too short a publication, for one."""
    case, in_force = the_case(tender, None, rules, moment)
    judged = [found for rule in in_force.checks if (found := judge_rule(rule, case)) is not None]
    return [_of_check(each, lang) for each in judged if each.effect is Effect.HINT and each.outcome is Outcome.FAIL]


def _asked(tender: TenderFacts, kind: Kind) -> bool:
    return any(each.kind is kind and asks(each) for each in tender.clauses)


def _own(name: str, lang: Lang, citation: Citation | None) -> AdviceOut:
    key = f"openness.advice.{name}"
    return AdviceOut(key=key, sentence=translate(key, lang), citation=_citation(citation))


def _of_check(check: Check, lang: Lang) -> AdviceOut:
    return AdviceOut(
        key=check.message, sentence=translate(check.message, lang, **check.facts), citation=_citation(check.citation)
    )


def _citation(citation: Citation | None) -> CitationOut | None:
    return None if citation is None else CitationOut.model_validate(citation, from_attributes=True)
