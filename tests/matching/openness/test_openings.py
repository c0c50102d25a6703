"""Counterfactuals: what a change is said to open, the engine opens once it is made; and nothing else."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings

from matching.eligibility.checking import check
from matching.eligibility.facts import HeldCertificate, Part, StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Effect, Outcome
from matching.errors import RuleError
from matching.openness.answers import Asked
from matching.openness.calls import Calls
from matching.openness.changes import Change, changes
from matching.openness.effort import ChangeKind, default_efforts, read_efforts
from matching.openness.grades import GRADE_OF, OUTCOME_OF, PASS, whole_of
from matching.openness.openings import answers_after, cohort_openings, openings, opens
from matching.requirements.findings import (
    Certificate,
    Kind,
    Permission,
    References,
    Reservation,
    ReservedGroup,
    Scheme,
    Turnover,
)
from tests.matching.eligibility.cases import MOMENT, clause, mad, reference, startup, tender, turnover
from tests.matching.openness.test_calls import markets
from tests.matching.openness.worlds import startups

RULES, EFFORTS = default_rules(), default_efforts()


def with_partner(call: TenderFacts, own: StartupFacts, change: Change) -> Outcome:
    """The better of the two answers for each waivable check of the change's kinds, unless consortia are refused."""
    refused = any(isinstance(c.value, Permission) and c.value.allowed is False for c in call.clauses)
    mine, theirs = (check(call, who, RULES, MOMENT).checks for who in (own, change.after))
    partner = {(each.rule, each.clause): GRADE_OF[each.outcome] for each in theirs}
    parts = []
    for each in mine:
        grade = GRADE_OF[each.outcome]
        if each.waivable and each.kind in change.kinds and not refused:
            grade = max(grade, partner[each.rule, each.clause])
        if each.effect is Effect.BINDS:
            parts.append((each.lot, np.array([grade], dtype=np.int8)))
    return OUTCOME_OF[whole_of(parts, [lot.id for lot in call.lots], 1)[0]]


@settings(max_examples=50)
@given(markets, startups())
def test_each_change_does_to_each_call_what_the_engine_says(market: list[TenderFacts], own: StartupFacts) -> None:
    asked = Asked(Calls.of(market, RULES), MOMENT)
    told = asked.answers(own)
    before = asked.calls.outcomes(told)
    missed = [(asked.calls.questions[row], asked.calls.trades_of(row)) for row in np.flatnonzero(told < PASS)]
    for change in changes(own, missed, MOMENT):
        after = asked.calls.outcomes_after(answers_after(asked, told, change), told, before)
        for row, call in enumerate(market):
            exact = (
                with_partner(call, own, change)
                if change.of_partner
                else check(call, change.after, RULES, MOMENT).outcome
            )
            assert OUTCOME_OF[after[row]] is exact, change.kind


@settings(max_examples=30)
@given(markets, startups())
def test_the_best_come_first_and_open_something(market: list[TenderFacts], own: StartupFacts) -> None:
    asked = Asked(Calls.of(market, RULES), MOMENT)
    told = openings(own, asked, EFFORTS)
    by_id = {each.id: each for each in market}
    for each in told.openings:
        assert each.opened or each.unblocked
        assert all(check(by_id[id_], own, RULES, MOMENT).outcome is not Outcome.PASS for id_ in each.opened)
    order = [len(each.opened) / (1 + EFFORTS.efforts[each.kind].weeks) for each in told.openings]
    assert order == sorted(order, reverse=True)


def opened(own: StartupFacts, *market: TenderFacts) -> dict[tuple[ChangeKind, str], tuple[str, ...]]:
    told = openings(own, Asked(Calls.of(market, RULES), MOMENT), EFFORTS)
    return {(each.kind, each.what): each.opened for each in told.openings}


ISO = clause(Kind.CERTIFICATE, Certificate("ISO 9001", Scheme.ISO), id="iso")


class TestOpenings:
    def test_a_certificate_opens_the_calls_that_ask_for_it_alone(self) -> None:
        alone = replace(tender(ISO), id="alone")
        both = replace(tender(ISO, clause(Kind.TURNOVER, Turnover(Decimal(5_000_000), "MAD"), id="t")), id="both")
        told = opened(startup(turnover=turnover(900_000)), alone, both)
        assert told[ChangeKind.CERTIFICATE, "ISO 9001"] == ("alone",)
        assert told[ChangeKind.PARTNER_CERTIFICATE, "ISO 9001"] == ("alone",)

    def test_a_partner_opens_nothing_where_consortia_are_refused(self) -> None:
        refused = tender(ISO, clause(Kind.CONSORTIUM, Permission(allowed=False), id="c"))
        assert opened(startup(), refused) == {(ChangeKind.CERTIFICATE, "ISO 9001"): ("T",)}

    def test_a_certificate_that_ends_before_the_deadline_is_renewed(self) -> None:
        own = startup(certificates=(HeldCertificate("ISO 9001", Scheme.ISO, expires=dt.date(2026, 11, 25)),))
        assert opened(own, tender(ISO))[ChangeKind.RENEWAL, "ISO 9001"] == ("T",)

    def test_one_reference_more_is_enough_only_where_one_is_missing(self) -> None:
        asked = References(count=2, similar=True, amount=mad(500_000))
        call = tender(clause(Kind.REFERENCES, asked, id="r"))
        assert (ChangeKind.REFERENCE, "software_house") in opened(startup(references=(reference(),)), call)
        told = opened(startup(complete=frozenset({Part.REFERENCES})), call)
        assert (ChangeKind.REFERENCE, "software_house") not in told
        assert told[ChangeKind.PARTNER_REFERENCES, "software_house"] == ("T",)

    def test_more_turnover_tells_what_it_loses(self) -> None:
        reserved = replace(tender(clause(Kind.RESERVED, Reservation((ReservedGroup.SME,)), id="s")), id="reserved")
        large = replace(tender(clause(Kind.TURNOVER, Turnover(Decimal(300_000_000), "MAD"), id="t")), id="large")
        asked = Asked(Calls.of([reserved, large], RULES), MOMENT)
        told = openings(startup(turnover=turnover(900_000)), asked, EFFORTS)
        grown = next(each for each in told.openings if each.kind is ChangeKind.TURNOVER)
        assert (grown.opened, grown.lost) == (("large",), 1)

    def test_a_cohort_sees_what_helps_most_of_it(self) -> None:
        market = [replace(tender(ISO), id="a"), replace(tender(ISO), id="b")]
        asked = Asked(Calls.of(market, RULES), MOMENT)
        members = {n: opens(openings(startup(), asked, EFFORTS)) for n in ("x", "y")}
        told = {(each.kind, each.what): (each.helps, each.pairs) for each in cohort_openings(members, EFFORTS)}
        assert told[ChangeKind.CERTIFICATE, "ISO 9001"] == ((("x", 2), ("y", 2)), 4)


class TestEfforts:
    def test_the_table_that_ships_is_dated_and_whole(self) -> None:
        assert set(EFFORTS.efforts) == set(ChangeKind)
        assert (EFFORTS.as_of, EFFORTS.confidence) == (dt.date(2026, 11, 22), "estimate")

    @pytest.mark.parametrize("text", ["", "= no toml", 'version = "1"\n[effort.certificate]\nweeks = 1\ncost = 9\n'])
    def test_a_table_that_is_not_whole_is_refused(self, text: str) -> None:
        with pytest.raises(RuleError):
            read_efforts(text)
