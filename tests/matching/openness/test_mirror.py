"""The mirror counts what counting pair by pair gives, and asking less never shrinks the pool."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from itertools import product

from hypothesis import given, settings

from matching.eligibility.checking import check
from matching.eligibility.facts import HeldCertificate, Part, StartupFacts, TenderFacts
from matching.eligibility.loading import default_rules
from matching.eligibility.verdicts import Outcome
from matching.openness.loosening import How, loosenings
from matching.openness.mirror import Counts, mirror
from matching.openness.pool import Pool
from matching.requirements.findings import Certificate, Kind, References, Scheme, Turnover
from tests.matching.eligibility.cases import EVERYTHING, MOMENT, clause, mad, reference, tender, turnover
from tests.matching.openness.worlds import calls, pools

RULES = default_rules()


def counted(call: TenderFacts, pool: list[StartupFacts]) -> Counts:
    told = Counter(check(call, each, RULES, MOMENT).outcome for each in pool)
    return Counts(told[Outcome.PASS], told[Outcome.FAIL], told[Outcome.UNKNOWN])


@settings(max_examples=40)
@given(calls(), pools)
def test_counts_are_those_of_pair_by_pair(call: TenderFacts, pool: list[StartupFacts]) -> None:
    told = mirror(call, Pool.of(pool), None, RULES, MOMENT)
    assert told.counts == counted(call, pool)
    assert [each.counts for each in told.changes] == [counted(each.tender, pool) for each in loosenings(call)]
    for each in told.clauses:
        if each.clause is not None:
            without = replace(call, clauses=tuple(c for c in call.clauses if c.id != each.clause.id))
            freed = [
                one for one in pool
                if check(call, one, RULES, MOMENT).outcome is Outcome.FAIL
                and check(without, one, RULES, MOMENT).outcome is not Outcome.FAIL
            ]  # fmt: skip
            assert each.alone == len(freed) or each.clause.kind is Kind.RESERVED


@settings(max_examples=40)
@given(calls(), pools)
def test_asking_less_never_shrinks_the_pool(call: TenderFacts, pool: list[StartupFacts]) -> None:
    told = mirror(call, Pool.of(pool), None, RULES, MOMENT)
    for each in told.changes:
        assert each.counts.passed >= told.counts.passed
        assert each.counts.failed <= told.counts.failed
        assert each.let_in == each.counts.passed - told.counts.passed
        assert each.no_more_out == told.counts.failed - each.counts.failed


def test_every_small_world_of_three_clauses() -> None:
    """Eight startups that hold each of certificate, two references and turnover or not, for every set of clauses."""
    iso = Certificate("ISO 9001", Scheme.ISO)
    clauses = {
        "iso": clause(Kind.CERTIFICATE, iso, id="iso"),
        "references": clause(Kind.REFERENCES, References(count=2, similar=True), id="references"),
        "turnover": clause(Kind.TURNOVER, Turnover(Decimal(2_000_000), "MAD"), id="turnover"),
    }
    pool = [
        StartupFacts(
            f"{held}",
            certificates=(HeldCertificate("ISO 9001", Scheme.ISO, expires=dt.date(2030, 1, 1)),) * held[0],
            references=(reference(),) * (2 * held[1]),
            turnover=turnover(3_000_000 if held[2] else 900_000),
            complete=EVERYTHING,
        )
        for held in product([0, 1], repeat=3)
    ]
    for asked in product([0, 1], repeat=3):
        names = [name for name, wanted in zip(clauses, asked, strict=True) if wanted]
        told = mirror(tender(*(clauses[name] for name in names)), Pool.of(pool), None, RULES, MOMENT)
        assert told.counts == Counts(8 >> len(names), 8 - (8 >> len(names)), 0)
        assert {each.clause.id: each.alone for each in told.clauses if each.clause} == {
            name: 8 >> len(names) for name in names
        }
        dropped = [each for each in told.changes if each.how is How.DROPPED]
        assert all(each.let_in == 8 >> len(names) for each in dropped)


class TestLoosening:
    def test_counts_steps_between_all_and_nothing(self) -> None:
        call = tender(
            clause(Kind.REFERENCES, References(count=3, similar=True), id="r"),
            clause(Kind.TURNOVER, Turnover(Decimal(10_000_000), "MAD"), id="t"),
            value=mad(2_000_000),
        )
        found = [(each.how, each.clauses, each.lots) for each in loosenings(call)]
        assert found == [
            (How.ONE, ("r",), None), (How.NOT_SIMILAR, ("r",), None), (How.DROPPED, ("r",), None),
            (How.TWICE_THE_VALUE, ("t",), None), (How.HALVED, ("t",), None), (How.DROPPED, ("t",), None),
            (How.SPLIT, ("t",), 2), (How.SPLIT, ("t",), 3),
        ]  # fmt: skip

    def test_leaves_alone_what_asks_nothing(self) -> None:
        call = tender(clause(Kind.REFERENCES, References(required=False)))
        assert list(loosenings(call)) == []

    def test_who_has_half_the_turnover_is_let_in_by_two_lots(self) -> None:
        call = tender(clause(Kind.TURNOVER, Turnover(Decimal(2_000_000), "MAD"), id="t"))
        pool = [StartupFacts("S", turnover=turnover(1_000_000), complete=frozenset({Part.TURNOVER}))]
        told = mirror(call, Pool.of(pool), None, RULES, MOMENT)
        assert {(each.how, each.lots): each.let_in for each in told.changes} == {
            (How.HALVED, None): 1, (How.DROPPED, None): 1, (How.SPLIT, 2): 1, (How.SPLIT, 3): 1
        }  # fmt: skip

    def test_only_those_that_the_subject_fits_are_counted(self) -> None:
        pool = Pool.of([StartupFacts("a"), StartupFacts("b")])
        assert mirror(tender(), pool, ["b", "gone"], RULES, MOMENT).suitable == 1
