"""``safqa match --cpv``: the table's labels in rankings, in a process of its own and on a cluster, and a file that is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main

pytestmark = pytest.mark.e2e

TENDERS = [{"id": "T1", "title": "Marché annuel", "cpv": ["72210000"], "country": "FR"}]
STARTUPS = [
    {"id": "S1", "name": "Un", "description": "Nous vendons des fuitomètres.", "country": "FR"},
    {"id": "S2", "name": "Deux", "description": "Nous cousons des rideaux.", "country": "FR"},
    {"id": "S3", "name": "Trois", "description": "Rien d'autre.", "cpv": ["72210000-0"], "country": "FR"},
]


@pytest.fixture
def given(tmp_path: Path) -> list[str]:
    """The files of a match, and beside them the table."""
    for name, rows in (("tenders", TENDERS), ("startups", STARTUPS)):
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        (tmp_path / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "cpv.csv").write_text("CODE;FR\n72210000-0;Programmation de fuitomètres\n", encoding="utf-8")
    files = ["--tenders", tmp_path / "tenders.jsonl", "--startups", tmp_path / "startups.jsonl"]
    return ["match", *map(str, files), "--format", "jsonl", "--lang", "fr"]


def pairs(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, object]]:
    return {row["startup_id"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}


def texts(row: dict[str, object]) -> list[str]:
    reasons = row["reasons"]
    assert isinstance(reasons, list)
    return [reason["text"] for reason in reasons]


def test_labels_speak_where_the_table_is_given(
    given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(given) == 0
    without = pairs(capsys)
    assert main([*given, "--cpv", str(tmp_path / "cpv.csv")]) == 0
    found = pairs(capsys)
    assert not any("fuitomètres" in text for text in texts(without["S1"]))
    assert any("fuitomètres" in text for text in texts(found["S1"]))
    assert "Même classe CPV : 72210000 (Programmation de fuitomètres)" in texts(found["S3"])
    assert "Même classe CPV : 72210000" in texts(without["S3"])
    monkeypatch.setenv("SAFQA_CPV_TABLE", str(tmp_path / "cpv.csv"))
    assert main(given) == 0
    assert pairs(capsys) == found
    assert main([*given, "--dask", "--part", "1"]) == 0
    parted = pairs(capsys)
    assert parted.keys() == found.keys()
    for startup, row in found.items():
        assert parted[startup]["score"] == pytest.approx(row["score"], abs=1e-9)


def test_a_file_that_is_no_table(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "cpv.csv").write_text("CODE;FR\n7221;Programmation\n", encoding="utf-8")
    assert main([*given, "--cpv", str(tmp_path / "cpv.csv")]) == 2
    told = capsys.readouterr().err.strip()
    assert told.endswith("cpv.csv has in row 2, column CODE, '7221', which is no CPV code of 8 digits")
    assert "\n" not in told
