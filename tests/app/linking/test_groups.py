"""Who stands for a group of linked tenders, and what merely hangs on it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence

from app.linking.grouping import MOST_OF_A_GROUP, Member, Pair, Standing, Web, groups_of, judged
from app.models.tender import TenderStatus

IDS = [uuid.UUID(int=number) for number in range(1, 100)]
CANCELLED, WITHDRAWN = TenderStatus.CANCELLED, TenderStatus.WITHDRAWN


def member(
    number: int,
    *,
    owner: int | None = None,
    operated: bool = True,
    trust: int = 1,
    status: TenderStatus = TenderStatus.PUBLISHED,
    **more: object,
) -> Member:
    owner_id = IDS[50 + (number if owner is None else owner) % 40]
    return Member(IDS[number], owner_id, operated, trust, status, Standing(**more))  # type: ignore[arg-type]


def other(number: int, **more: object) -> Member:
    """A tender of a publisher that anybody may be, and that calls itself as near to the buyer as one can be."""
    return member(number, operated=False, trust=0, **more)  # type: ignore[arg-type]


def standings(
    group: Sequence[Member], joins: Sequence[Pair] | None = None, hangs: Sequence[Pair] = ()
) -> dict[uuid.UUID, Standing]:
    """What is made of tenders, joined all to one unless said otherwise."""
    chain = [(group[0].id, each.id) for each in group[1:]] if joins is None else joins
    return judged({each.id: each for each in group}, Web(chain, hangs))


def test_the_most_trusted_publisher_stands_for_the_call() -> None:
    found = standings([member(0, trust=2), member(1, trust=0), member(2, trust=1)])
    assert found == {IDS[0]: Standing(IDS[1]), IDS[1]: Standing(), IDS[2]: Standing(IDS[1])}


def test_among_equals_whoever_came_first() -> None:
    assert standings([member(1), member(0)])[IDS[1]] == Standing(IDS[0])


def test_a_cancellation_on_one_portal_ends_the_call_everywhere() -> None:
    group = [member(0, trust=0), member(1, trust=2, status=CANCELLED)]
    assert standings(group) == {IDS[0]: Standing(None, IDS[1]), IDS[1]: Standing(IDS[0])}


def test_a_call_that_was_ended_by_another_does_not_end_others_in_its_turn() -> None:
    """The other publisher has opened its call again: nobody says any more that it was cancelled."""
    group = [member(0, status=CANCELLED, cancelled_by=IDS[1]), member(1)]
    assert standings(group) == {IDS[0]: Standing(), IDS[1]: Standing(IDS[0])}


def test_a_group_that_holds_two_tenders_of_one_publisher_joins_nobody() -> None:
    twins = [member(0, owner=0), member(1), member(2, owner=0)]
    assert set(standings(twins).values()) == {Standing()}


def test_what_was_taken_back_stands_for_nothing() -> None:
    assert standings([member(0, trust=0, status=WITHDRAWN), member(1)])[IDS[1]] == Standing()


def test_a_group_without_end_joins_nobody() -> None:
    owners = [uuid.UUID(int=1_000 + number) for number in range(MOST_OF_A_GROUP + 1)]
    group = [dataclasses.replace(member(0), id=one, owner_id=one) for one in owners]
    assert set(standings(group).values()) == {Standing()}


def test_groups_are_what_hangs_together() -> None:
    a, b, c, d, e = IDS[:5]
    assert groups_of([a, b, c, d, e], [(a, c), (c, d)]) == [[a, c, d], [b], [e]]


def test_a_look_alike_is_hidden_behind_a_portals_call_and_does_nothing_to_it() -> None:
    portal, forged = member(1), other(0, status=CANCELLED)
    assert standings([portal, forged], [], [(IDS[0], IDS[1])]) == {IDS[0]: Standing(IDS[1]), IDS[1]: Standing()}


def test_what_hangs_on_a_call_ends_with_it() -> None:
    found = standings([member(0, status=CANCELLED), other(1)], [], [(IDS[1], IDS[0])])
    assert found == {IDS[0]: Standing(), IDS[1]: Standing(IDS[0], IDS[0])}


def test_what_hangs_on_one_portals_notice_is_hidden_behind_who_stands_for_the_call() -> None:
    group = [member(0, trust=2, status=CANCELLED), member(1, trust=0), other(2)]
    found = standings(group, [(IDS[0], IDS[1])], [(IDS[2], IDS[0])])
    assert found == {IDS[0]: Standing(IDS[1]), IDS[1]: Standing(None, IDS[0]), IDS[2]: Standing(IDS[1], IDS[0])}


def test_look_alikes_do_not_part_two_portals() -> None:
    """Two tenders of one forger contradict each other, and nobody else, in whatever number they come."""
    portals = [member(0, trust=0), member(1, trust=1, status=CANCELLED)]
    forged = [other(number, owner=9) for number in range(2, 49)]
    hangs = [(each.id, portal.id) for each in forged for portal in portals]
    found = standings([*portals, *forged], [(IDS[0], IDS[1])], hangs)
    assert (found[IDS[0]], found[IDS[1]]) == (Standing(None, IDS[1]), Standing(IDS[0]))
    assert {found[each.id] for each in forged} == {Standing()}


def test_a_look_alike_of_two_calls_does_not_make_one_of_them() -> None:
    group = [member(0, trust=0), member(1, trust=2), other(2)]
    found = standings(group, [], [(IDS[2], IDS[0]), (IDS[2], IDS[1])])
    assert set(found.values()) == {Standing()}


def test_the_second_call_may_be_one_that_is_not_judged_now() -> None:
    found = standings([member(0), other(2)], [], [(IDS[2], IDS[0]), (IDS[2], IDS[1])])
    assert found[IDS[2]] == Standing()


def test_what_hangs_on_a_call_that_was_taken_back_stands_for_itself() -> None:
    assert standings([member(0, status=WITHDRAWN), other(1)], [], [(IDS[1], IDS[0])])[IDS[1]] == Standing()


def test_a_confirmed_link_lets_no_one_but_the_operators_publishers_cancel() -> None:
    """The operator said that they are one call, not that one of them may end it."""
    assert standings([other(0), other(1, status=CANCELLED)]) == {IDS[0]: Standing(), IDS[1]: Standing(IDS[0])}
    found = standings([member(1, trust=2), other(0, status=CANCELLED)])
    assert found == {IDS[0]: Standing(IDS[1]), IDS[1]: Standing()}
