"""Small worlds, all of them or drawn: the search finds what trying every set finds."""

from __future__ import annotations

from itertools import combinations, product

from hypothesis import given
from hypothesis import strategies as st

from matching.consortium.proposing import propose
from matching.consortium.search import against, points_of
from matching.consortium.seats import Ask
from matching.consortium.types import Candidate, Need, Together, Wish


def covers(needs: tuple[Need, ...], members: tuple[Candidate, ...]) -> bool:
    """The definition, written as plainly as it can be."""
    if any(against(one, other) for one, other in combinations(members, 2)):
        return False
    lots = {need.lot for need in needs if need.work}
    if any(member.apart & lots for member in members):
        return False
    for need in needs:
        if need.together is Together.ANY and not any(need.id in each.holds for each in members):
            return False
        if need.together is Together.EVERY and not all(need.id in each.holds for each in members):
            return False
        if need.together is Together.SUM and sum(each.amounts.get(need.id, 0) for each in members) < need.amount:
            return False
    return True


def brute_force(needs: tuple[Need, ...], pool: list[Candidate], wish: Wish) -> list[tuple[int, int]]:
    """Size and sum of points of the best sets of the least size."""
    allowed = [each for each in pool if each.id not in wish.without]
    for size in range(1, wish.most + 1):
        sums = [
            sum(points_of(each.relevance) for each in members)
            for members in combinations(allowed, size)
            if covers(needs, members) and (wish.including is None or wish.including in {each.id for each in members})
        ]
        if sums:
            return [(size, points) for points in sorted(sums, reverse=True)[: wish.count]]
    return []


def check(needs: tuple[Need, ...], pool: list[Candidate], wish: Wish) -> None:
    found = propose(Ask(needs), pool, wish)
    by_id = {each.id: each for each in pool}
    assert found.proven
    told = []
    for each in found.sets:
        members = tuple(by_id[seat.id] for seat in each.seats)
        assert covers(needs, members)
        assert not each.members & wish.without
        assert sum(seat.share for seat in each.seats) == 100
        assert [seat.lead for seat in each.seats] == [True] + [False] * (len(members) - 1)
        told.append((len(members), sum(points_of(member.relevance) for member in members)))
    assert told == brute_force(needs, pool, wish)
    assert len({each.members for each in found.sets}) == len(found.sets)


AB = (Need("a"), Need("b"))


def test_every_world_of_four_candidates_and_two_needs() -> None:
    for holdings in product(["", "a", "b", "ab"], repeat=4):
        pool = [Candidate(str(n), (n + 1) / 10, frozenset(held)) for n, held in enumerate(holdings)]
        check(AB, pool, Wish(count=2))
        check(AB, pool, Wish(including="0", count=2))
        check(AB, pool, Wish(without=frozenset("3"), most=2))


def test_every_pattern_of_exclusions_among_four() -> None:
    for excluded in product([False, True], repeat=6):
        pairs = [pair for pair, no in zip(combinations("0123", 2), excluded, strict=True) if no]
        pool = [
            Candidate(n, 0.5 + int(n) / 10, frozenset(held), excludes=frozenset(b for a, b in pairs if a == n))
            for n, held in zip("0123", ("a", "b", "ac", "bc"), strict=True)
        ]
        check((*AB, Need("c")), pool, Wish(count=3))


def test_every_world_of_amounts_that_add_up() -> None:
    for amounts in product([0, 1, 2], repeat=4):
        pool = [Candidate(str(n), n / 10, amounts={"turnover": each}) for n, each in enumerate(amounts)]
        check((Need("turnover", Together.SUM, 4),), pool, Wish(count=3))


needs = st.lists(
    st.sampled_from([
        Need("lot:1", lot="1", work=True), Need("lot:2", lot="2", work=True), Need("lot:3", lot="3", work=True),
        Need("iso"), Need("d13"), Need("sme", Together.EVERY), Need("references", Together.SUM, 3),
        Need("turnover", Together.SUM, 5),
    ]), unique=True, min_size=1,
).map(tuple)  # fmt: skip
IDS = [f"s{n}" for n in range(9)]
candidates = st.lists(
    st.builds(
        Candidate,
        id=st.sampled_from(IDS),
        relevance=st.integers(0, 10).map(lambda n: n / 10),
        holds=st.frozensets(st.sampled_from(["lot:1", "lot:2", "lot:3", "iso", "d13", "sme", "sme"])),
        amounts=st.dictionaries(st.sampled_from(["references", "turnover"]), st.integers(0, 3)),
        strength=st.none() | st.integers(0, 3),
        owner=st.none() | st.sampled_from(["x", "y"]),
        excludes=st.frozensets(st.sampled_from(IDS), max_size=2),
        apart=st.frozensets(st.sampled_from(["1", "2"]), max_size=1),
    ),
    unique_by=lambda each: each.id,
    max_size=9,
)
wishes = st.builds(
    Wish, most=st.integers(1, 4), including=st.none() | st.sampled_from(IDS),
    without=st.frozensets(st.sampled_from(IDS), max_size=2), count=st.integers(1, 4),
)  # fmt: skip


@given(needs, candidates, wishes)
def test_drawn_worlds(asked: tuple[Need, ...], pool: list[Candidate], wish: Wish) -> None:
    check(asked, pool, wish)


@given(needs, candidates)
def test_a_candidate_more_never_makes_the_sets_larger(asked: tuple[Need, ...], pool: list[Candidate]) -> None:
    """Another candidate can only add sets; unless the others exclude it, which is their right."""
    before, after = propose(Ask(asked), pool[1:]), propose(Ask(asked), pool)
    if before.sets:
        assert len(after.sets[0].seats) <= len(before.sets[0].seats)


@given(needs, candidates)
def test_nobody_is_said_only_where_all_together_fail(asked: tuple[Need, ...], pool: list[Candidate]) -> None:
    found = propose(Ask(asked), pool)
    assert not (found.nobody and found.sets)
    for missing in found.nobody:
        alone = tuple(need for need in asked if need.id == missing or need.together is Together.EVERY or need.work)
        assert not propose(Ask(alone), pool).sets


class TestTheSearch:
    def test_says_when_it_was_cut_short(self) -> None:
        pool = [Candidate(f"{n}", 0.5, frozenset({f"n{n % 7}"})) for n in range(40)]
        asked = tuple(Need(f"n{n}") for n in range(4))
        assert not propose(Ask(asked), pool, steps=2).proven
        assert propose(Ask(asked), pool).proven

    def test_keeps_more_needs_than_the_tables_know(self) -> None:
        asked = tuple(Need(f"n{n}") for n in range(20))
        pool = [Candidate(f"{n}", 0.1, frozenset(need.id for need in asked[n * 5 : n * 5 + 5])) for n in range(4)]
        assert propose(Ask(asked), pool).sets[0].members == {"0", "1", "2", "3"}
        assert not propose(Ask(asked), pool[1:]).sets


class TestSeats:
    def test_shares_follow_the_values_of_the_lots(self) -> None:
        ask = Ask(
            (Need("lot:1", lot="1", work=True), Need("lot:2", lot="2", work=True), Need("iso")),
            {"1": 300_000, "2": 100_000},
        )
        pool = [Candidate("a", 0.9, frozenset({"lot:1"}), strength=5), Candidate("b", 0.8, frozenset({"lot:2", "iso"}))]
        found = propose(ask, pool).sets[0]
        assert (found.lead_by, found.shares_by) == ("strength", "lot_values")
        assert [(seat.id, seat.share, seat.lots, seat.alone, seat.lead) for seat in found.seats] == [
            ("a", 75, ("1",), ("lot:1",), True), ("b", 25, ("2",), ("lot:2", "iso"), False)
        ]  # fmt: skip

    def test_a_partner_who_only_brings_references_has_a_share(self) -> None:
        ask = Ask((Need("lot:1", lot="1", work=True), Need("references", Together.SUM, 3)))
        pool = [
            Candidate("young", 0.9, frozenset({"lot:1"})),
            Candidate("old", 0.2, amounts={"references": 3}, strength=1),
        ]
        found = propose(ask, pool, Wish(including="young")).sets[0]
        assert [(seat.id, seat.share) for seat in found.seats] == [("old", 50), ("young", 50)]
        assert found.shares_by == "needs"

    def test_who_can_never_be_a_member_learns_why(self) -> None:
        ask = Ask((Need("sme", Together.EVERY), Need("iso")))
        pool = [Candidate("big", 0.9, frozenset({"iso"})), Candidate("small", 0.9, frozenset({"iso", "sme"}))]
        assert propose(ask, pool, Wish(including="big")).barred == ("sme",)
