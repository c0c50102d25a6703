"""A pool asked at once says of each startup what the engine says of the pair."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from matching.eligibility.checking import check
from matching.eligibility.facts import StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Effect
from matching.openness.grades import GRADE_OF, OUTCOME_OF, PASS
from matching.openness.inquiry import Inquiry
from matching.openness.pool import Pool
from tests.matching.eligibility.cases import MOMENT
from tests.matching.openness.worlds import calls, pools

RULES = default_rules()


@settings(max_examples=120)
@given(calls(), pools)
def test_every_pair_of_drawn_worlds_is_judged_as_the_engine_judges_it(
    call: TenderFacts, pool: list[StartupFacts]
) -> None:
    columns = Pool.of(pool)
    inquiry = Inquiry(columns, np.arange(len(columns)), RULES, MOMENT)
    items = inquiry.items(call)
    outcomes = inquiry.outcomes(call, items)
    for row, startup in enumerate(columns.startups):
        told = check(call, startup, RULES, MOMENT)
        assert OUTCOME_OF[outcomes[row]] is told.outcome
        binding = [each for each in told.checks if each.effect is Effect.BINDS and each.clause is not None]
        by_clause = {item.clause.id: int(item.grades[row]) for item in items if item.clause is not None}
        for each in binding:
            assert by_clause.pop(str(each.clause)) == GRADE_OF[each.outcome]
        assert all(grade == PASS for grade in by_clause.values()), "a clause that binds nobody shuts out nobody"


@settings(max_examples=40)
@given(calls(), pools)
def test_some_rows_are_judged_as_they_are_among_all(call: TenderFacts, pool: list[StartupFacts]) -> None:
    columns = Pool.of(pool)
    every, some = np.arange(len(columns)), np.arange(0, len(columns), 2)
    whole, part = (Inquiry(columns, rows, RULES, MOMENT) for rows in (every, some))
    assert list(whole.outcomes(call, whole.items(call))[some]) == list(part.outcomes(call, part.items(call)))
