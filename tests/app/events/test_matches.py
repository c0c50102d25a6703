"""Events of matches: each side hears of what it may know, once, and not of rankings that change no grade."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid

import pytest

from app.db.session import unit_of_work
from app.events.matches import GONE, Seen, Turn, news_of
from app.events.tasks import DeadlineJobs
from app.jobs.errors import Retry
from app.jobs.messages import ExpireMatches, MatchStartups, MatchTenders, TellDeadlines
from app.kit.clock import utc_now
from app.matches.expiry import ExpiryJobs
from app.matches.repository import Judged, KeptFor, MatchRepository
from app.matches.tasks import MatchJobs
from matching.types import Grade, MatchResult
from tests.app.matches.test_live import CALL, SECURITY, entered, published
from tests.support.api import Api, Person
from tests.support.events import Told, log_of
from tests.support.factories import in_days, startup, tender

MATCHES = ("match.created", "match.updated", "match.withdrawn")


async def news(api: Api) -> list[Told]:
    return await log_of(api, *MATCHES)


async def pair(api: Api) -> tuple[Person, Person, uuid.UUID, uuid.UUID]:
    """A startup and a buyer, with a startup and a call that fit."""
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        call = await published(buyer)
    return firm, buyer, uuid.UUID(str(mine["id"])), uuid.UUID(call)


def judged(startup_id: uuid.UUID, *found: tuple[uuid.UUID, Grade]) -> Judged:
    """What a ranking says of a startup's calls."""
    best = [
        MatchResult(tender_id=str(call), startup_id=str(startup_id), score=1.0, grade=grade) for call, grade in found
    ]
    return Judged(KeptFor.STARTUP, startup_id, 1, "test", best, [])


async def ranked(api: Api, says: Judged) -> None:
    async with unit_of_work(api.runtime.sessions) as session:
        await MatchRepository(session).replace(says)


async def kept(api: Api) -> list[tuple[str, int]]:
    rows = await api.runtime.hot.fetch("SELECT state::text, tender_version FROM match")
    return [(row["state"], row["tender_version"]) for row in rows]


async def changed(buyer: Person, call: str, **fields: object) -> None:
    answer = await buyer.client.patch(f"/v1/tenders/{call}", json=fields, headers={"If-Match": "*"})
    assert answer.status_code == 200, answer.text


async def test_each_side_hears_of_a_match_as_its_own_event(api: Api) -> None:
    firm, buyer, mine, call = await pair(api)
    told = await news(api)
    assert sorted((each.type, each.data["side"], each.organisation) for each in told) == [
        ("match.created", "startup", str(firm.id)), ("match.created", "tender", str(buyer.id)),
    ]  # fmt: skip
    assert {each.data["startup_id"] for each in told} == {str(mine)}
    assert {each.data["tender"]["id"] for each in told} == {str(call)}


async def test_the_buyer_hears_nothing_of_a_startup_that_is_not_listed(api: Api) -> None:
    incubator, buyer = await api.person("incubator"), await api.person("buyer")
    await published(buyer)
    async with api.worker():
        await entered(incubator, "/v1/startups", startup(SECURITY))
    assert [(each.type, each.organisation) for each in await news(api)] == [("match.created", str(incubator.id))]


async def test_a_startup_that_is_not_listed_keeps_its_match_when_the_call_is_ranked_again(api: Api) -> None:
    incubator, buyer = await api.person("incubator"), await api.person("buyer")
    call = await published(buyer)
    async with api.worker():
        await entered(incubator, "/v1/startups", startup(SECURITY))
        await api.all_work_done()
        told = await news(api)
        await changed(buyer, call, title=f"{CALL}, lot unique")
        await api.all_work_done()
        assert (await kept(api)) == [("active", 2)]  # judged by what the call says now
        assert await news(api) == told
        await changed(buyer, call, title="Fourniture de tenues de sport", description="Maillots et ballons.")
    assert [each.type for each in (await news(api))[len(told) :]] == ["match.withdrawn"]


async def test_a_call_s_ranking_ends_no_pair_that_its_startup_s_made_meanwhile(api: Api) -> None:
    _, _, mine, call = await pair(api)
    # The worker's two jobs race: the pair may be kept for the call alone, whose own ranking may then end it.
    await MatchJobs(api.runtime.sessions, api.ranker, utc_now).match_startups(MatchStartups(startup_ids=(mine,)))
    told = len(await news(api))
    await ranked(api, Judged(KeptFor.TENDER, call, 1, "test", [], [], looked_at=[]))
    assert len(await news(api)) == told
    await ranked(api, Judged(KeptFor.TENDER, call, 1, "test", [], [], looked_at=[mine]))
    assert "match.withdrawn" in {each.type for each in (await news(api))[told:]}


async def test_a_ranking_that_leaves_the_grade_tells_nothing(api: Api) -> None:
    _, _, mine, call = await pair(api)
    told = len(await news(api))
    jobs = MatchJobs(api.runtime.sessions, api.ranker, utc_now)
    await jobs.match_startups(MatchStartups(startup_ids=(mine,)))
    await jobs.match_tenders(MatchTenders(tender_ids=(call,)))
    assert len(await news(api)) == told
    (grade,) = [row["grade"] for row in await api.runtime.hot.fetch("SELECT grade FROM match")]
    await ranked(api, judged(mine, (call, Grade(grade))))  # another score, the same grade
    assert len(await news(api)) == told


async def test_another_grade_is_an_update_and_its_loss_a_withdrawal(api: Api) -> None:
    _, _, mine, call = await pair(api)
    before = len(await news(api))
    (grade,) = [row["grade"] for row in await api.runtime.hot.fetch("SELECT grade FROM match")]
    other = Grade.POSSIBLE if grade != "possible" else Grade.STRONG
    await ranked(api, judged(mine, (call, other)))
    await ranked(api, judged(mine))
    await ranked(api, judged(mine, (call, other)))
    told = (await news(api))[before:]
    assert [each.type for each in told] == [
        "match.updated", "match.updated", "match.withdrawn", "match.withdrawn", "match.created", "match.created",
    ]  # fmt: skip
    assert {each.data["side"] for each in told} == {"startup", "tender"}
    assert {(each.data["old_grade"], each.data["grade"]) for each in told[:2]} == {(grade, other.value)}
    assert {(each.data["old_grade"], each.data["because"]) for each in told[2:4]} == {(other.value, "reranked")}


async def test_a_ranking_that_fails_after_its_events_leaves_none(api: Api) -> None:
    _, _, mine, _ = await pair(api)
    before = len(await news(api))

    async def failing() -> None:
        async with unit_of_work(api.runtime.sessions) as session:
            await MatchRepository(session).replace(judged(mine))
            raise RuntimeError("the worker was killed here")

    with pytest.raises(RuntimeError, match="killed here"):
        await failing()
    assert len(await news(api)) == before
    await ranked(api, judged(mine))  # the retry tells it, once
    await ranked(api, judged(mine))
    assert [each.type for each in (await news(api))[before:]] == ["match.withdrawn"] * 2


async def test_two_rankings_of_one_pair_at_once_tell_of_it_once(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    mine = uuid.UUID(str((await entered(firm, "/v1/startups", startup(SECURITY)))["id"]))
    call = uuid.UUID(await published(buyer))

    async def once() -> None:
        for _ in range(5):
            try:
                return await ranked(api, judged(mine, (call, Grade.GOOD)))
            except Retry:
                await asyncio.sleep(0)
        raise AssertionError("never came through")

    await asyncio.gather(*(once() for _ in range(4)))
    assert [each.type for each in await news(api)] == ["match.created"] * 2


async def test_a_startup_that_hides_is_gone_for_the_buyer_alone(api: Api) -> None:
    firm, buyer, mine, _ = await pair(api)
    before = len(await news(api))
    async with api.worker():
        answer = await firm.client.post(f"/v1/startups/{mine}/listing", json={"listed": False})
        assert answer.status_code < 300, answer.text
    told = (await news(api))[before:]
    assert [(each.type, each.organisation, each.data["because"]) for each in told] == [
        ("match.withdrawn", str(buyer.id), "startup_hidden")
    ]


async def test_an_erasure_takes_the_events_along_and_tells_the_buyer_by_ids_alone(api: Api) -> None:
    firm, buyer, mine, _ = await pair(api)
    answer = await firm.client.delete(f"/v1/startups/{mine}")
    assert answer.status_code < 300, answer.text
    told = await news(api)
    assert {each.type for each in told} == {"match.withdrawn"}
    assert {each.organisation for each in told} == {str(firm.id), str(buyer.id)}


async def test_a_deadline_that_passes_withdraws(api: Api) -> None:
    _, _, _, call = await pair(api)
    later = dt.datetime(2101, 1, 1, tzinfo=dt.UTC)
    before = len(await news(api))
    await ExpiryJobs(api.runtime.sessions, lambda: later).expire_matches(ExpireMatches())
    told = (await news(api))[before:]
    assert [(each.type, each.data["because"]) for each in told] == [("match.withdrawn", "deadline_passed")] * 2
    assert {each.data["tender"]["id"] for each in told} == {str(call)}


class TestDeadlineSoon:
    async def test_it_comes_once_per_deadline_to_the_startups_side(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            near = await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(2)) | {"status": "published"})
            await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(9)) | {"status": "published"})
        jobs = DeadlineJobs(api.runtime.sessions, utc_now, dt.timedelta(days=3))
        for _ in range(2):
            await jobs.tell(TellDeadlines())
        (told,) = await log_of(api, "deadline.soon")
        assert (told.organisation, told.data["startup_id"]) == (str(firm.id), mine["id"])
        assert told.data["tender"]["id"] == near["id"]
        etag = (await buyer.client.get(f"/v1/tenders/{near['id']}")).headers["ETag"]
        headers = {"If-Match": etag, "Content-Type": "application/merge-patch+json"}
        moved = await buyer.client.patch(f"/v1/tenders/{near['id']}", json={"deadline": in_days(2.5)}, headers=headers)
        assert moved.status_code == 200, moved.text
        await jobs.tell(TellDeadlines())
        assert len(await log_of(api, "deadline.soon")) == 2

    async def test_a_call_that_was_dismissed_is_let_be(self, api: Api) -> None:
        firm, buyer = await api.person("startup"), await api.person("buyer")
        async with api.worker():
            mine = await entered(firm, "/v1/startups", startup(SECURITY))
            near = await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(2)) | {"status": "published"})
            await firm.client.put(f"/v1/startups/{mine['id']}/decisions/{near['id']}", json={"kind": "dismissed"})
        await DeadlineJobs(api.runtime.sessions, utc_now, dt.timedelta(days=3)).tell(TellDeadlines())
        assert await log_of(api, "deadline.soon") == []


async def test_an_invitation_is_told_once(api: Api) -> None:
    firm, buyer, mine, call = await pair(api)
    place = f"/v1/tenders/{call}/decisions/{mine}"
    for kind in ("shortlisted", "invited", "invited", "dismissed", "invited"):
        answer = await buyer.client.put(place, json={"kind": kind, "note": "Appelez-moi"})
        assert answer.status_code < 300, answer.text
    (told,) = await log_of(api, "shortlist.invited")
    assert (told.organisation, told.data["startup_id"]) == (str(firm.id), str(mine))
    assert "note" not in told.data


@pytest.mark.parametrize(
    ("before", "now", "startup_side", "tender_side"),
    [
        (GONE, Seen("good"), "match.created", None),
        (GONE, Seen("good", public=True), "match.created", "match.created"),
        (Seen("good"), Seen("good", public=True), None, "match.created"),
        (Seen("good", public=True), Seen("strong"), "match.updated", "match.withdrawn"),
        (Seen("good", public=True), Seen("good", public=True), None, None),
        (Seen("good", public=True), GONE, "match.withdrawn", "match.withdrawn"),
        (GONE, GONE, None, None),
    ],
)
def test_what_each_side_hears(before: Seen, now: Seen, startup_side: str | None, tender_side: str | None) -> None:
    turn = Turn(uuid.uuid4(), before, now)
    heard = [news_of(turn, side, "reranked") for side in ("startup", "tender")]
    assert [each and each[2] for each in heard] == [startup_side, tender_side]
