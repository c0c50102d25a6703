"""Who helps with what shuts a startup out of one call."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.planning.helping import gaps_of
from app.support.gaps import Gap
from matching.eligibility.verdicts import Check, Outcome
from matching.planning.readiness import CashNeed
from matching.requirements.findings import Kind
from tests.app.planning.test_endpoints import firm, pair
from tests.support.api import Api, Person
from tests.support.offers import offer

__all__ = ["firm", "pair"]  # fixtures


async def test_a_blocked_startup_is_shown_who_closes_its_gaps(api: Api, firm: Person, pair: tuple[str, str]) -> None:
    partner = await api.person("incubator", "Réseau fictif")
    for made in (offer("références"), offer("ailleurs", country="FR"), offer("équipe", gaps=["team"])):
        assert (await partner.client.post("/v1/support-offers", json=made)).status_code == 201
    answer = await firm.client.get(f"{pair[0]}/support", headers={"Accept-Language": "ar"})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert {"references", "bond"} <= set(told["gaps"])
    assert [one["title"] for one in told["offers"]] == ["références"]
    assert "ma-finea" in [one["id"] for one in told["aid"]]
    assert {one["country"] for one in told["aid"]} == {"MA"}
    assert any("\u0600" <= letter <= "\u06ff" for letter in told["notice"])


async def test_nobody_else_is_shown_what_a_startup_lacks(api: Api, pair: tuple[str, str]) -> None:
    for kind in ("startup", "buyer", "incubator"):
        stranger = await api.person(kind)
        assert (await stranger.client.get(f"{pair[0]}/support")).status_code == 404


@pytest.mark.parametrize(
    ("cash", "gaps"),
    [
        (CashNeed(), []),
        (CashNeed(bond=Decimal(5)), [Gap.BOND]),
        (CashNeed(bond=Decimal(5), short=Decimal(1)), [Gap.BOND]),
        (CashNeed(bond=Decimal(5), short=Decimal(0)), []),
        (CashNeed(bond=Decimal(0), prefinancing=Decimal(9)), [Gap.PREFINANCING]),
    ],
)
def test_money_is_a_gap_where_it_is_not_known_to_be_there(cash: CashNeed, gaps: list[Gap]) -> None:
    assert gaps_of([], cash) == gaps


def test_a_check_leaves_the_gap_of_its_kind_once() -> None:
    checks = [
        Check(rule=rule, outcome=Outcome.FAIL, message="x", kind=kind)
        for rule, kind in (
            ("a", Kind.TEAM),
            ("b", Kind.REFERENCES),
            ("c", Kind.TEAM),
            ("d", Kind.DEADLINE),
            ("e", None),
        )
    ]
    assert gaps_of(checks, CashNeed()) == [Gap.REFERENCES, Gap.TEAM]
