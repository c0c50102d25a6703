"""Plans as they are told: names in the reader's language, sums as numbers, the ground of each statement beside it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from app.eligibility.telling import citation_out, disclaimer
from app.kit.i18n import Lang, translate
from app.planning.schemas import (
    CashOut,
    ChecklistItemOut,
    GuaranteeOut,
    ReadinessOut,
    RouteOut,
    RoutesOut,
    StepOut,
    TargetOut,
)
from app.tenders.schemas import MoneyOut
from matching.eligibility.verdicts import Eligibility
from matching.planning.readiness import CashNeed, ChecklistItem, Readiness
from matching.planning.routes import Route, Step, Target, blocking
from matching.types import Amount


def tell_readiness(found: Readiness, lang: Lang) -> ReadinessOut:
    """A readiness for its answer."""
    return ReadinessOut(
        in_time=found.in_time,
        working_days_left=found.working_days_left,
        working_days_needed=found.working_days_needed,
        items=[_item(item, lang) for item in found.items],
        cash=_cash(found.cash, lang),
        disclaimer=disclaimer(lang),
    )


def tell_routes(eligibility: Eligibility, routes: Iterable[Route], lang: Lang) -> RoutesOut:
    """The routes of a pair for their answer."""
    return RoutesOut(
        outcome=eligibility.outcome,
        blocking=list(dict.fromkeys(gap.clause or gap.rule for gap in blocking(eligibility))),
        items=[_route(route, lang) for route in routes],
        disclaimer=disclaimer(lang),
    )


def _item(item: ChecklistItem, lang: Lang) -> ChecklistItemOut:
    piece = item.piece
    return ChecklistItemOut(
        id=piece.id,
        name=translate(f"planning.piece.{piece.id}", lang),
        state=item.state,
        file=piece.file,
        giver=translate(f"planning.giver.{piece.giver}", lang),
        working_days=piece.working_days,
        expires=item.expires,
        start_by=item.start_by,
        late=item.late,
        checks=list(item.checks),
        citation=citation_out(piece.citation, lang),
    )


def _cash(need: CashNeed, lang: Lang) -> CashOut:
    return CashOut(
        currency=need.currency,
        bond=_number(need.bond),
        definitive_bond=_number(need.definitive_bond),
        retention=_number(need.retention),
        prefinancing=_number(need.prefinancing),
        payment_days=need.payment_days,
        short=_number(need.short),
        grounds=[
            GuaranteeOut(
                name=translate(f"planning.guarantee.{ground.id}", lang),
                percent=float(ground.percent),
                citation=citation_out(ground.citation, lang),
            )
            for ground in need.grounds
        ],
    )


def _route(route: Route, lang: Lang) -> RouteOut:
    return RouteOut(
        kind=route.kind,
        name=translate(f"planning.route.{route.kind}", lang),
        solves=list(route.solves),
        targets=[_target(target) for target in route.targets],
        steps=[_step(step, lang) for step in route.steps],
        pieces=[translate(f"planning.piece.{piece}", lang) for piece in route.pieces],
        deadline=route.deadline,
        late=route.late,
        bond=_money(route.bond),
        citation=citation_out(route.citation, lang),
    )


def _target(target: Target) -> TargetOut:
    return TargetOut(
        kind=target.kind,
        id=target.id,
        name=target.name,
        deadline=target.deadline,
        same_buyer=target.same_buyer,
        holds=list(target.why),
        won=target.count,
    )


def _step(step: Step, lang: Lang) -> StepOut:
    return StepOut(
        id=step.name,
        name=translate(f"planning.step.{step.name}", lang),
        working_days=step.working_days,
        start_by=step.start_by,
    )


def _money(amount: Amount | None) -> MoneyOut | None:
    return None if amount is None else MoneyOut(amount=float(amount.amount), currency=amount.currency)


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None else float(amount)
