from __future__ import annotations

import re

import asyncpg
import pytest

from app.accounts.scopes import DEFAULT_SCOPES
from app.cli import main
from app.kit.crypto import Keyring
from app.models.organisation import OrganisationKind
from tests.support.api import SECRET
from tests.support.db import Database


def create(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[str, str]:
    assert main(["key", "create", *options]) == 0
    said = capsys.readouterr()
    return said.out.strip(), said.err


async def rows(database: Database, sql: str) -> list[asyncpg.Record]:
    connection = await database.connect()
    try:
        return await connection.fetch(sql)
    finally:
        await connection.close()


def test_the_token_alone_is_printed_and_only_its_hash_is_kept(
    configured: Database, capsys: pytest.CaptureFixture[str], run_db
):
    token, told = create(capsys, "--organisation", "Commune X", "--kind", "buyer", "--country", "ma")
    assert re.fullmatch(r"sfq_[0-9A-Za-z]{43}", token)
    assert "new buyer 'Commune X'" in told
    (kept,) = run_db(rows(configured, "SELECT key.*, o.country FROM api_key key JOIN organisation o ON true"))
    assert kept["digest"] == Keyring([SECRET]).token_hash(token)
    assert set(kept["scopes"]) == set(DEFAULT_SCOPES[OrganisationKind.BUYER])
    assert kept["country"] == "MA"
    assert token not in str(dict(kept))


def test_a_second_key_is_the_same_organisations(configured: Database, capsys: pytest.CaptureFixture[str], run_db):
    create(capsys, "--organisation", "Commune X", "--kind", "buyer")
    _, told = create(capsys, "--organisation", " Commune X ", "--kind", "buyer", "--scopes", "tenders:read")
    assert "new" not in told
    create(capsys, "--organisation", "Commune X", "--kind", "startup")
    found = run_db(rows(configured, "SELECT kind FROM organisation ORDER BY kind"))
    assert [row["kind"] for row in found] == ["buyer", "startup"]
    scopes = run_db(rows(configured, "SELECT scopes FROM api_key ORDER BY id"))
    assert scopes[1]["scopes"] == ["tenders:read"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--scopes", "tenders:red"], "unknown scope tenders:red"),
        (["--scopes", ","], "names no scope"),
        (["--country", "Maroc"], "ISO 3166-1"),
        (["--name", " "], "need a name"),
    ],
)
def test_wrong_options_are_one_line(
    configured: Database, capsys: pytest.CaptureFixture[str], options: list[str], told: str
):
    assert main(["key", "create", "--organisation", "X", "--kind", "buyer", *options]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line


def test_listed_then_revoked_once(configured: Database, capsys: pytest.CaptureFixture[str]):
    token, told = create(capsys, "--organisation", "Commune X", "--kind", "buyer")
    found = re.search(r"key ([0-9a-f-]{36})", told)
    assert found
    assert main(["key", "list", "--organisation", "Commune X"]) == 0
    listed = capsys.readouterr().out
    assert found[1] in listed
    assert "works" in listed
    assert token not in listed

    assert main(["key", "revoke", found[1]]) == 0
    assert main(["key", "revoke", found[1]]) == 2
    assert "no working key" in capsys.readouterr().err
    assert main(["key", "list"]) == 0
    assert "revoked" in capsys.readouterr().out
    assert main(["key", "revoke", "42"]) == 2
    assert "no key id" in capsys.readouterr().err
