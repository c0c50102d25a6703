"""The lawful ways in for a startup that a call shuts out, each with steps, dates, pieces, cost and ground."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from matching.eligibility.facts import TenderFacts
from matching.eligibility.verdicts import Check, Citation, Effect, Eligibility, Outcome
from matching.planning.book import PlanningBook, RouteForm, RouteKind
from matching.planning.readiness import FILING_DAYS, Timing
from matching.requirements.findings import Kind, Money, Permission
from matching.types import Amount

MAX_TARGETS: Final = 5
_SURE: Final = ("primary", "secondary", "estimate", "unverified")


@dataclass(frozen=True, slots=True)
class Target:
    """Whom or what a step is about: another call, a lot, a partner, a lead, a pilot.

    ``why`` are the ids of the checks that a partner would settle, or the trades that are shared. ``deadline``: of a
    call or a pilot. ``count``: how many such contracts a lead has won.
    """

    kind: Literal["tender", "lot", "startup", "supplier", "pilot", "buyer"]
    id: str | None
    name: str
    deadline: dt.datetime | None = None
    why: tuple[str, ...] = ()
    same_buyer: bool = False
    bond: Amount | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What there is around a blocked pair, best first; found by the caller, judged here.

    ``simplified``, ``purchase_orders`` and ``reserved``: open calls of the trade that the startup may enter without
    references; ``partners``: startups that hold what is missing; ``leads``: who won such calls; ``pilots``: open ones
    of the trade.
    """

    simplified: tuple[Target, ...] = ()
    purchase_orders: tuple[Target, ...] = ()
    reserved: tuple[Target, ...] = ()
    partners: tuple[Target, ...] = ()
    leads: tuple[Target, ...] = ()
    pilots: tuple[Target, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do. ``start_by``: the latest working day to begin it; ``None`` without a deadline to count from."""

    name: str
    working_days: int
    start_by: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """A way in. ``solves``: the ids of the blocking checks that it lifts or goes around.

    ``deadline`` is the one that the dates are counted back from; ``late``: the first step should have begun already.
    ``bond``: the provisional bond to put down on this way, where it is told. ``pieces`` names the pieces of
    ``PlanningBook`` that this way takes beyond the bid's own.
    """

    kind: RouteKind
    solves: tuple[str, ...]
    targets: tuple[Target, ...]
    steps: tuple[Step, ...]
    citation: Citation
    deadline: dt.datetime | None = None
    late: bool = False
    bond: Amount | None = None
    pieces: tuple[str, ...] = ()


def blocking(eligibility: Eligibility) -> tuple[Check, ...]:
    """What shuts the startup out, or may: the binding checks that do not pass."""
    return tuple(
        check for check in eligibility.checks if check.effect is Effect.BINDS and check.outcome is not Outcome.PASS
    )


def plan_routes(
    tender: TenderFacts, eligibility: Eligibility, around: Surroundings, book: PlanningBook, when: Timing
) -> tuple[Route, ...]:
    """The routes of one blocked pair: those that are in time first, then the best founded, then the quickest.

    Empty where nothing blocks. A route whose condition is not met (no partner holds what is missing, the call refuses
    consortia) is not offered.
    """
    gaps = blocking(eligibility)
    if not gaps:
        return ()
    planner = _Planner(tender, eligibility, gaps, book, when)
    found = [
        *planner.other_lot(),
        *planner.elsewhere(RouteKind.SIMPLIFIED_CALL, around.simplified),
        *planner.elsewhere(RouteKind.PURCHASE_ORDER, around.purchase_orders),
        *planner.elsewhere(RouteKind.RESERVED_CALL, around.reserved),
        *planner.consortium(around.partners),
        *planner.subcontract(around.leads),
        *planner.pilot(around.pilots),
        *planner.proposals(),
    ]
    return tuple(sorted(found, key=_rank))


def _rank(route: Route) -> tuple[bool, int, int]:
    return route.late, _SURE.index(route.citation.confidence), sum(step.working_days for step in route.steps)


@dataclass(frozen=True, slots=True)
class _Planner:
    tender: TenderFacts
    eligibility: Eligibility
    gaps: tuple[Check, ...]
    book: PlanningBook
    when: Timing

    def other_lot(self) -> Iterable[Route]:
        """A lot that does not ask what is missing."""
        shut = {gap.lot for gap in self.gaps}
        free = [
            Target("lot", lot.id, lot.title, self.tender.deadline)
            for lot in self.tender.lots
            if lot.id not in shut and None not in shut and self.eligibility.by_lot.get(lot.id) is not Outcome.FAIL
        ]
        if free:
            yield from self._route(RouteKind.OTHER_LOT, free, self._all(), self.tender.deadline)

    def elsewhere(self, kind: RouteKind, calls: tuple[Target, ...]) -> Iterable[Route]:
        """Other open calls, the same buyer's first, each dated by itself: the dates are those of the first."""
        ordered = sorted(calls, key=lambda call: not call.same_buyer)
        if ordered:
            yield from self._route(kind, ordered, self._all(), ordered[0].deadline)

    def consortium(self, partners: tuple[Target, ...]) -> Iterable[Route]:
        """Together with who holds what is missing, if the call and the law let a partner bring it."""
        if self._permission(Kind.CONSORTIUM) is False:
            return
        waivable = {_id(gap) for gap in self.gaps if gap.waivable}
        if waivable != set(self._all()):
            return
        able = [partner for partner in partners if waivable <= set(partner.why)]
        able = able or [partner for partner in partners if waivable & set(partner.why)]
        solved = tuple(gap for gap in self._all() if any(gap in partner.why for partner in able))
        if able:
            yield from self._route(RouteKind.CONSORTIUM, able, solved, self.tender.deadline)

    def subcontract(self, leads: tuple[Target, ...]) -> Iterable[Route]:
        """Under a firm that wins such calls, unless the call forbids subcontracting."""
        if leads and self._permission(Kind.SUBCONTRACTING) is not False:
            yield from self._route(RouteKind.SUBCONTRACT, leads, self._all(), self.tender.deadline)

    def pilot(self, pilots: tuple[Target, ...]) -> Iterable[Route]:
        """A pilot gives the reference that is missing; it helps with nothing else."""
        missing = tuple(_id(gap) for gap in self.gaps if gap.kind is Kind.REFERENCES)
        if missing and pilots:
            yield from self._route(RouteKind.PILOT, pilots, missing, pilots[0].deadline)

    def proposals(self) -> Iterable[Route]:
        """What the startup can begin by itself at a public buyer."""
        if self.tender.sector != "public" or self.tender.buyer is None:
            return
        buyer = [Target("buyer", None, self.tender.buyer, same_buyer=True)]
        for kind in (RouteKind.INNOVATIVE_PURCHASE, RouteKind.UNSOLICITED_PROPOSAL):
            yield from self._route(kind, buyer, self._all(), None)

    def _all(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_id(gap) for gap in self.gaps))

    def _permission(self, kind: Kind) -> bool | None:
        told = [
            clause.value.allowed
            for clause in self.tender.clauses
            if clause.kind is kind and isinstance(clause.value, Permission)
        ]
        return told[0] if told else None

    def _route(
        self, kind: RouteKind, targets: Iterable[Target], solves: tuple[str, ...], deadline: dt.datetime | None
    ) -> Iterable[Route]:
        form = self.book.route_for(kind, self.tender.country)
        if form is None:
            return
        shown = tuple(targets)[:MAX_TARGETS]
        steps = _dated(form, deadline, self.when)
        today = self.when.moment.as_of.astimezone(deadline.tzinfo if deadline else None).date()
        yield Route(
            kind, solves, shown, steps, form.citation, deadline,
            late=any(step.start_by is not None and step.start_by < today for step in steps[:1]),
            bond=self._bond(kind, shown), pieces=("consortium_agreement",) if kind is RouteKind.CONSORTIUM else (),
        )  # fmt: skip

    def _bond(self, kind: RouteKind, targets: tuple[Target, ...]) -> Amount | None:
        """The bond of the call that is bid for on this way; a subcontractor and a proposal put none down."""
        if targets[0].kind == "tender":
            return targets[0].bond
        if kind is RouteKind.CONSORTIUM:
            return self._asked_bond(None)
        return self._asked_bond(targets[0].id) if kind is RouteKind.OTHER_LOT else None

    def _asked_bond(self, lot: str | None) -> Amount | None:
        for clause in self.tender.clauses:
            value = clause.value
            if clause.kind is Kind.BOND and isinstance(value, Money) and value.lot == lot and value.amount > Decimal(0):
                return Amount(value.amount, value.currency)
        return None


def _id(check: Check) -> str:
    return check.clause or check.rule


def _dated(form: RouteForm, deadline: dt.datetime | None, when: Timing) -> tuple[Step, ...]:
    """The steps with their latest beginnings, counted back so that each ends before the next begins."""
    if deadline is None:
        return tuple(Step(name, days) for name, days in form.steps)
    dated: list[Step] = []
    end = deadline.date()
    for name, days in reversed(form.steps):
        end = when.days.before(end, max(FILING_DAYS, days))
        dated.append(Step(name, days, end))
    return tuple(reversed(dated))
