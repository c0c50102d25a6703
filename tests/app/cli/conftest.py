"""Commands in this process, over a database of the test's own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import TypeVar

import pytest

from tests.support.api import SECRET
from tests.support.db import Database

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings of whoever runs the tests don't reach the commands under test."""
    for name in [name for name in os.environ if name.startswith("SAFQA_")]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands inside the tests' own process don't fork: it has threads, whose locks a fork copies as they are (see
    ``matching.batch``). A run hung for a quarter of an hour on one; those in processes of their own do fork.
    """
    monkeypatch.setattr("app.cli.match_run.os.cpu_count", lambda: 1)


@pytest.fixture
def configured(fresh: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The environment points at a migrated, empty database."""
    monkeypatch.setenv("SAFQA_DATABASE_URL", fresh.url)
    monkeypatch.setenv("SAFQA_SECRET", SECRET)
    monkeypatch.setenv("SAFQA_POOL_SIZE", "2")
    return fresh


@pytest.fixture
def run_db() -> Callable[[Coroutine[object, object, T]], T]:
    """Run a question to the database from a test that runs commands, which bring their own event loop."""
    return asyncio.run
