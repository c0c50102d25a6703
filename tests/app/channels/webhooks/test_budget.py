"""Alerts of a day: bounded, the best first, never spent twice, and what is over is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import uuid
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from app.channels.webhooks.budget import Grade, Spent, chosen
from app.channels.webhooks.selection import fan_out
from app.housekeeping import Housekeeping
from app.jobs.messages import Tidy
from tests.app.channels.webhooks.conftest import Office, hook
from tests.support.api import Person
from tests.support.factories import startup

GRADES: tuple[Grade, ...] = ("strong", "good", "possible")
FIRM, OTHER = str(uuid.uuid4()), str(uuid.uuid4())


@given(st.integers(1, 60), st.lists(st.lists(st.sampled_from(GRADES), max_size=40), max_size=6))
def test_no_grade_ever_takes_more_than_its_share(most: int, batches: list[list[Grade]]) -> None:
    spent = Spent()
    for batch in batches:
        best_first = sorted(batch, key=GRADES.index)
        sent, after = chosen(spent, most, ((uuid.uuid4(), grade) for grade in best_first))
        assert after.strong + after.good + after.possible - len(sent) == spent.strong + spent.good + spent.possible
        assert after.possible <= most / 2
        assert after.possible + after.good <= most * 0.8
        assert after.strong + after.good + after.possible <= most
        # Nothing is withheld while there is room for it.
        withheld = Counter(best_first) - Counter(
            {"strong": after.strong - spent.strong, "good": after.good - spent.good,
             "possible": after.possible - spent.possible}
        )  # fmt: skip
        assert not any(after.allows(grade, most) for grade in withheld)
        spent = after


def test_without_a_limit_all_are_sent() -> None:
    alerts = [(uuid.uuid4(), grade) for grade in GRADES * 50]
    assert chosen(Spent(), None, alerts)[0] == [name for name, _ in alerts]


async def alert(
    office: Office, to: Person, grade: Grade, score: float = 1.0, startup_id: str = FIRM, **data: object
) -> str:
    data = {"side": "startup", "startup_id": startup_id, "grade": grade, "score": score, **data}
    return str(await office.event("match.created", to=to, **data))


async def counts(person: Person, made: dict[str, str]) -> dict[str, int]:
    found: dict[str, int] = (await person.client.get(f"/v1/webhooks/{made['id']}")).json()["deliveries"]
    return found


async def test_the_best_of_a_day_and_room_for_better_ones(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    assert made["alerts_per_day"] == 10  # type: ignore[comparison-overlap]
    weak = [await alert(office, owner, "possible", score=number) for number in range(7)]
    assert await office.drain() == 5
    assert {got.webhook_id for got in office.receiver.got} == set(weak[2:]), "the highest scores first"
    for _ in range(4):
        await alert(office, owner, "good")
    assert await office.drain() == 3
    for _ in range(4):
        await alert(office, owner, "strong")
    assert await office.drain() == 2
    assert await counts(owner, made) == {"waiting": 0, "delivered": 10, "failed": 0, "withheld": 5}
    log = (await owner.client.get(f"/v1/webhooks/{made['id']}/deliveries?state=withheld")).json()["items"]
    assert [(one["attempts"], one["due_at"]) for one in log] == [(0, None)] * 5
    assert all(one["finished_at"] for one in log)
    await office.api.settled()
    assert len((await owner.client.get("/v1/events")).json()["items"]) == 15, "all stay in the log of events"


async def test_another_day_another_startup_and_other_types_are_not_bounded_by_it(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url, alerts_per_day=2)
    for _ in range(3):
        await alert(office, owner, "strong")
    assert await office.drain() == 2
    await alert(office, owner, "strong", startup_id=OTHER)
    await office.event("match.updated", to=owner, side="startup", startup_id=FIRM, grade="strong")
    await office.event("match.created", to=owner, grade="strong")  # about nobody
    assert await office.drain() == 3
    assert await office.drain(days=1) == 0
    await alert(office, owner, "strong")
    assert await office.drain() == 1


async def test_a_buyer_is_told_of_the_best_of_each_call(office: Office) -> None:
    buyer = await office.api.person("buyer")
    await hook(buyer, office.receiver.url, alerts_per_day=2)
    calls = [str(uuid.uuid4()) for _ in range(2)]
    for call, _ in itertools.product(calls, range(4)):
        await alert(office, buyer, "strong", startup_id=str(uuid.uuid4()), side="tender", tender_id=call)
    assert await office.drain() == 4


async def test_a_limit_can_be_lifted_and_what_was_withheld_sent_after_all(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url, alerts_per_day=1)
    ids = {await alert(office, owner, "strong") for _ in range(3)}
    assert await office.drain() == 1
    url = f"/v1/webhooks/{made['id']}"
    since = (dt.datetime.now(dt.UTC) - dt.timedelta(minutes=5)).isoformat()
    assert (await owner.client.post(f"{url}/replay", json={"what": "failed"})).json() == {"queued": 0}
    assert (await owner.client.post(f"{url}/replay", json={"what": "missed", "since": since})).json() == {"queued": 2}
    assert await office.drain() == 2
    assert {got.webhook_id for got in office.receiver.got} == ids
    changed = await owner.client.patch(url, json={"alerts_per_day": None})
    assert changed.json()["alerts_per_day"] is None
    for _ in range(30):
        await alert(office, owner, "possible")
    assert await office.drain() == 30
    assert (await owner.client.patch(url, json={"alerts_per_day": 0})).status_code == 422


async def test_workers_side_by_side_spend_no_alert_twice(office: Office) -> None:
    owner = await office.api.person("startup")
    made = await hook(owner, office.receiver.url)
    firms = [str(uuid.uuid4()) for _ in range(5)]
    workers = [office.dispatcher() for _ in range(4)]
    for _ in range(6):  # each wave is shared out among the workers, one event at a time
        for firm, _ in itertools.product(firms, range(4)):
            await alert(office, owner, "strong", startup_id=firm)
        async with office.pool.acquire() as first, office.pool.acquire() as second, office.pool.acquire() as third:

            async def all_of(connection) -> None:  # type: ignore[no-untyped-def]
                while await fan_out(connection, office.now(), 1):
                    pass

            await asyncio.gather(*(all_of(one) for one in (first, second, third)))
    await asyncio.gather(*(worker.drain() for worker in workers))
    assert await counts(owner, made) == {"waiting": 0, "delivered": 50, "failed": 0, "withheld": 70}
    spent = await office.pool.fetch("SELECT strong, good, possible FROM webhook_budget")
    assert [tuple(row) for row in spent] == [(10, 0, 0)] * 5


async def test_budgets_of_days_gone_by_are_forgotten(office: Office) -> None:
    owner = await office.api.person("startup")
    await hook(owner, office.receiver.url)
    await alert(office, owner, "strong")
    await office.drain()
    keeping = Housekeeping(office.api.runtime.sessions, office.now)
    await keeping.tidy(Tidy())
    assert await office.pool.fetchval("SELECT count(*) FROM webhook_budget") == 1
    office.waited = dt.timedelta(days=6)
    await keeping.tidy(Tidy())
    assert await office.pool.fetchval("SELECT count(*) FROM webhook_budget") == 0


async def test_a_cohort_is_who_the_organisation_registered(office: Office) -> None:
    incubator, firm = await office.api.person("incubator"), await office.api.person("startup")
    brought = (await incubator.client.post("/v1/startups", json=startup())).json()["id"]
    alone = (await firm.client.post("/v1/startups", json=startup())).json()["id"]
    await hook(incubator, office.receiver.url, filters={"cohort": True}, types=["match.created"])
    for name in (brought, alone):
        await office.event("match.created", to=incubator, startup_id=name)
    assert await office.drain() == 1
