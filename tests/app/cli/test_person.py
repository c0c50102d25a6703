from __future__ import annotations

import re

import asyncpg
import pytest

from app.cli import main
from tests.support.db import Database


async def rows(database: Database, sql: str) -> list[asyncpg.Record]:
    connection = await database.connect()
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


def test_an_operator_enters_somebody_lets_them_in_and_shuts_them_out(
    configured: Database, capsys: pytest.CaptureFixture[str], run_db
):
    mail, where = "Amina@Commune.example", ("--organisation", "Commune X", "--kind", "buyer", "--role", "admin")
    assert main(["person", "add", mail, *where, "--lang", "ar"]) == 0
    added = capsys.readouterr().out.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/sign-in/link/sfl_\w{43}", added)
    assert main(["person", "link", "amina@commune.example"]) == 0
    assert capsys.readouterr().out.strip() != added
    assert main(["person", "list"]) == 0
    listed = re.sub("[│ ]+", " ", capsys.readouterr().out)
    assert "Amina@commune.example Amina Commune X buyer admin no confirmed can sign in" in listed
    run_db(rows(configured, "UPDATE person SET totp_secret = 'x', totp_step = 1 RETURNING id"))
    assert main(["person", "recover", mail]) == 0
    assert "/sign-in/link/sfl_" in capsys.readouterr().out
    (kept,) = run_db(rows(configured, "SELECT totp_secret, totp_step FROM person"))
    assert tuple(kept) == (None, None)
    assert main(["person", "mail", mail, "nonsense"]) == 2
    assert main(["person", "mail", mail, "Amina.S@commune.example"]) == 0
    assert main(["person", "add", mail, *where]) == 0
    assert main(["person", "mail", mail, "amina.s@commune.example"]) == 2
    assert "already" in capsys.readouterr().err
    run_db(rows(configured, "UPDATE person SET mail_confirmed_at = NULL"))
    assert main(["person", "confirm", mail]) == 0
    (kept,) = run_db(rows(configured, "SELECT count(mail_confirmed_at) FROM person"))
    assert kept["count"] == 1
    assert main(["person", "mail", mail, "a@b.example"]) == 0
    run_db(rows(configured, "DELETE FROM person WHERE mail_confirmed_at IS NOT NULL"))
    mail = "amina.s@commune.example"
    assert main(["person", "disable", mail]) == 0
    assert main(["person", "link", mail]) == 2
    assert main(["person", "link", "nobody@commune.example"]) == 2
    assert "nobody with the address" in capsys.readouterr().err
    (kept,) = run_db(rows(configured, "SELECT person.*, person::text AS whole FROM person"))
    assert kept["disabled_at"] is not None
    assert kept["lang"] == "ar"
    assert "commune" not in kept["whole"].lower()


def test_what_is_no_address_or_no_language_is_told(configured: Database, capsys: pytest.CaptureFixture[str]):
    assert main(["person", "add", "amina", "--organisation", "X", "--kind", "buyer"]) == 2
    assert "no e-mail address" in capsys.readouterr().err
    assert main(["person", "add", "a@b.example", "--organisation", "X", "--kind", "buyer", "--lang", "de"]) == 2
    assert "none of ar, fr, en" in capsys.readouterr().err
