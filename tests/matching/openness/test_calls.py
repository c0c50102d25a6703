"""All calls asked at once say of a startup what the engine says of each pair."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from matching.eligibility.checking import check
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.openness.answers import Asked
from matching.openness.calls import Calls
from matching.openness.grades import OUTCOME_OF
from tests.matching.eligibility.cases import MOMENT
from tests.matching.openness.worlds import calls, startups

RULES = default_rules()
markets = st.lists(calls(), min_size=1, max_size=6)


@settings(max_examples=100)
@given(markets, startups())
def test_every_call_is_judged_as_the_engine_judges_it(market: list[TenderFacts], startup: StartupFacts) -> None:
    # Twice, a day apart: questions that are put by both must not be taken for one where the day tells.
    later = [
        replace(each, id=f"{each.id}+", deadline=each.deadline and each.deadline + dt.timedelta(days=1))
        for each in market
    ]
    asked = Asked(Calls.of([*market, *later], RULES), MOMENT)
    outcomes = asked.calls.outcomes(asked.answers(startup))
    for row, call in enumerate(asked.calls.tenders):
        assert OUTCOME_OF[outcomes[row]] is check(call, startup, RULES, MOMENT).outcome
