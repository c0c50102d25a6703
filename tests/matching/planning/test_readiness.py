"""Readiness tells what is held, expiring or missing, the cash that is bound, and whether the days are enough."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from matching.eligibility.facts import Clause, HeldDocument, Moment, Part
from matching.eligibility.verdicts import Outcome
from matching.planning.book import default_book
from matching.planning.readiness import PieceState, Readiness, Timing, cash_need, readiness
from matching.planning.working_days import WorkingDays
from matching.requirements.findings import Event, Kind, Money, Payment, References
from matching.types import Amount
from tests.matching.planning.worlds import BOND, DEADLINE, ISO, REFERENCES, STARTUP, TIMING, call, check_of, judged

BOOK = default_book()


def _states(found: Readiness) -> dict[str, PieceState]:
    return {item.piece.id: item.state for item in found.items}


def test_what_is_not_asked_is_not_on_the_list() -> None:
    plain = _states(readiness(call(), STARTUP, judged(), BOOK, TIMING))
    assert "reference_attestations" not in plain
    assert plain["declaration_of_honour"] is PieceState.TO_MAKE
    asked = _states(readiness(call(REFERENCES), STARTUP, judged(check_of(REFERENCES, Outcome.FAIL)), BOOK, TIMING))
    assert asked["reference_attestations"] is PieceState.MISSING


def test_a_call_that_says_it_asks_no_references_asks_none() -> None:
    none = Clause("references", Kind.REFERENCES, References(required=False))
    assert "reference_attestations" not in _states(readiness(call(none), STARTUP, judged(), BOOK, TIMING))


def test_a_paper_that_runs_out_before_the_deadline_must_be_renewed() -> None:
    last_day = DEADLINE.date() - dt.timedelta(days=1)
    startup = replace(STARTUP, documents=(HeldDocument("tax_certificate", expires=last_day),))
    item = next(
        item for item in readiness(call(), startup, judged(), BOOK, TIMING).items if item.piece.id == "tax_certificate"
    )
    assert (item.state, item.expires) == (PieceState.EXPIRING, last_day)
    assert item.start_by == dt.date(2026, 12, 11)  # six working days before Monday the 21st
    renewed = replace(startup, documents=(*startup.documents, HeldDocument("tax_certificate", expires=DEADLINE.date())))
    assert _states(readiness(call(), renewed, judged(), BOOK, TIMING))["tax_certificate"] is PieceState.HELD


def test_a_paper_that_nobody_spoke_of_is_unknown_until_the_list_is_complete() -> None:
    assert _states(readiness(call(), STARTUP, judged(), BOOK, TIMING))["tax_certificate"] is PieceState.UNKNOWN
    complete = replace(STARTUP, complete=frozenset({Part.DOCUMENTS}))
    assert _states(readiness(call(), complete, judged(), BOOK, TIMING))["tax_certificate"] is PieceState.MISSING


def test_a_certificate_that_runs_out_tells_its_day() -> None:
    failing = check_of(ISO, Outcome.FAIL, expires="2026-12-01")
    items = readiness(call(ISO), STARTUP, judged(failing), BOOK, TIMING).items
    item = next(item for item in items if item.piece.id == "certificate_asked")
    assert (item.state, item.expires) == (PieceState.EXPIRING, dt.date(2026, 12, 1))
    assert item.late
    assert item.checks == (ISO.id,)


def test_the_slowest_piece_decides_whether_the_days_are_enough() -> None:
    short = readiness(call(ISO), STARTUP, judged(check_of(ISO, Outcome.FAIL)), BOOK, TIMING)
    assert (short.in_time, short.working_days_needed) == (Outcome.FAIL, 61)
    held = readiness(call(ISO), STARTUP, judged(check_of(ISO, Outcome.PASS)), BOOK, TIMING)
    assert (held.in_time, held.working_days_left) == (Outcome.PASS, 20)
    assert readiness(call(deadline=None), STARTUP, judged(), BOOK, TIMING).in_time is Outcome.UNKNOWN


def test_a_piece_that_may_be_at_hand_makes_no_bid_late() -> None:
    unknown = readiness(call(ISO), STARTUP, judged(check_of(ISO, Outcome.UNKNOWN)), BOOK, TIMING)
    assert (unknown.in_time, unknown.working_days_needed) == (Outcome.UNKNOWN, 61)


def test_a_visit_is_made_on_its_day() -> None:
    visit = Clause("site_visit", Kind.SITE_VISIT, Event(required=True, at=DEADLINE - dt.timedelta(days=7)))
    items = {item.piece.id: item for item in readiness(call(visit), STARTUP, judged(), BOOK, TIMING).items}
    assert items["site_visit"].start_by == dt.date(2026, 12, 14)
    assert items["financial_offer"].start_by == dt.date(2026, 12, 14)  # five working days before Monday the 21st
    gone = Clause("site_visit", Kind.SITE_VISIT, Event(at=dt.date(2026, 11, 20)))
    assert next(
        item for item in readiness(call(gone), STARTUP, judged(), BOOK, TIMING).items if item.piece.id == "site_visit"
    ).late


def test_the_day_is_that_of_the_call_not_of_the_reader() -> None:
    at_night = Timing(Moment(dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)), WorkingDays())  # Monday in Morocco
    assert readiness(call(), STARTUP, judged(), BOOK, at_night).working_days_left == 20


def test_cash_is_bound_by_bond_guarantees_and_late_payment() -> None:
    terms = Clause("payment", Kind.PAYMENT, Payment(days=60, advance_percent=Decimal(10)))
    cash = cash_need(call(BOND, terms), replace(STARTUP, cash=Amount(Decimal(15_000), "MAD")), BOOK)
    assert (cash.bond, cash.short) == (Decimal(20_000), Decimal(5_000))
    assert (cash.definitive_bond, cash.retention) == (Decimal(30_000), Decimal(70_000))
    assert {ground.id for ground in cash.grounds} == {"definitive_bond", "retention"}
    assert (cash.prefinancing, cash.payment_days) == (Decimal(900_000), 60)


def test_the_calls_own_terms_come_before_the_laws_and_private_calls_know_no_law() -> None:
    own = Clause("payment", Kind.PAYMENT, Payment(definitive_bond_percent=Decimal(5)))
    assert cash_need(call(own), STARTUP, BOOK).definitive_bond == 50_000
    assert cash_need(call(sector="private"), STARTUP, BOOK).definitive_bond is None


def test_unknown_sums_stay_unknown() -> None:
    cash = cash_need(call(value=None), STARTUP, BOOK)
    assert (cash.bond, cash.prefinancing, cash.definitive_bond, cash.short) == (None, None, None, None)
    dollars = replace(STARTUP, cash=Amount(Decimal(15_000), "USD"))
    assert cash_need(call(BOND), dollars, BOOK).short is None


def test_bonds_of_lots_add_up_unless_one_is_told_for_the_whole() -> None:
    lots = tuple(Clause(f"bond@{n}", Kind.BOND, Money(Decimal(5_000), "MAD", lot=str(n)), lot=str(n)) for n in (1, 2))
    assert cash_need(call(*lots), STARTUP, BOOK).bond == 10_000
    assert cash_need(call(*lots, BOND), STARTUP, BOOK).bond == 20_000


@given(
    st.sets(st.sampled_from(["tax_certificate", "social_security_certificate", "trade_register"])),
    st.dates(dt.date(2026, 11, 1), dt.date(2027, 3, 1)),
)
def test_another_paper_never_makes_a_bid_less_ready(kinds: set[str], expires: dt.date) -> None:
    few = replace(STARTUP, complete=frozenset({Part.DOCUMENTS}))
    more = replace(few, documents=tuple(HeldDocument(kind, expires=expires) for kind in sorted(kinds)))
    before, after = (readiness(call(), startup, judged(), BOOK, TIMING) for startup in (few, more))
    assert after.working_days_needed <= before.working_days_needed
    held = {item.piece.id for item in after.items if item.state is PieceState.HELD}
    assert held == (kinds if expires >= DEADLINE.date() else set())
