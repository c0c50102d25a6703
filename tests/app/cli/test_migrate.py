from __future__ import annotations

import asyncpg
import pytest

from app.cli import main
from app.db.migrate import head
from tests.support.api import SECRET
from tests.support.db import Cluster, Database


async def execute(database: Database, sql: str) -> None:
    connection = await database.connect()
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


async def make_empty(cluster: Cluster, name: str) -> Database:
    connection = await asyncpg.connect(host=str(cluster.server.socket_folder), user="postgres", database="postgres")
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.execute(f'CREATE DATABASE "{name}"')
    finally:
        await connection.close()
    return Database(name, cluster.server.url(name), str(cluster.server.socket_folder))


def test_an_empty_database_is_brought_up_once(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], run_db, worker_id: str
):
    database = run_db(make_empty(cluster, f"migrate_{worker_id}"))
    monkeypatch.setenv("SAFQA_DATABASE_URL", database.url)
    monkeypatch.setenv("SAFQA_SECRET", SECRET)
    assert main(["worker"]) == 2
    assert "run `safqa migrate` first" in capsys.readouterr().err
    assert main(["migrate"]) == 0
    assert f"from revision none to {head()}" in capsys.readouterr().out
    assert main(["migrate"]) == 0
    assert "already" in capsys.readouterr().out


def test_a_database_of_a_newer_version_is_left_alone(configured: Database, capsys: pytest.CaptureFixture[str], run_db):
    run_db(execute(configured, "UPDATE alembic_version SET version_num = '9999'"))
    assert main(["migrate"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "revision 9999" in line
    assert "newer" in line


def test_a_revision_needs_a_message(configured: Database, capsys: pytest.CaptureFixture[str]):
    assert main(["migrate", "--new", " "]) == 2
    assert "make migration" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"PORT": "eighty"}, "SAFQA_PORT"),
        ({"DATABASE_URL": "mysql://hunter2@h/d", "SECRET": SECRET}, "postgresql://"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d"}, "SAFQA_SECRET"),
        ({"SECRET": "hunter2"}, "at least 32"),
        ({"DATABASE_URL": "postgresql://u:hunter2@127.0.0.1:1/d", "SECRET": SECRET}, "no connection"),
        ({"DATABASE_URL": "postgresql://u@127.0.0.1:1/d", "SECRET_FILE": "/nowhere/hunter"}, "SECRET_FILE"),
    ],
)
def test_wrong_settings_are_one_line_without_a_secret(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], settings: dict[str, str], told: str
):
    for name, value in settings.items():
        monkeypatch.setenv(f"SAFQA_{name}", value)
    assert main(["migrate"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert "hunter2" not in line
    assert SECRET not in line
