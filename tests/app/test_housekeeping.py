from __future__ import annotations

import datetime as dt

from app.housekeeping import Housekeeping
from app.jobs.messages import Tidy
from app.kit.clock import utc_now
from tests.support.api import Api
from tests.support.factories import startup


async def test_old_answers_are_forgotten_and_young_ones_kept(api: Api) -> None:
    firm = await api.person("startup")
    body = {"name": "CI", "scopes": ["tenders:read"]}
    made = await firm.client.post("/v1/keys", json=body, headers={"Idempotency-Key": "once"})
    assert made.status_code == 201

    async def after(hours: float) -> str:
        keeping = Housekeeping(api.runtime.sessions, lambda: utc_now() + dt.timedelta(hours=hours))
        await keeping.tidy(Tidy())
        again = await firm.client.post("/v1/keys", json=body, headers={"Idempotency-Key": "once"})
        return str(again.json()["id"])

    assert await after(23) == made.json()["id"]
    assert await after(25) != made.json()["id"]


async def test_dead_claims_are_forgotten(api: Api) -> None:
    incubator = await api.person("incubator")
    made = (await incubator.client.post("/v1/startups", json=startup())).json()
    asked = await incubator.client.post(f"/v1/startups/{made['id']}/claims", json={})
    assert asked.status_code == 201, asked.text

    async def claims(days: float) -> int:
        await Housekeeping(api.runtime.sessions, lambda: utc_now() + dt.timedelta(days=days)).tidy(Tidy())
        return int(await api.runtime.hot.fetchval("SELECT count(*) FROM startup_claim"))

    assert await claims(1) == 1
    assert await claims(400) == 0
