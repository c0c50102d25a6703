"""Team and equipment, compared by their words: roles are written freely and in three languages.

Words that don't meet prove nothing, so that somebody who is told counts as possible; only a list that its owner calls
complete and that is too short for what is asked fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from matching.eligibility.case import Case
from matching.eligibility.clauses.verdict import NO_STARTUP, Finding, buyer, profile, verdict
from matching.eligibility.facts import Clause, Part
from matching.eligibility.sums import Truth
from matching.eligibility.verdicts import Check
from matching.requirements.findings import Equipment, Team
from matching.text import fold

_WORD: Final = re.compile(r"[^\W_]+")
_SHORT: Final = 3


def judge_team(clause: Clause, case: Case) -> Check | None:
    """Enough people of the role and experience asked."""
    asked = clause.value
    if not isinstance(asked, Team):
        return None
    startup = case.startup or NO_STARTUP
    needed = asked.count if asked.count is not None else 1
    sure = possible = 0
    for member in startup.team:
        role = _same(asked.role, member.role)
        years = True if asked.years is None else None if member.years is None else member.years >= asked.years
        if years is not False:
            possible += member.count
            sure += member.count if role and years else 0
    facts: dict[str, str | int | float | bool | None] = {"role": asked.role, "needed": needed, "held": sure}
    if sure >= needed:
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if possible < needed and Part.TEAM in startup.complete:
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    settle = buyer("team.role") if asked.role is None else profile("team", Part.TEAM)
    return verdict(clause, Finding(truth=None, facts=facts, settle=(settle,)), waivable=True)


def judge_equipment(clause: Clause, case: Case) -> Check | None:
    """The equipment asked, owned or at hand."""
    asked = clause.value
    if not isinstance(asked, Equipment):
        return None
    facts: dict[str, str | int | float | bool | None] = {"what": asked.what}
    if not asked.required:
        return verdict(clause, Finding(truth=True, facts=facts, how="none"), waivable=True)
    startup = case.startup or NO_STARTUP
    if any(_same(asked.what, each) for each in startup.equipment):
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if Part.EQUIPMENT in startup.complete and not startup.equipment:
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    return verdict(
        clause, Finding(truth=None, facts=facts, settle=(profile("equipment", Part.EQUIPMENT),)), waivable=True
    )


def _same(asked: str | None, held: str) -> Truth:
    """Every word that is asked stands in what is held; ``None`` where nothing is named."""
    if asked is None:
        return None
    words = set(_words(asked))
    return bool(words) and words <= set(_words(held))


def _words(text: str) -> Iterable[str]:
    for word in _WORD.findall(text):
        folded = fold(word)
        if len(folded) > _SHORT:
            # A French or English plural and its singular: "bennes" and "benne", "réseaux" and "réseau".
            yield folded.rstrip("sx").rstrip("e")
