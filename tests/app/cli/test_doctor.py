from __future__ import annotations

import socket
from pathlib import Path

import pytest

from app.cli import main
from app.db.migrate import head
from tests.support.api import SECRET
from tests.support.db import Database


async def execute(database: Database, sql: str) -> None:
    connection = await database.connect()
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """State and text by what was looked at, from the table; a row that goes on has an empty first cell."""
    rows: dict[str, tuple[str, str]] = {}
    what = ""
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in line.split("│")[1:-1]]
        if len(cells) != 3:
            continue
        what = cells[0] or what
        state, text = rows.get(what, ("", ""))
        rows[what] = (cells[1] or state, f"{text} {cells[2]}".strip())
    return rows


def test_a_sound_installation(configured: Database, capsys: pytest.CaptureFixture[str]):
    assert main(["doctor", "--port", "0"]) == 0
    rows = told(capsys)
    assert rows["migrations"] == ("ok", f"at revision {head()}")
    assert rows["database"][0] == "ok"
    assert "0 startups" in rows["index"][1]
    assert rows["jobs"] == ("ok", "none waiting")
    assert rows["SAFQA_SECRET"] == ("note", "set (not shown)")
    assert rows["mail"] == ("note", "none is sent: SAFQA_SMTP_HOST is not set")
    assert SECRET not in str(rows)


def test_what_must_be_fixed_is_said_with_what_to_do(configured: Database, capsys: pytest.CaptureFixture[str], run_db):
    run_db(execute(configured, "UPDATE alembic_version SET version_num = '0001'"))
    assert main(["doctor"]) == 1
    state, text = told(capsys)["migrations"]
    assert state == "fix"
    assert "safqa migrate" in text


def test_jobs_that_nobody_does(configured: Database, capsys: pytest.CaptureFixture[str], run_db):
    late = "INSERT INTO pgqueuer.pgqueuer (priority, status, entrypoint, execute_after) "
    run_db(execute(configured, late + "VALUES (0, 'queued', 'tidy', now() - interval '1 hour')"))
    assert main(["doctor"]) == 1
    assert "safqa worker" in told(capsys)["jobs"][1]


_UNCERTAIN = """
WITH firm AS (
    INSERT INTO organisation (id, kind, name) VALUES (gen_random_uuid(), 'startup', 'Firme') RETURNING id
), reader AS (
    INSERT INTO digest_subscription (id, owner_id, address, address_hash, lang, every, weekday, hour, zone, min_grade,
        state, unsubscribe_hash, unsubscribe_token, next_at)
    SELECT gen_random_uuid(), firm.id, '', '', 'fr', 'daily', 1, 8, 'UTC', 'good', 'confirmed', '', '', now() FROM firm
    RETURNING id
), human AS (
    INSERT INTO person (id, mail, mail_hash, name) VALUES (gen_random_uuid(), '', '', 'Amina') RETURNING id
), told AS (
    INSERT INTO matter_letter (id, person_id, organisation_id, caused_by, matter, subject_id, key, state, due_at)
    SELECT gen_random_uuid(), human.id, firm.id, firm.id, 'meeting-asked', firm.id, 'x', 'uncertain', now()
    FROM human, firm
)
INSERT INTO letter (id, subscription_id, kind, state, due_at)
SELECT gen_random_uuid(), reader.id, 'digest', 'uncertain', now() FROM reader
"""


def test_letters_that_nobody_knows_of(
    configured: Database, capsys: pytest.CaptureFixture[str], run_db, monkeypatch: pytest.MonkeyPatch
):
    run_db(execute(configured, _UNCERTAIN))
    for name, value in (("SMTP_HOST", "mail.example.org"), ("MAIL_FROM", "digests@safqa.example"),
                        ("PUBLIC_URL", "https://safqa.example"), ("SMTP_USER", "safqa"), ("SMTP_PASSWORD", "hunter2")):  # fmt: skip
        monkeypatch.setenv(f"SAFQA_{name}", value)
    assert main(["doctor"]) == 1
    rows = told(capsys)
    assert rows["letters"][0] == "fix"
    assert "2 uncertain" in rows["letters"][1]
    assert rows["mail"][0] == "ok"
    assert "mail.example.org, port 587, starttls, with a login" in rows["mail"][1]
    assert "hunter2" not in str(rows)


def test_an_unreachable_database_hides_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SAFQA_DATABASE_URL", "postgresql://u:hunter2@127.0.0.1:1/d")
    monkeypatch.setenv("SAFQA_SECRET", SECRET)
    assert main(["doctor"]) == 1
    rows = told(capsys)
    assert rows["database"][0] == "fix"
    assert "hunter2" not in str(rows)


def test_nothing_is_made_where_nothing_was_started_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SAFQA_DATA_DIR", str(tmp_path / "data"))
    assert main(["doctor"]) == 0
    assert told(capsys)["database"][0] == "note"
    assert not (tmp_path / "data").exists()


def test_a_secret_that_everybody_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    secret = tmp_path / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o644)
    monkeypatch.setenv("SAFQA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("SAFQA_SECRET_FILE", str(secret))
    assert main(["doctor"]) == 1
    assert "chmod 600" in told(capsys)["secret"][1]


def test_a_port_in_use_is_a_note_as_safqa_may_hold_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("SAFQA_DATA_DIR", str(tmp_path / "data"))
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        assert main(["doctor", "--port", str(busy.getsockname()[1])]) == 0
    assert told(capsys)["port"][0] == "note"


def test_the_cpv_table_is_looked_at(
    configured: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    table = tmp_path / "cpv.csv"
    table.write_text("CODE,FR,EN\n72000000-5,Informatique,Computing\n")
    monkeypatch.setenv("SAFQA_CPV_TABLE", str(table))
    assert main(["doctor", "--port", "0"]) == 0
    assert told(capsys)["CPV table"] == ("ok", "1 codes, labels in fr, en")
    table.write_text("CODE,FR\n72,Informatique\n")
    assert main(["doctor", "--port", "0"]) == 1
    state, text = told(capsys)["CPV table"]
    assert state == "fix"
    assert "row 2, column CODE" in text
