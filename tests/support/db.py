"""The test cluster: one embedded PostgreSQL per worker of a run, a migrated template, cheap copies of it."""

from __future__ import annotations

import fcntl
import hashlib
import itertools
import os
import re
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from app.db.embedded import EmbeddedPostgres
from app.db.engine import create_engine
from app.db.migrate import upgrade

_ROOT = Path(__file__).resolve().parents[2]
_NOT_DURABLE = (
    "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_wal_size = 256MB\nmin_wal_size = 32MB"
)
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 4 * 2**30
_DATABASES = "SELECT datname, datistemplate AS ready FROM pg_database"
_COPY = re.compile(r".+_(\d+)_\d+")
_count = itertools.count()


@dataclass(frozen=True)
class Database:
    """A database of the test cluster."""

    name: str
    url: str
    host: str

    async def connect(self) -> asyncpg.Connection:
        """A raw connection, for looking at what was really committed."""
        return await asyncpg.connect(host=self.host, user="postgres", database=self.name)


@dataclass(frozen=True)
class Cluster:
    """The running test server. ``template`` is a database at the newest revision."""

    server: EmbeddedPostgres
    template: str

    @asynccontextmanager
    async def copy(self, purpose: str) -> AsyncIterator[Database]:
        """A migrated, empty database that is dropped afterwards."""
        name = f"{purpose}_{os.getpid()}_{next(_count)}"
        await self.prepare_template()
        await self._admin(f'CREATE DATABASE "{name}" TEMPLATE "{self.template}" STRATEGY file_copy')
        try:
            yield Database(name, self.server.url(name), str(self.server.socket_folder))
        finally:
            await self._admin(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def prepare_template(self) -> None:
        """Migrate the template once per set of migrations, whichever worker comes first."""
        with (self.server.folder / "template.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            found = {row["datname"]: row["ready"] for row in await self._admin(_DATABASES)}
            await self._sweep(found)
            if found.get(self.template):
                return
            await self._admin(f'DROP DATABASE IF EXISTS "{self.template}" WITH (FORCE)')
            await self._admin(f'CREATE DATABASE "{self.template}"')
            engine = create_engine(self.server.url(self.template), pool_size=2, statement_timeout_seconds=60)
            await upgrade(engine)
            await engine.dispose()
            await self._admin(f'ALTER DATABASE "{self.template}" IS_TEMPLATE true')

    async def _sweep(self, names: Iterable[str]) -> None:
        """Drop what killed runs and older migrations left: it may stand in memory."""
        for name in names:
            if name.startswith("template_") and name != self.template:
                await self._admin(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
            elif not _is_left_over(name):
                continue
            await self._admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    async def _admin(self, sql: str) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(host=str(self.server.socket_folder), user="postgres", database="postgres")
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()


def _migrations_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted((_ROOT / "alembic" / "versions").glob("*.*")):
        if path.suffix in {".py", ".sql"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def running_cluster() -> Iterator[Cluster]:
    """The server of this checkout's tests, started for the first of its users and stopped by the last.

    Each worker of a run has one of its own: feeds wait for every transaction that a server runs, in whichever database
    (``app.db.feed``), so that a database made for one worker's test would hide what another's has just committed.
    """
    where = hashlib.sha256(os.fsencode(_ROOT)).hexdigest()[:10]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    folder = _fast_folder() / f"safqa-tests-{os.getuid()}-{where}-{worker}"
    server = EmbeddedPostgres(folder, extra=_NOT_DURABLE)
    server.start()
    try:
        yield Cluster(server, f"template_{_migrations_digest()}")
    finally:
        server.stop()


def _fast_folder() -> Path:
    """In memory where there is room: each test's database is a copy of 1,500 small files, ten times as fast there."""
    if not (_MEMORY.is_mount() and os.access(_MEMORY, os.W_OK)):
        return Path(tempfile.gettempdir())
    there = os.statvfs(_MEMORY)
    # The server's programs may have to be copied there, and run.
    fits = there.f_bavail * there.f_frsize >= _ROOM_BYTES and not there.f_flag & os.ST_NOEXEC
    return _MEMORY if fits else Path(tempfile.gettempdir())


def _is_left_over(database: str) -> bool:
    """Whether it is a copy whose process is gone."""
    copy = _COPY.fullmatch(database)
    if copy is None:
        return False
    try:
        os.kill(int(copy[1]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
