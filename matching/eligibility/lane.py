"""The simplified-access lane: which calls a young firm can enter without references, and on what ground."""

from __future__ import annotations

from dataclasses import dataclass

from matching.eligibility.checking import the_case
from matching.eligibility.facts import Moment, TenderFacts
from matching.eligibility.laws import ground
from matching.eligibility.rulebook import RuleBook
from matching.eligibility.verdicts import Citation, Settlement
from matching.eligibility.vocabulary import FACTS


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a call is in the lane: ``name`` is one of ``GROUNDS`` (docs/eligibility.md), ``rule`` what gives it."""

    name: str
    rule: str
    citation: Citation | None


@dataclass(frozen=True, slots=True)
class Lane:
    """``open``: can it be entered without references? ``None`` is unknown, and ``settle`` says what would tell."""

    open: bool | None
    grounds: tuple[Ground, ...] = ()
    settle: tuple[Settlement, ...] = ()


def simplified_access(tender: TenderFacts, rules: RuleBook, moment: Moment) -> Lane:
    """Whether a call is in the lane.

    It is not where its text asks references of everybody; where the law itself asks none in such calls, that leaves a
    doubt to put to the buyer. A call that says nothing of references, and is of no kind that goes without, is unknown.
    """
    case, in_force = the_case(tender, None, rules, moment)
    judged = [(rule, ground(rule, case)) for rule in in_force.lanes]
    given = [rule for rule, each in judged if each.truth]
    grounds = tuple(Ground(str(rule.name), rule.id, rule.citation) for rule in given)
    references = FACTS["tender.references_asked"]
    if references.read(case):
        outright = any(rule.outright for rule in given)
        return Lane(None, grounds, (references.settle,)) if outright else Lane(open=False)
    if grounds:
        return Lane(open=True, grounds=grounds)
    settle = dict.fromkeys(each for _, found in judged if found.truth is None for each in found.settle)
    return Lane(None, settle=tuple(settle))
