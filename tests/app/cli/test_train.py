"""``safqa train``: what it learns from, what it writes, and what it refuses."""

from __future__ import annotations

import json
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from app.cli import main
from matching import registry
from matching.model import read_model

SHIPPED = Path(str(files("matching") / "data" / "fictional"))


def judged_set(folder: Path, *, lying: bool = False, every: int = 3) -> Path:
    """A part of the set that ships; ``lying`` turns its grades upside down."""
    folder.mkdir()
    shutil.copy(SHIPPED / "startups.jsonl", folder)
    tenders = (SHIPPED / "tenders.jsonl").read_text(encoding="utf-8").splitlines()[::every]
    (folder / "tenders.jsonl").write_text("\n".join(tenders) + "\n", encoding="utf-8")
    qrels = json.loads((SHIPPED / "qrels.json").read_text(encoding="utf-8"))
    if lying:
        qrels = {tender: {startup: 3 - grade for startup, grade in each.items()} for tender, each in qrels.items()}
    (folder / "qrels.json").write_text(json.dumps(qrels), encoding="utf-8")
    return folder


def test_a_model_is_trained_further_written_and_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = judged_set(tmp_path / "mine"), tmp_path / "weights.json"
    assert main(["train", "--set", str(folder), "--version", "mine", "--out", str(out)]) == 0
    shown = capsys.readouterr().out
    assert "mine" in shown
    assert "fictional" in shown
    model = read_model(out)
    assert (model.name, model.version, model.card["from"]) == ("profile", "mine", "profile-2")
    assert model.signals != registry.get_model().signals
    assert main(["train", "--set", str(folder), "--model", str(out), "--out", str(tmp_path / "more.json")]) == 0


def test_a_model_that_ranks_worse_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = judged_set(tmp_path / "lies", lying=True), tmp_path / "weights.json"
    assert main(["train", "--fresh", "--set", str(folder), "--out", str(out)]) == 2
    told = capsys.readouterr()
    assert not out.exists()
    assert told.err.splitlines()[-1].startswith("safqa: ")
    assert "Traceback" not in told.err


def test_another_set_can_refuse_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = judged_set(tmp_path / "mine"), tmp_path / "weights.json"
    other = judged_set(tmp_path / "other", every=4)
    assert main(["train", "--set", str(folder), "--evaluate", str(other), "--out", str(out)]) == 0
    assert "other" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to learn from"),
        (["--set", "nowhere"], "nowhere"),
        (["--set", "{mine}", "--set", "{mine}"], "two judged sets are called 'mine'"),
        (["--set", "{mine}", "--version", "My Own"], "version: must be lower-case letters"),
        (["--set", "{mine}", "--model", "{mine}/qrels.json"], "qrels.json: must be an object"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    arguments: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = judged_set(tmp_path / "mine", every=40)
    given = [each.replace("{mine}", str(folder)) for each in arguments]
    assert main(["train", *given, "--out", str(tmp_path / "weights.json")]) == 2
    assert said in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "weights.json").exists()
