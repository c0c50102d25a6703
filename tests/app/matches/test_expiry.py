"""A deadline that passes withdraws matches without anybody writing anything."""

from __future__ import annotations

import datetime as dt

from app.jobs.messages import ExpireMatches, MatchUnlisted
from app.kit.clock import utc_now
from app.matches.expiry import ExpiryJobs
from tests.app.matches.test_kept import changes_of, matches_of
from tests.app.matches.test_live import CALL, SECURITY, entered
from tests.support.api import Api
from tests.support.factories import in_days, startup, tender


async def expire(api: Api, days: float) -> None:
    await ExpiryJobs(api.runtime.sessions, lambda: utc_now() + dt.timedelta(days=days)).expire_matches(ExpireMatches())


async def test_matches_of_a_closed_call_are_withdrawn_and_told_and_ranked_for_again(api: Api) -> None:
    firm, buyer = await api.person("startup"), await api.person("buyer")
    async with api.worker():
        mine = await entered(firm, "/v1/startups", startup(SECURITY))
        await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(5)) | {"status": "published"})
        later = await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(50)) | {"status": "published"})
    assert len(await matches_of(firm, mine["id"])) == 2
    _, cursor = await changes_of(api, firm)

    await expire(api, days=1)
    assert len(await matches_of(firm, mine["id"])) == 2, "nothing has closed yet"
    await expire(api, days=10)
    assert [match["tender"]["id"] for match in await matches_of(firm, mine["id"])] == [later["id"]]  # type: ignore[index]
    (change,), _ = await changes_of(api, firm, cursor)
    assert change["operation"] == "withdrawn"
    waiting = await api.runtime.hot.fetch("SELECT entrypoint FROM pgqueuer.pgqueuer")
    assert [row["entrypoint"] for row in waiting] == ["match_startups"]


async def test_startups_that_nobody_sees_hear_of_new_calls_at_night(api: Api) -> None:
    incubator, buyer = await api.person("incubator"), await api.person("buyer")
    async with api.worker():
        theirs = await entered(incubator, "/v1/startups", startup(SECURITY))
        await api.all_work_done()
        await entered(buyer, "/v1/tenders", tender(CALL, deadline=in_days(5)) | {"status": "published"})
    assert await matches_of(incubator, theirs["id"]) == []
    async with api.worker():
        await ExpiryJobs(api.runtime.sessions, utc_now).match_unlisted(MatchUnlisted())
    assert len(await matches_of(incubator, theirs["id"])) == 1
