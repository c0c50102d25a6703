"""Who stands for a group of linked tenders."""

from __future__ import annotations

import uuid

from app.linking.repository import Member, Standing
from app.linking.service import MOST_OF_A_GROUP, groups_of, standings_of
from app.models.tender import TenderStatus

IDS = [uuid.UUID(int=number) for number in range(1, 100)]


def member(number: int, *, trust: int = 1, status: TenderStatus = TenderStatus.PUBLISHED, **more: object) -> Member:
    return Member(IDS[number], IDS[50 + number % 40], trust, status, Standing(**more))  # type: ignore[arg-type]


def test_the_most_trusted_publisher_stands_for_the_call() -> None:
    found = standings_of([member(0, trust=2), member(1, trust=0), member(2, trust=1)])
    assert found == {IDS[0]: Standing(IDS[1]), IDS[1]: Standing(), IDS[2]: Standing(IDS[1])}


def test_among_equals_whoever_came_first() -> None:
    assert standings_of([member(1), member(0)])[IDS[1]] == Standing(IDS[0])


def test_a_cancellation_anywhere_ends_the_call_everywhere() -> None:
    group = [member(0, trust=0), member(1, trust=2, status=TenderStatus.CANCELLED)]
    assert standings_of(group) == {IDS[0]: Standing(None, IDS[1]), IDS[1]: Standing(IDS[0])}


def test_a_call_that_was_ended_by_another_does_not_end_others_in_its_turn() -> None:
    """The other publisher has opened its call again: nobody says any more that it was cancelled."""
    group = [member(0, status=TenderStatus.CANCELLED, cancelled_by=IDS[1]), member(1)]
    assert standings_of(group) == {IDS[0]: Standing(), IDS[1]: Standing(IDS[0])}


def test_a_group_that_holds_two_tenders_of_one_publisher_joins_nobody() -> None:
    twins = [Member(IDS[0], IDS[60], 0, TenderStatus.PUBLISHED, Standing()), member(1),
             Member(IDS[2], IDS[60], 0, TenderStatus.PUBLISHED, Standing())]  # fmt: skip
    assert set(standings_of(twins).values()) == {Standing()}


def test_what_was_taken_back_stands_for_nothing() -> None:
    assert standings_of([member(0, trust=0, status=TenderStatus.WITHDRAWN), member(1)])[IDS[1]] == Standing()


def test_a_group_without_end_joins_nobody() -> None:
    owners = [uuid.UUID(int=1_000 + number) for number in range(MOST_OF_A_GROUP + 1)]
    group = [Member(uuid.UUID(int=n + 1), one, 1, TenderStatus.PUBLISHED, Standing()) for n, one in enumerate(owners)]
    assert set(standings_of(group).values()) == {Standing()}


def test_groups_are_what_hangs_together() -> None:
    a, b, c, d, e = IDS[:5]
    assert groups_of([a, b, c, d, e], [(a, c), (c, d)]) == [[a, c, d], [b], [e]]
