"""Presence near the works, languages of the bid, and visits that must be made."""

from __future__ import annotations

import datetime as dt

from matching.eligibility.case import Case
from matching.eligibility.clauses.verdict import NO_STARTUP, Finding, buyer, profile, verdict
from matching.eligibility.facts import Clause, Part
from matching.eligibility.sums import Truth
from matching.eligibility.verdicts import Check, Effect
from matching.places import region_of
from matching.requirements.findings import Event, Languages, Presence
from matching.text import fold


def judge_presence(clause: Clause, case: Case) -> Check | None:
    """An office near the place asked, by the startup's regions."""
    asked = clause.value
    if not isinstance(asked, Presence):
        return None
    facts: dict[str, str | int | float | bool | None] = {"place": asked.place}
    if not asked.required:
        return verdict(clause, Finding(truth=True, facts=facts, how="none"), waivable=True)
    if asked.place is None:
        return verdict(clause, Finding(truth=None, facts=facts, settle=(buyer("local_presence.place"),)), waivable=True)
    startup = case.startup or NO_STARTUP
    near = [_near(asked.place, region, case.tender.country) for region in startup.regions]
    if True in near:
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if Part.REGIONS in startup.complete and None not in near:
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    return verdict(clause, Finding(truth=None, facts=facts, settle=(profile("regions", Part.REGIONS),)), waivable=True)


def _near(place: str, region: str, country: str | None) -> Truth:
    """The same place; ``None`` for another place of its region, or where a region is not known."""
    if fold(place) == fold(region):
        return True
    one, other = region_of(country, place), region_of(country, region)
    return None if one is None or other is None or one == other else False


def judge_languages(clause: Clause, case: Case) -> Check | None:
    """One of the languages that bids may be written in."""
    asked = clause.value
    if not isinstance(asked, Languages):
        return None
    startup = case.startup or NO_STARTUP
    facts: dict[str, str | int | float | bool | None] = {"languages": ", ".join(asked.codes)}
    if set(asked.codes) & set(startup.languages):
        return verdict(clause, Finding(truth=True, facts=facts), waivable=True)
    if Part.LANGUAGES in startup.complete:
        return verdict(clause, Finding(truth=False, facts=facts), waivable=True)
    return verdict(
        clause, Finding(truth=None, facts=facts, settle=(profile("languages", Part.LANGUAGES),)), waivable=True
    )


def judge_visit(clause: Clause, case: Case) -> Check | None:
    """A visit that must be made: open until its day, afterwards only its list of visitors tells."""
    asked = clause.value
    if not isinstance(asked, Event) or not asked.required:
        return None
    if asked.at is None:
        return verdict(
            clause, Finding(truth=None, facts={}, settle=(buyer("site_visit.at"),), how="undated"), effect=Effect.HINT
        )
    day = asked.at.date() if isinstance(asked.at, dt.datetime) else asked.at
    facts: dict[str, str | int | float | bool | None] = {"day": day.isoformat(), "place": asked.place}
    if day >= case.moment.as_of.date():
        return verdict(clause, Finding(truth=True, facts=facts))
    return verdict(clause, Finding(truth=None, facts=facts, settle=(profile("site_visit"),)))
