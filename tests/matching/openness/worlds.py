"""Drawn calls and startups: those of the engine's own property tests, with lots, doubts, invitations and papers."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import strategies as st

from matching.eligibility.facts import Clause, LotFacts, StartupFacts, TenderFacts
from matching.requirements.findings import Certificate, Event, Kind, ReservedGroup, Scheme
from matching.types import Amount
from tests.matching.eligibility.test_properties import calls as plain_calls
from tests.matching.eligibility.test_properties import currencies, sums, trades
from tests.matching.eligibility.test_properties import startups as plain_startups

LOTS = st.lists(st.builds(LotFacts, st.sampled_from("123"), st.just("lot"), trades), unique_by=lambda lot: lot.id)
VISIT = st.builds(
    lambda day: Clause("visit", Kind.SITE_VISIT, Event(required=True, at=day)),
    st.none() | st.dates(dt.date(2026, 11, 15), dt.date(2026, 12, 1)),
)
CLASSES = st.builds(
    lambda grade, sector: Clause(
        "class", Kind.CERTIFICATE, Certificate("classification", Scheme.QUALIFICATION, sector, grade=grade)
    ),
    st.none() | st.sampled_from(["1", "3", "S"]),
    st.none() | st.sampled_from(["A", "B"]),
)
OF_LOTS = st.none() | st.sampled_from("1234")
CONFIDENCES = st.sampled_from([0.2, 0.9, 1.0])


@st.composite
def calls(draw: st.DrawFn) -> TenderFacts:
    call = draw(plain_calls)
    more = draw(st.lists(VISIT | CLASSES, max_size=1))
    clauses = tuple(
        replace(clause, id=f"{n}", lot=draw(OF_LOTS), confidence=draw(CONFIDENCES))
        for n, clause in enumerate((*call.clauses, *more))
    )
    return replace(
        call,
        id=draw(st.uuids().map(str)),
        clauses=clauses,
        lots=tuple(draw(LOTS)),
        reserved=draw(st.none() | st.frozensets(st.sampled_from(ReservedGroup), max_size=2)),
        invited=draw(st.none() | st.frozensets(st.sampled_from(["S0", "S1"]))),
    )


@st.composite
def startups(draw: st.DrawFn) -> StartupFacts:
    held = draw(plain_startups)
    return replace(
        held,
        labels=tuple(draw(st.lists(st.sampled_from(["ESUS", "Startup innovante (fictional)", "autre"]), max_size=2))),
        founded=draw(st.none() | st.integers(2015, 2026)),
        balance_sheet=draw(st.none() | st.builds(Amount, sums, currencies)),
    )


pools = st.lists(startups(), min_size=1, max_size=6).map(
    lambda drawn: [replace(each, id=f"S{n}") for n, each in enumerate(drawn)]
)
