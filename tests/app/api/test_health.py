import asyncio

import pytest

from app.api import health
from app.api.health import NotReady, ReadinessCheck
from tests.app.api.tiny import calling, tiny_app


async def fine():
    return {"age_seconds": 1.5}


async def behind():
    raise NotReady("migrations are behind: run safqa migrate")


async def broken():
    raise RuntimeError("password=hunter2")


async def stuck():
    await asyncio.Event().wait()


async def ask(path, *checks):
    async with calling(tiny_app(), readiness=checks) as client:
        return await client.get(path)


async def test_a_process_is_alive_whatever_it_depends_on():
    response = await ask("/healthz", ReadinessCheck("database", broken))
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


async def test_a_process_is_ready_when_all_its_checks_hold():
    response = await ask("/readyz", ReadinessCheck("index", fine))
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": [{"name": "index", "ok": True, "reason": None, "facts": {"age_seconds": 1.5}}],
    }


@pytest.mark.parametrize(
    ("check", "reason"), [(behind, "migrations are behind: run safqa migrate"), (broken, "failed; see the logs")]
)
async def test_one_failing_check_makes_it_unready_and_says_which(check, reason):
    response = await ask("/readyz", ReadinessCheck("index", fine), ReadinessCheck("other", check))
    assert response.status_code == 503
    body = response.json()
    assert body["status"] == "unready"
    assert [(one["ok"], one["reason"]) for one in body["checks"]] == [(True, None), (False, reason)]
    assert "hunter2" not in response.text


async def test_a_check_that_hangs_does_not_hang_the_probe(monkeypatch):
    monkeypatch.setattr(health, "CHECK_SECONDS", 0.01)
    response = await ask("/readyz", ReadinessCheck("database", stuck))
    assert response.status_code == 503
    assert "no answer" in response.json()["checks"][0]["reason"]


async def test_the_metrics_are_in_the_text_format():
    response = await ask("/metrics")
    assert response.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "# TYPE safqa_http_requests_total counter" in response.text
