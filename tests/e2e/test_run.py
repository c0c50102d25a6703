"""``safqa serve --sample`` as ``make run`` starts it: a real process, a real port, its own PostgreSQL."""

from __future__ import annotations

import os
import re
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.processes import Serving, data_folder, free_port, safqa, wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
KEY = re.compile(r"^  (operator|buyer|incubator|startup) +(sfq_\w+)", re.MULTILINE)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with data_folder() as made:
        yield made


def test_a_first_run_shows_the_sample_and_serves_and_a_second_one_has_its_data(folder: Path):
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with Serving("serve", "--sample", "--port", str(port), data_dir=str(folder)) as first:
        ready = first.wait_ready(url).json()
        assert {check["name"] for check in ready["checks"]} == {"database", "migrations", "index"}
        keys = dict(KEY.findall(first.out))
        assert set(keys) == {"operator", "buyer", "incubator", "startup"}
        assert first.out.count("Why") == 3, "three tenders with reasons"
        assert "A similar contract already delivered" in first.out
        assert all(len(line) <= 80 for line in first.out.partition("API keys")[0].splitlines())
        with httpx.Client(base_url=url, trust_env=False, timeout=30) as client:
            assert client.get("/healthz").json() == {"status": "ok"}
            assert client.get("/docs").status_code == 200
            assert "safqa_index_documents" in client.get("/metrics").text
            assert client.get("/v1/tenders").status_code == 401
            client.headers["Authorization"] = f"Bearer {keys['operator']}"
            tender = client.get("/v1/tenders", params={"q": "irrigation", "limit": 1, "order": "relevance"}).json()[
                "items"
            ][0]
            candidates = client.get(f"/v1/tenders/{tender['id']}/candidates").json()
            assert candidates["items"][0]["reasons"]
        assert first.stop(signal.SIGINT) == 0
        assert "Traceback" not in first.err
        assert not (folder / "pg18" / "postmaster.pid").exists(), "the embedded server is left running"

    with Serving("serve", "--sample", "--port", str(port), data_dir=str(folder)) as second:
        facts = {check["name"]: check["facts"] for check in second.wait_ready(url).json()["checks"]}
        assert facts["index"]["startups"] > 40
        assert not KEY.findall(second.out), "keys are shown once"
        asked = httpx.get(f"{url}/v1/me", headers={"Authorization": f"Bearer {keys['buyer']}"}, trust_env=False)
        assert asked.status_code == 200, "the keys of the first run still work"
        assert second.stop(signal.SIGTERM) == 0


def test_a_stop_during_the_start_leaves_no_server_behind():
    with data_folder() as folder, Serving("serve", "--port", "0", data_dir=str(folder)) as starting:
        starting.wait_said("Starting the embedded PostgreSQL")
        assert starting.stop(signal.SIGINT) == 0
        assert "Traceback" not in starting.err
        assert not (folder / "pg18" / "postmaster.pid").exists()


def test_a_busy_port_is_told_before_anything_is_started():
    with socket.socket() as busy, data_folder() as folder:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        refused = safqa("serve", "--port", str(port), data_dir=str(folder))
        assert refused.returncode == 2
        (line,) = refused.stderr.splitlines()
        assert f"port {port}" in line
        assert "SAFQA_PORT" in line
        assert "make run ARGS=" in line
        assert not folder.exists()


def test_a_killed_database_is_started_again_and_the_service_goes_on():
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with data_folder() as folder, Serving("serve", "--port", str(port), data_dir=str(folder)) as serving:
        serving.wait_ready(url)
        killed = (folder / "pg18" / "postmaster.pid").read_text().split()[0]
        os.kill(int(killed), signal.SIGKILL)
        pid = folder / "pg18" / "postmaster.pid"
        wait_until(lambda: pid.exists() and pid.read_text().split()[0] != killed)
        wait_until(lambda: httpx.get(f"{url}/readyz", trust_env=False).status_code == 200)
        assert httpx.get(f"{url}/v1/me", trust_env=False).status_code == 401, "answers, and not with a 500"
        assert serving.stop() == 0


def test_api_and_worker_apart_over_one_database():
    with data_folder() as folder:
        settings = {"data_dir": str(folder)}  # the embedded server, shared by both processes
        assert safqa("worker", **settings).returncode == 2, "nothing is migrated yet"
        assert safqa("migrate", **settings).returncode == 0
        made = safqa("key", "create", "--organisation", "Us", "--kind", "operator", **settings)
        key = {"Authorization": f"Bearer {made.stdout.strip()}"}
        ports = free_port(), free_port()
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        with (
            Serving("api", "--port", str(ports[0]), **settings) as api,
            Serving("worker", "--port", str(ports[1]), **settings) as worker,
        ):
            api.wait_ready(urls[0])
            worker.wait_ready(urls[1])
            tender = {"id": "T", "title": "Capteurs pour l'irrigation", "country": "MA", "status": "published"}
            startup = {"id": "S", "name": "Eau", "description": "Capteurs connectés pour l'irrigation", "country": "MA"}
            with httpx.Client(base_url=urls[0], headers=key, trust_env=False, timeout=30) as client:
                assert client.post("/v1/tenders", json=tender).status_code == 201
                assert client.post("/v1/startups", json=startup).status_code == 201
            done = 'safqa_jobs_total{job="match_startup",outcome="done"}'
            wait_until(lambda: done in httpx.get(f"{urls[1]}/metrics", trust_env=False).text)
            assert httpx.get(f"{urls[1]}/v1/tenders", headers=key, trust_env=False).status_code == 404
            assert worker.stop() == 0
            assert httpx.get(f"{urls[0]}/readyz", trust_env=False).status_code == 200, "the other one goes on"
            assert api.stop() == 0
        assert not (folder / "pg18" / "postmaster.pid").exists()
