"""The requests that the pages show are sent, and answered as they show."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from app.db.session import unit_of_work
from app.ingest.sample import load_sample, rotate_sample_keys
from app.kit.clock import utc_now
from app.models.organisation import OrganisationKind
from tests.support.api import Api
from tests.support.processes import _SAFQA, PATIENCE_SECONDS, environment

ROOT = Path(__file__).resolve().parents[2]
CUT = "…"
ROUNDED = 1.0
"""How far a score may move (the lexicon grows) before the page must be written anew."""


def section(page: str, heading: str) -> str:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def block(text: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def assert_shows(shown: object, real: object, where: str = "$") -> None:
    """The shown part stands in the real answer: fields may be cut, items of a list too, in the order they stand."""
    if isinstance(shown, dict):
        assert isinstance(real, dict), where
        for name in shown.keys() - {CUT}:
            assert name in real, f"{where}.{name}"
            assert_shows(shown[name], real[name], f"{where}.{name}")
    elif isinstance(shown, list):
        assert isinstance(real, list), where
        assert bool(shown) == bool(real), where
        left = iter(real)
        for number, item in enumerate(shown):
            if not any(stands(item, candidate) for candidate in left):
                assert_shows(item, real[min(number, len(real) - 1)], f"{where}[{number}]")  # says what differs
                raise AssertionError(f"{where}[{number}] does not stand in this order: {item}")
    elif isinstance(shown, float):
        assert real == pytest.approx(shown, abs=ROUNDED), where
    else:
        assert real == shown, where


def stands(shown: object, real: object) -> bool:
    try:
        assert_shows(shown, real)
    except AssertionError:
        return False
    return True


@pytest.fixture
async def buyer(api: Api) -> httpx.AsyncClient:
    """The sample set's buyer."""
    async with unit_of_work(api.runtime.sessions) as session:
        assert await load_sample(session, utc_now()) is not None
        keys = await rotate_sample_keys(session, api.runtime.keyring)
    token = next(key.made.token for key in keys if key.organisation.kind is OrganisationKind.BUYER)
    await api.ranker.index.catch_up()
    api.client.headers["Authorization"] = f"Bearer {token}"
    return api.client


async def test_the_readme_shows_the_real_candidates(buyer: httpx.AsyncClient) -> None:
    text = section("README.md", "Ask it")
    asked = re.search(r'-d (\w+)=(\w+) --data-urlencode "q=([^"]+)"', text)
    assert asked is not None
    found = (await buyer.get("/v1/tenders", params={asked[1]: asked[2], "q": asked[3]})).json()["items"]
    assert len(found) == 1
    answer = (await buyer.get(f"/v1/tenders/{found[0]['id']}/candidates", params={"limit": 1})).json()
    assert_shows(json.loads(block(text, "json")), answer)
    contributions = [reason["contribution"] for reason in answer["items"][0]["reasons"]]
    assert sum(contributions) == pytest.approx(answer["items"][0]["score"])


async def test_the_api_page_shows_the_real_answer_by_example(buyer: httpx.AsyncClient) -> None:
    text = section("docs/api.md", "Query by example")
    body = re.search(r"-d '\n(.*)'\n", block(text, "sh"), re.DOTALL)
    assert body is not None
    answer = await buyer.post("/v1/match", json=json.loads(body[1].replace("""'"'"'""", "'")))
    assert answer.status_code == 200, answer.text
    assert_shows(json.loads(block(text, "json")), answer.json())


async def test_the_api_page_shows_a_real_problem(buyer: httpx.AsyncClient) -> None:
    shown = json.loads(block(section("docs/api.md", "Errors"), "json"))
    own = (await buyer.get("/v1/tenders", params={"owner": "me"})).json()["items"]
    answer = await buyer.delete(f"/v1/tenders/{own[0]['id']}")
    real = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert shown.keys() == real.keys()
    for name in shown.keys() - {"instance", "request_id"}:
        assert shown[name] == real[name], name


async def test_the_call_of_the_api_page_can_be_posted(buyer: httpx.AsyncClient) -> None:
    body = re.search(r"-d '(\{.*?\})'\n", block(section("docs/api.md", "A call of your own"), "sh"), re.DOTALL)
    assert body is not None
    answer = await buyer.post("/v1/tenders", json=json.loads(body[1]))
    assert answer.status_code == 201, answer.text
    assert answer.json()["status"] == "draft"


def test_the_files_of_the_readme_rank_as_it_says(tmp_path: Path) -> None:
    script = block(section("README.md", "From files, without a server"), "sh")
    for name, content in re.findall(r"^cat > (\S+) <<'END'\n(.*?)^END$", script, re.MULTILINE | re.DOTALL):
        (tmp_path / name).write_text(content, encoding="utf-8")
    command = re.search(r"^\.venv/bin/safqa (.+)$", script, re.MULTILINE)
    assert command is not None
    done = subprocess.run(
        [*_SAFQA, *command[1].split()],
        env={**environment(), "PYTHONPATH": str(ROOT)}, cwd=tmp_path, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert 0 < done.stdout.index("Noqta") < done.stdout.index("Adad")
    assert "Tawla" not in done.stdout


def test_the_comparison_notices_what_is_not_there() -> None:
    assert stands({"a": [{"b": 1.0}], CUT: CUT}, {"a": [{"c": 2}, {"b": 1.1}], "d": 3})
    assert not stands({"a": 1}, {"b": 1})
    assert not stands({"a": [1, 2]}, {"a": [2, 1]})
    assert not stands({"a": []}, {"a": [1]})
    assert not stands(1.0, 3.0)
