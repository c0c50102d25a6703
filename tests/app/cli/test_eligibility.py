"""``safqa eligibility``: two files in, one judgement a pair out; a user's mistakes are told in a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from app.cli import main

CALL = {
    "id": "t1", "title": "Application mobile", "country": "MA", "sector": "public", "deadline": "2026-12-20",
    "procedure": "Appel d'offres ouvert", "description": "Le certificat ISO 9001 est exigé.",
}  # fmt: skip
HOLDER = {
    "id": "s1", "name": "Atlas Fictif", "country": "MA",
    "evidence": {"certificates": [{"name": "ISO 9001", "scheme": "iso", "expires": "2027-01-31"}]},
}  # fmt: skip
LACKING = {"id": "s2", "name": "Rif Fictif", "country": "MA", "evidence": {"complete": ["certificates"]}}


def _written(folder: Path, name: str, *records: Mapping[str, object]) -> str:
    path = folder / name
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return str(path)


def _run(*arguments: str) -> int:
    return main(["eligibility", *arguments])


def test_each_pair_is_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = (
        "--tenders",
        _written(tmp_path, "t.jsonl", CALL),
        "--startups",
        _written(tmp_path, "s.jsonl", HOLDER, LACKING),
    )
    assert _run(*files, "--as-of", "2026-11-23", "--lang", "fr") == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(line["tender"], line["startup"], line["outcome"]) for line in lines] == [
        ("t1", "s1", "pass"), ("t1", "s2", "fail"),
    ]  # fmt: skip
    (check,) = (check for check in lines[1]["checks"] if check["clause"])
    assert check["quote"] in CALL["description"]
    assert check["waivable"]
    assert "juridique" in lines[0]["disclaimer"]


def test_a_paper_is_judged_on_the_day_of_the_deadline(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    late = CALL | {"deadline": "2027-02-20"}
    files = ("--tenders", _written(tmp_path, "t.jsonl", late), "--startups", _written(tmp_path, "s.jsonl", HOLDER))
    assert _run(*files, "--as-of", "2026-11-23") == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "fail"


@pytest.mark.parametrize("as_of", ["none", "yesterday"])
def test_without_a_day_there_is_no_answer(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_of: str) -> None:
    files = ("--tenders", _written(tmp_path, "t.jsonl", CALL), "--startups", _written(tmp_path, "s.jsonl", HOLDER))
    assert _run(*files, "--as-of", as_of) == 2
    told = capsys.readouterr()
    assert (told.out, len(told.err.splitlines())) == ("", 1)


def test_a_refused_line_is_told_and_the_others_are_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = (
        "--tenders", _written(tmp_path, "t.jsonl", CALL),
        "--startups", _written(tmp_path, "s.jsonl", {"id": "s0"}, HOLDER),
    )  # fmt: skip
    assert _run(*files) == 2
    told = capsys.readouterr()
    assert [json.loads(line)["startup"] for line in told.out.splitlines()] == ["s1"]
    assert "name" in told.err
