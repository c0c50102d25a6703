"""The habits of the house that no linter knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "matching", "scrapers", "bench")
LONGEST_FILE = 450
FORBIDDEN_NAMES = {"utils.py", "helpers.py", "common.py", "misc.py"}
# Who may commit: the edge of a request, the unit of work of a job, migrations.
MAY_COMMIT = {"app/db/migrate.py"}
MAY_READ_ENVIRONMENT = {"app/config.py"}


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_files_stay_small() -> None:
    """But for migrations: each is written once and never grows."""
    long = {
        named(path): lines
        for path in sources(*PACKAGES, "tests", "alembic")
        if path.parent.name != "versions"
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE
    }
    assert long == {}


def test_no_drawer_for_everything() -> None:
    assert [named(path) for path in sources(*PACKAGES) if path.name in FORBIDDEN_NAMES] == []


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        named(path)
        for path in sources("app", "matching", "scrapers")
        if re.search(r"os\.environ|os\.getenv|getenv\(", path.read_text(encoding="utf-8"))
    }
    assert readers <= MAY_READ_ENVIRONMENT


def test_nobody_commits_below_the_edge() -> None:
    committers = {
        named(path)
        for path in sources("app")
        if "commit" in (text := path.read_text(encoding="utf-8"))  # parsing all of them takes seconds
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
    }
    assert committers <= MAY_COMMIT


def test_only_the_guarded_clients_reach_out() -> None:
    makers = {
        named(path)
        for path in sources("app", "scrapers", "matching")
        if re.search(r"httpx\.(Async)?Client\(|aiohttp|urllib\.request", path.read_text(encoding="utf-8"))
    }
    asks_safqa_itself = "app/cli/mcp.py"
    assert makers <= {"app/kit/safe_http.py", "scrapers/client.py", asks_safqa_itself}


def test_nothing_that_is_stored_or_received_is_pickled() -> None:
    """Reading a pickle runs what it says. A process and its own children trust each other, nobody else does."""
    hits = [
        named(path)
        for path in sources(*PACKAGES)
        if re.search(r"^\s*(import|from) (pickle|joblib|dill|shelve|marshal)\b", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert hits == ["app/kit/aside.py", "app/kit/aside_child.py", "matching/batch.py"]


def test_every_package_of_the_project_says_what_it_is_for() -> None:
    silent = [
        named(path)
        for path in sources("app", "matching", "scrapers")
        if (text := path.read_text(encoding="utf-8").strip()) and not re.match(r'(#.*\s+)*r?"""', text)
    ]
    assert silent == []


def test_alembic_is_the_librarys_name() -> None:
    assert not (ROOT / "alembic" / "__init__.py").exists()


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_locks_are_hashed_and_name_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pins = re.findall(r"^[a-z0-9][^\n]*==[^\n]*\\\n(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+", text, re.MULTILINE)
    assert len(pins) == len(re.findall(r"^[a-z0-9][^\n]*==", text, re.MULTILINE)) > 40
