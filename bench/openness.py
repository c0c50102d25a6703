"""Suite ``openness``: the mirror over a pool, openings of one startup over open calls, consortia. Fictional worlds."""

from __future__ import annotations

import datetime as dt
import random
import statistics
import time
from collections.abc import Callable
from decimal import Decimal
from functools import partial

from bench.figures import Figure
from matching.consortium.proposing import propose
from matching.consortium.seats import Ask
from matching.consortium.types import Candidate, Need, Together
from matching.eligibility.facts import (
    Clause,
    HeldCertificate,
    HeldReference,
    LegalForm,
    Member,
    Moment,
    Part,
    StartupFacts,
    TenderFacts,
    YearTurnover,
)
from matching.eligibility.loading import default_rules
from matching.openness.answers import Asked
from matching.openness.calls import Calls
from matching.openness.effort import default_efforts
from matching.openness.mirror import mirror
from matching.openness.openings import openings
from matching.openness.pool import Pool
from matching.requirements.findings import (
    Certificate,
    Kind,
    Languages,
    Money,
    Presence,
    References,
    Reservation,
    ReservedGroup,
    Scheme,
    Team,
    Turnover,
)
from matching.types import Amount

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
MOMENT = Moment(NOW, (("EUR", Decimal("10.8")),), dt.date(2026, 11, 1))
CERTIFICATES = tuple(f"ISO {number}" for number in range(9000, 9040)) + tuple(f"D{number}" for number in range(1, 20))
TRADES = tuple(f"trade-{number}" for number in range(45))
REGIONS = ("Casablanca", "Rabat", "Tanger", "Agadir", "Fès", "Oujda", "Marrakech")
GOALS = {"mirror": 200.0, "openings": 1_000.0, "consortia": 1_000.0}


def startup(seed: int) -> StartupFacts:
    """A fictional startup, told richly: real profiles hold less, which is quicker."""
    draw = random.Random(seed)
    day = dt.date(2018, 1, 1) + dt.timedelta(days=draw.randrange(3_200))
    return StartupFacts(
        f"{seed:07}",
        country="MA",
        regions=tuple(draw.sample(REGIONS, draw.randrange(3))),
        languages=tuple(draw.sample(("fr", "ar", "en"), draw.randrange(4))),
        founded=draw.randrange(2010, 2026),
        legal_form=draw.choice((None, *LegalForm)),
        employees=draw.choice((None, draw.randrange(1, 120))),
        turnover=tuple(
            YearTurnover(2025 - back, Amount(Decimal(draw.randrange(100_000, 40_000_000)), "MAD"))
            for back in range(draw.randrange(4))
        ),
        certificates=tuple(
            HeldCertificate(draw.choice(CERTIFICATES), expires=dt.date(2026, 1, 1) + dt.timedelta(draw.randrange(900)))
            for _ in range(draw.randrange(4))
        ),
        references=tuple(
            HeldReference(
                "r", value=Amount(Decimal(draw.randrange(10_000, 9_000_000)), "MAD"),
                date=day + dt.timedelta(days=draw.randrange(40)), trades=frozenset(draw.sample(TRADES, 2)),
                attested=draw.choice((True, True, None)),
            )
            for _ in range(draw.randrange(5))
        ),
        team=tuple(
            Member(draw.choice(("ingénieur", "technicien")), draw.randrange(1, 9)) for _ in range(draw.randrange(3))
        ),
        complete=frozenset(draw.sample(tuple(Part), draw.randrange(len(Part)))),
    )  # fmt: skip


def call(seed: int) -> TenderFacts:
    """A fictional call with one to six clauses."""
    draw = random.Random(seed)
    asked = draw.sample(clauses_of(draw), draw.randrange(1, 7))
    return TenderFacts(
        f"T{seed:06}", "MA", "public", published=NOW - dt.timedelta(days=draw.randrange(20)),
        deadline=NOW + dt.timedelta(days=draw.randrange(1, 60)), trades=frozenset(draw.sample(TRADES, 2)),
        value=Money(Decimal(draw.randrange(200_000, 9_000_000)), "MAD", tax_included=True), clauses=tuple(asked),
    )  # fmt: skip


def clauses_of(draw: random.Random) -> list[Clause]:
    """One clause of each kind that binds; amounts are round, as buyers write them."""
    million = Decimal(draw.randrange(1, 30)) * 500_000
    return [
        Clause("turnover", Kind.TURNOVER, Turnover(million, "MAD", draw.choice((None, 3)))),
        Clause("references", Kind.REFERENCES, References(
            count=draw.randrange(1, 4), similar=True, years=draw.choice((None, 5)),
            amount=draw.choice((None, Money(million / 2, "MAD"))),
        )),
        Clause("certificate", Kind.CERTIFICATE, Certificate(draw.choice(CERTIFICATES), Scheme.ISO)),
        Clause("certificate-2", Kind.CERTIFICATE, Certificate(draw.choice(CERTIFICATES), Scheme.APPROVAL)),
        Clause("team", Kind.TEAM, Team("ingénieur", 1, 3)),
        Clause("presence", Kind.LOCAL_PRESENCE, Presence(draw.choice(REGIONS))),
        Clause("language", Kind.LANGUAGE, Languages(("fr", "ar"))),
        Clause("reserved", Kind.RESERVED, Reservation((ReservedGroup.SME, ReservedGroup.COOPERATIVE))),
    ]  # fmt: skip


def run(sizes: tuple[int, ...]) -> list[Figure]:
    """``sizes``: startups of the mirror's pool, half as many calls for openings; 100,000 and 50,000 if not given."""
    figures = [figure for size in sizes or (100_000,) for figure in (*_mirror(size), *_openings(size // 2))]
    return figures + _consortia()


def _timed(work: Callable[[], object], rounds: int) -> list[float]:
    told = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        told.append(1_000 * (time.perf_counter() - started))
    return told


def _figures(case: str, n: int, told: list[float]) -> list[Figure]:
    goal = GOALS[case.partition(",")[0]]
    return [
        Figure("openness", case, "safqa", n, "median", round(statistics.median(told), 1), f"ms (goal {goal:.0f})"),
        Figure("openness", case, "safqa", n, "worst", round(max(told), 1), f"ms (goal {goal:.0f})"),
    ]


def _mirror(size: int) -> list[Figure]:
    rules = default_rules()
    started = time.perf_counter()
    pool = Pool.of(startup(seed) for seed in range(size))
    built = time.perf_counter() - started
    asked = []
    for seed in range(10):
        draw = random.Random(seed)
        asked.append(TenderFacts(
            "T", "MA", "public", published=NOW, deadline=NOW + dt.timedelta(days=25), clauses=tuple(clauses_of(draw)),
            trades=frozenset(draw.sample(TRADES, 2)), value=Money(Decimal(900_000), "MAD", tax_included=True),
        ))  # fmt: skip
    few = [call(seed) for seed in range(10)]
    whole = [took for each in asked for took in _timed(partial(mirror, each, pool, None, rules, MOMENT), 1)]
    usual = [took for each in few for took in _timed(partial(mirror, each, pool, None, rules, MOMENT), 1)]
    return [
        Figure("openness", "pool from facts", "safqa", size, "once", round(built, 2), "s"),
        *_figures("mirror, 8 clauses and every loosening", size, whole),
        *_figures("mirror, 1 to 6 clauses", size, usual),
    ]


def _openings(size: int) -> list[Figure]:
    started = time.perf_counter()
    asked = Asked(Calls.of((call(seed) for seed in range(size)), default_rules()), MOMENT)
    built = time.perf_counter() - started
    questions = len(asked.calls.questions)
    efforts = default_efforts()
    told = [took for seed in range(20) for took in _timed(partial(openings, startup(seed), asked, efforts), 1)]
    return [
        Figure("openness", "calls from facts", "safqa", size, "once", round(built, 2), "s"),
        Figure("openness", "calls from facts", "safqa", size, "distinct questions", questions, ""),
        *_figures("openings, every change on every call", size, told),
    ]


def _consortia() -> list[Figure]:
    told = [took for seed in range(10) for took in _timed(partial(propose, *_market(seed, 10_000)), 1)]
    return _figures("consortia, 10 lots", 10_000, told)


def _market(seed: int, count: int) -> tuple[Ask, list[Candidate]]:
    draw = random.Random(seed)
    lots = [f"lot:{number}" for number in range(10)]
    needs = [Need(lot, lot=lot, work=True) for lot in lots] + [Need(f"certificate:{n}") for n in range(5)]
    needs += [Need("turnover", Together.SUM, 8_000_000), Need("references", Together.SUM, 5)]
    candidates = []
    for number in range(count):
        trade = draw.randrange(10)
        held = {lot for n, lot in enumerate(lots) if draw.random() < (0.5 if abs(n - trade) <= 1 else 0.08)}
        held |= {f"certificate:{n}" for n in range(5) if draw.random() < 0.15}
        candidates.append(Candidate(
            f"{number:05}", draw.random(), frozenset(held),
            {"turnover": int(200_000 * draw.paretovariate(1.1)), "references": draw.choice((0, 0, 0, 1, 1, 2, 3))},
            owner=f"group-{draw.randrange(50)}" if draw.random() < 0.02 else None,
            excludes=frozenset([f"{draw.randrange(count):05}"] if draw.random() < 0.01 else []),
        ))  # fmt: skip
    return Ask(tuple(needs)), candidates
