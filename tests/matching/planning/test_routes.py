"""Routes go around what blocks: only where they are open, dated back from the deadline, with their ground."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.eligibility.facts import Clause, LotFacts, TenderFacts
from matching.eligibility.verdicts import Effect, Eligibility, Outcome
from matching.errors import PlanningError
from matching.planning.book import RouteKind, default_book, parse_book
from matching.planning.routes import Route, Surroundings, Target, plan_routes
from matching.requirements.findings import Kind, Permission
from matching.types import Amount
from tests.matching.planning.worlds import BOND, DEADLINE, ISO, REFERENCES, TIMING, call, check_of, judged

BOOK = default_book()
SIMPLE = Target("tender", "t2", "Consultation simple", DEADLINE, bond=Amount(Decimal(3_000), "MAD"))
SAME = Target("tender", "t3", "Chez le même acheteur", DEADLINE + dt.timedelta(days=7), same_buyer=True)
HOLDER = Target("startup", "s2", "Atlas Fictif", why=(REFERENCES.id, ISO.id))
LEAD = Target("supplier", "w1", "Grand Groupe Fictif")
PILOT = Target("pilot", "p1", "Capteurs d'eau", DEADLINE)
EVERYTHING = Surroundings((SIMPLE, SAME), (SIMPLE,), (SIMPLE,), (HOLDER,), (LEAD,), (PILOT,))


def _routes(tender: TenderFacts, eligibility: Eligibility, around: Surroundings = EVERYTHING) -> dict[RouteKind, Route]:
    return {route.kind: route for route in plan_routes(tender, eligibility, around, BOOK, TIMING)}


def test_who_may_bid_needs_no_way_around() -> None:
    assert _routes(call(REFERENCES), judged(check_of(REFERENCES, Outcome.PASS))) == {}
    hint = replace(check_of(BOND, Outcome.FAIL), effect=Effect.HINT)
    assert _routes(call(BOND), judged(hint)) == {}


def test_all_ways_around_missing_references() -> None:
    found = _routes(call(REFERENCES), judged(check_of(REFERENCES, Outcome.FAIL)))
    assert set(found) == set(RouteKind) - {RouteKind.OTHER_LOT, RouteKind.INNOVATIVE_PURCHASE}
    assert all(route.solves == (REFERENCES.id,) for route in found.values())
    assert found[RouteKind.CONSORTIUM].citation.article == "150"
    assert found[RouteKind.SIMPLIFIED_CALL].targets[0] is SAME
    assert found[RouteKind.PURCHASE_ORDER].bond == SIMPLE.bond


def test_steps_follow_each_other_and_end_before_the_deadline() -> None:
    steps = _routes(call(REFERENCES), judged(check_of(REFERENCES, Outcome.FAIL)))[RouteKind.CONSORTIUM].steps
    starts = [step.start_by for step in steps]
    assert starts[-1] == dt.date(2026, 12, 18)
    assert starts[0] == dt.date(2026, 11, 30)  # fifteen working days before the 21st
    assert starts == sorted(starts, key=lambda day: day or dt.date.min)


def test_a_way_that_should_have_begun_is_told_so_and_comes_last() -> None:
    near = DEADLINE - dt.timedelta(days=21)
    routes = plan_routes(
        call(REFERENCES, deadline=near), judged(check_of(REFERENCES, Outcome.FAIL)), EVERYTHING, BOOK, TIMING
    )
    assert {route.kind for route in routes if route.late} == {RouteKind.CONSORTIUM, RouteKind.SUBCONTRACT}
    assert [route.late for route in routes] == sorted(route.late for route in routes)


@pytest.mark.parametrize("kind", [Kind.CONSORTIUM, Kind.SUBCONTRACTING])
def test_what_the_call_forbids_is_not_offered(kind: Kind) -> None:
    refused = Clause(kind, kind, Permission(allowed=False))
    found = _routes(call(REFERENCES, refused), judged(check_of(REFERENCES, Outcome.FAIL)))
    route = {Kind.CONSORTIUM: RouteKind.CONSORTIUM, Kind.SUBCONTRACTING: RouteKind.SUBCONTRACT}[kind]
    assert route not in found


def test_no_partner_mends_what_every_member_must_be() -> None:
    reserved = replace(check_of(REFERENCES, Outcome.FAIL), waivable=False)
    assert RouteKind.CONSORTIUM not in _routes(call(REFERENCES), judged(reserved))


def test_a_pilot_gives_references_and_nothing_else() -> None:
    assert RouteKind.PILOT not in _routes(call(ISO), judged(check_of(ISO, Outcome.FAIL)))
    both = _routes(call(ISO, REFERENCES), judged(check_of(ISO, Outcome.FAIL), check_of(REFERENCES, Outcome.FAIL)))
    assert both[RouteKind.PILOT].solves == (REFERENCES.id,)


def test_a_lot_that_asks_less_is_a_way_in() -> None:
    hard = replace(ISO, id="certificate:iso-9001@1", lot="1")
    tender = call(hard, lots=(LotFacts("1", "Réseau"), LotFacts("2", "Formation")))
    route = _routes(tender, judged(check_of(hard, Outcome.FAIL)))[RouteKind.OTHER_LOT]
    assert [target.id for target in route.targets] == ["2"]
    whole = judged(check_of(ISO, Outcome.FAIL))
    assert RouteKind.OTHER_LOT not in _routes(replace(tender, clauses=(ISO,)), whole)


def test_moroccan_ways_are_not_offered_elsewhere_nor_public_ones_by_private_buyers() -> None:
    french = _routes(call(REFERENCES, country="FR"), judged(check_of(REFERENCES, Outcome.FAIL)))
    assert RouteKind.UNSOLICITED_PROPOSAL not in french
    assert french[RouteKind.INNOVATIVE_PURCHASE].citation.jurisdiction == "FR"
    assert french[RouteKind.CONSORTIUM].citation.jurisdiction == "EU"
    private = _routes(call(REFERENCES, sector="private"), judged(check_of(REFERENCES, Outcome.FAIL)))
    assert RouteKind.UNSOLICITED_PROPOSAL not in private


@given(st.sets(st.sampled_from(["simplified", "purchase_orders", "reserved", "partners", "leads", "pilots"])))
def test_more_around_never_closes_a_way(kept: set[str]) -> None:
    eligibility = judged(check_of(REFERENCES, Outcome.FAIL))
    fewer = Surroundings(**{name: getattr(EVERYTHING, name) for name in kept})
    assert set(_routes(call(REFERENCES), eligibility, fewer)) <= set(_routes(call(REFERENCES), eligibility))


def test_a_wrong_entry_is_named() -> None:
    with pytest.raises(PlanningError, match="teleport"):
        parse_book(b'version = "1"\npiece = []\nguarantee = []', b'[[route]]\nid = "teleport"\njurisdictions = ["*"]\n'
                   b'steps = [["go", 1]]\nsource = "none"\nas_of = 2026-01-01\nconfidence = "primary"\n')  # fmt: skip
