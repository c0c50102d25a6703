"""The embedded server for real: killed, started twice at once, in awkward folders."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from app.db.embedded import EmbeddedError, EmbeddedPostgres

_NOT_SYNCED = "shared_buffers = 16MB"  # several of them stand beside the server of the suite
pytestmark = pytest.mark.timeout(180)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's own user can reach: pytest's are closed to others."""
    with tempfile.TemporaryDirectory(prefix="safqa-embedded-") as made:
        Path(made).chmod(0o755)
        yield Path(made) / "data"


async def ask(server: EmbeddedPostgres, sql: str) -> object:
    connection = await asyncpg.connect(host=str(server.socket_folder), user="postgres", database="postgres")
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def postmaster(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # A dead child of nobody stays as a zombie until init reaps it.
    return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"


async def test_data_outlives_a_stop_and_the_last_user_stops_the_server(folder: Path):
    server = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    server.start()
    await ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = postmaster(server)
    server.stop()
    assert not alive(pid)

    server.start()
    try:
        assert await ask(server, "SELECT answer FROM kept") == 42
    finally:
        server.stop()


async def test_starts_after_the_server_was_killed(folder: Path):
    server = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    server.start()
    await ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = postmaster(server)
    os.kill(pid, signal.SIGKILL)
    server.stop()  # nothing is left to stop, and that is no error

    again = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    again.start()
    try:
        assert await ask(again, "SELECT answer FROM kept") == 42
    finally:
        again.stop()


HOLDER = """
import sys, time
from pathlib import Path
from app.db.embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), extra=sys.argv[2])
server.start()
print("started", flush=True)
sys.stdin.readline()
server.stop()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), _NOT_SYNCED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).resolve().parents[3],
    )


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def let_go(process: subprocess.Popen[str]) -> int:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.close()
    code = process.wait(60)
    process.stdout.close()
    return code


async def test_two_processes_that_start_at_once_share_one_server(folder: Path):
    both = [holder(folder), holder(folder)]
    assert [said(process) for process in both] == ["started", "started"]
    server = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    pid = postmaster(server)
    assert await ask(server, "SELECT 1") == 1

    assert let_go(both[0]) == 0
    assert alive(pid), "the first to go took the server from the other"
    assert await ask(server, "SELECT 1") == 1
    assert let_go(both[1]) == 0
    assert not alive(pid)


async def test_a_user_that_is_killed_does_not_keep_the_server_for_ever(folder: Path):
    killed = holder(folder)
    assert said(killed) == "started"
    killed.kill()
    killed.wait()
    for stream in (killed.stdin, killed.stdout):
        assert stream is not None
        stream.close()

    server = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    pid = postmaster(server)
    server.start()
    assert postmaster(server) == pid, "the server that still ran is used"
    server.stop()
    assert not alive(pid)


@pytest.mark.parametrize(
    "name",
    ["with a space and 'quotes'", "été ليلى", "long-" * 20, "/".join(["deep" * 10] * 4)],
    ids=["space", "unicode", "long", "deep"],
)
async def test_awkward_folders(folder: Path, name: str):
    server = EmbeddedPostgres(folder / name, extra=_NOT_SYNCED)
    server.start()
    try:
        assert await ask(server, "SHOW server_encoding") == "UTF8"
    finally:
        await asyncio.to_thread(server.stop)


def test_a_file_in_the_place_of_the_folder_is_told(folder: Path):
    folder.write_text("not a folder")
    with pytest.raises(EmbeddedError, match="SAFQA_DATA_DIR"):
        EmbeddedPostgres(folder).start()


def test_a_half_made_folder_is_made_anew(folder: Path):
    (folder / "pg18" / "base").mkdir(parents=True)
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder, extra=_NOT_SYNCED)
    server.start()
    server.stop()
    assert (server.data / "PG_VERSION").read_text().strip() == "18"
