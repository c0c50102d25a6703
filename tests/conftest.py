"""Fixtures of the whole suite. Which one to pick:

* no fixture: for what needs no database (parsers, rankers, the kit). Most tests.
* ``db``: an ``AsyncSession`` whose rows vanish after the test, even where the code under test rolls back. For
  repositories and services.
* ``fresh``: a :class:`tests.support.db.Database` of its own, copied from the migrated template. For whatever commits
  and is looked at from another connection: HTTP routes, jobs, feeds, NOTIFY, concurrency.
* ``api``: an :class:`tests.support.api.Api` over ``fresh``: the real application in this process, with helpers to make
  organisations and keys.

The server is the embedded PostgreSQL in a folder of its own, in memory or under the temporary directory, one for each
worker of a run; the schema is made by the migrations, never by ``create_all``.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy.ext.asyncio import AsyncSession

from app.db.engine import create_engine
from app.kit.observability import configure_logging
from app.matches.live_index import compile_kernels
from tests.support.api import Api, running_api
from tests.support.db import Cluster, Database, running_cluster

# Seeded, so that a run on busy cores says the same as one on idle ones; `make soak` draws anew.
settings.register_profile("seeded", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=2_000)
settings.load_profile("seeded")


def pytest_configure() -> None:
    """Hear Ctrl-C: behind a shell that started them in the background, tests and all they start would ignore it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Compile before the first application starts: in a new checkout, tests that come first would find it loading."""
    if session.config.option.collectonly:
        return
    if any("cluster" in item.fixturenames for item in session.items if isinstance(item, pytest.Function)):
        compile_kernels()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with running_cluster() as running:
        yield running


@pytest.fixture(scope="session")
async def shared_database(cluster: Cluster) -> AsyncIterator[Database]:
    """One database per worker for tests that roll back."""
    async with cluster.copy("shared") as database:
        yield database


@pytest.fixture
async def db(shared_database: Database) -> AsyncIterator[AsyncSession]:
    engine = create_engine(shared_database.url, pool_size=2, statement_timeout_seconds=20)
    async with engine.connect() as connection:
        transaction = await connection.begin()
        # "create_savepoint": a rollback in the code under test must not undo what the test seeded.
        session = AsyncSession(bind=connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        yield session
        await session.close()
        await transaction.rollback()
    await engine.dispose()


@pytest.fixture
async def fresh(cluster: Cluster) -> AsyncIterator[Database]:
    async with cluster.copy("fresh") as database:
        yield database


@pytest.fixture
async def api(fresh: Database) -> AsyncIterator[Api]:
    async with running_api(fresh) as running:
        yield running


@pytest.fixture(autouse=True)
def _quiet_logs() -> None:
    # Before each test, as tests of the log leave it unconfigured: structlog would then print tracebacks with every
    # local variable, and looking into asyncpg's internals for that leaves a connection that never closes.
    configure_logging(level="WARNING")


_real_connect = socket.socket.connect


def _loopback_only(self: socket.socket, address: object) -> None:
    if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise RuntimeError(f"tests may not leave this machine: connect to {address!r}")
    _real_connect(self, address)  # type: ignore[arg-type]


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    socket.socket.connect = _loopback_only  # type: ignore[method-assign,assignment]
    yield
    socket.socket.connect = _real_connect  # type: ignore[method-assign]
