"""A filled database, and the real commands over it, for the suites that measure the service."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from app.accounts.scopes import DEFAULT_SCOPES
from app.accounts.service import KeyOrder, create_key
from app.db.embedded import EmbeddedPostgres
from app.db.engine import create_engine
from app.db.session import create_sessions, unit_of_work
from app.kit.crypto import Keyring
from app.kit.ids import OrganisationId
from app.models.organisation import OrganisationKind
from bench.database import connect, fresh_database
from bench.records import flat_file

SECRET = "a secret for measurements only, 32 characters or more"
SAFQA = (sys.executable, "-c", "from app.cli import run; run()")


@dataclass(frozen=True, slots=True)
class Market:
    """A database with tenders and startups of one operator, and that operator's key."""

    url: str
    token: str
    tenders: tuple[str, ...]
    startups: tuple[str, ...]


@asynccontextmanager
async def filled(server: EmbeddedPostgres, *, tenders: int, startups: int) -> AsyncIterator[Market]:
    """Tenders and startups brought in by the real import, without the rankings that it asks for."""
    async with fresh_database(server) as url:
        for kind, count in (("startups", startups), ("tenders", tenders)):
            command = [sys.executable, "-m", "bench.import_once", kind, str(flat_file(kind, count)), url]
            await asyncio.to_thread(subprocess.run, command, check=True, stdout=subprocess.DEVNULL)
        connection = await connect(url)
        await connection.execute("DELETE FROM pgqueuer.pgqueuer")
        await connection.execute("VACUUM (ANALYZE)")
        owner = await connection.fetchval("SELECT owner_id FROM tender LIMIT 1")
        ids = {
            table: tuple(str(row[0]) for row in await connection.fetch(f"SELECT id FROM {table} ORDER BY external_id"))
            for table in ("tender", "startup")
        }
        await connection.close()
        yield Market(url, await _operator_key(url, owner), ids["tender"], ids["startup"])


async def _operator_key(url: str, owner: OrganisationId) -> str:
    engine = create_engine(url, pool_size=2, statement_timeout_seconds=15)
    async with unit_of_work(create_sessions(engine)) as session:
        order = KeyOrder("bench", DEFAULT_SCOPES[OrganisationKind.OPERATOR])
        token = create_key(session, Keyring([SECRET]), owner, order).token
    await engine.dispose()
    return token


def environment_of(settings: dict[str, str]) -> dict[str, str]:
    """Our environment with these settings, and no others of Safqa."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("SAFQA_")}
    return {**ours, **{f"SAFQA_{name.upper()}": value for name, value in settings.items()}}


@contextmanager
def serving(
    command: Sequence[str], *, ready: str, port: int, settings: dict[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A server process, from its first answer of 200 at ``ready`` on; its log goes to a file."""
    environment = environment_of(settings)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            wait_ready(process, port, ready)
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


def wait_ready(
    process: subprocess.Popen[bytes], port: int, path: str, patience_seconds: float = 300
) -> dict[str, object]:
    """Ask until the answer is 200; the answer."""
    end = time.monotonic() + patience_seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return dict(json.loads(answer.read() or b"{}"))
        except urllib.error.HTTPError as refused:
            if path != "/readyz":  # any answer of the bare peer will do
                return {"status": refused.code}
        except OSError:
            pass
        time.sleep(0.02)
    raise TimeoutError(f"not ready in {patience_seconds:g} s")


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def load_average() -> float:
    """How busy the machine is beside us: told with the figures."""
    return os.getloadavg()[0]
