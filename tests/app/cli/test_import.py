"""``safqa import`` and ``safqa sample`` as a person runs them, on a database of their own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from app.cli import main
from tests.support.db import Database
from tests.support.factories import startup, tender
from tests.support.imports import write_jsonl


class Done(NamedTuple):
    """What a command printed, and its exit code."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def safqa(configured: Database, capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Runs a command of ours on a database of the test's own."""

    def run(*words: str) -> Done:
        code = main(words)
        told = capsys.readouterr()
        return Done(code, told.out, told.err)

    assert configured
    return run


class TestImport:
    def test_a_file_goes_in_and_again_changes_nothing(self, safqa: Callable[..., Done], tmp_path: Path) -> None:
        file = write_jsonl(tmp_path / "appels.jsonl", [tender() for _ in range(3)])
        nobody = safqa("import", "tenders", str(file))
        assert (nobody.returncode, nobody.stdout) == (2, "")
        assert "there is no operator yet" in nobody.stderr
        assert safqa("key", "create", "--organisation", "Nous", "--kind", "operator").returncode == 0
        first = safqa("import", "tenders", str(file))
        assert first.returncode == 0, first.stderr
        assert first.stdout.startswith("3 records: 3 new, 0 changed, 0 as they were, 0 refused; ")
        again = safqa("import", "tenders", str(file))
        assert again.stdout.startswith("3 records: 0 new, 0 changed, 3 as they were, 0 refused; ")

    def test_refused_lines_are_told_and_the_exit_code_is_one(self, safqa: Callable[..., Done], tmp_path: Path) -> None:
        safqa("key", "create", "--organisation", "Pépinière", "--kind", "incubator")
        file = write_jsonl(tmp_path / "s.jsonl", [startup(), *({"id": str(n)} for n in range(25))])
        done = safqa("import", "startups", str(file), "--as", "Pépinière")
        assert done.returncode == 1
        lines = done.stderr.splitlines()
        assert lines[0] == f"{file}: line 2: name: field required"
        assert lines[20] == f"{file}: 5 more refused"
        assert done.stdout.startswith("26 records: 1 new, 0 changed, 0 as they were, 25 refused; ")

    def test_what_cannot_be_is_told_in_one_line(self, safqa: Callable[..., Done], tmp_path: Path) -> None:
        safqa("key", "create", "--organisation", "Pépinière", "--kind", "incubator")
        file = write_jsonl(tmp_path / "s.jsonl", [startup()])
        (empty := tmp_path / "empty.jsonl").touch()
        for words, said in (
            (("startups", str(tmp_path / "none.jsonl")), "does not exist"),
            (("startups", str(tmp_path)), "is a directory"),
            (("startups", str(empty)), "is empty"),
            (("startups", str(file), "--as", "Personne"), "no incubator or operator is called 'Personne'"),
            (("tenders", str(file), "--as", "Pépinière"), "no buyer or operator is called 'Pépinière'"),
            (("startups", str(file), "--as", "Pépinière", "--agreed"), "--agreed is for the operator"),
        ):
            done = safqa("import", *words)
            assert (done.returncode, done.stdout) == (2, "")
            assert said in done.stderr
            assert len(done.stderr.splitlines()) == 1


class TestSample:
    def test_it_is_loaded_and_a_key_for_each_role_printed(self, safqa: Callable[..., Done]) -> None:
        before = safqa("sample", "keys")
        assert (before.returncode, before.stdout) == (2, "")
        loaded = safqa("sample", "load")
        assert loaded.returncode == 0, loaded.stderr
        assert "tenders: " in loaded.stdout
        roles = [line.split()[0] for line in safqa("sample", "keys").stdout.splitlines()]
        assert roles == ["operator", "buyer", "incubator", "startup"]
