"""``safqa match``: what it prints, what it writes, and how it ends; the ends by the real process."""

from __future__ import annotations

import contextlib
import csv
import gzip
import io
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main
from app.files.export import neutral
from app.kit.i18n import LANGS, Lang, translate
from matching import list_algorithms

SAFQA = Path(sys.executable).with_name("safqa")
pytestmark = pytest.mark.e2e

TENDERS = [
    {"id": "T 1", "title": "Développement d’une application mobile de gestion des rendez-vous", "country": "MA",
     "description": "Application mobile et back-office web, hébergement, formation des utilisateurs.",
     "cpv": ["72000000"], "deadline": "2026-12-01T10:00:00+01:00", "language": "fr"},
    {"id": "T2", "title": "Nettoyage des locaux administratifs", "country": "MA", "deadline": "2026-01-10", "language": "fr"},
    {"id": "T3", "title": "Software for a hospital", "country": "GB", "language": "en"},
]  # fmt: skip
STARTUPS = [
    {"id": "S1", "name": "=Appli()", "description": "Nous développons des applications mobiles et web sur mesure.", "country": "MA",
     "sectors": ["Développement informatique"], "city": "Agadir"},
    {"id": "S2", "name": "Propre", "description": "Nettoyage de bureaux et entretien des locaux.", "country": "MA"},
    {"id": "S3", "name": "Health Soft", "description": "Hospital software and electronic patient records.", "country": "GB"},
]  # fmt: skip


def safqa(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The installed command in a process of its own."""
    return subprocess.run(
        [SAFQA, *map(str, arguments)], capture_output=True, text=True, encoding="utf-8", check=False, timeout=60
    )


def inside(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The same command line in this process, which has paid for the imports already."""
    out, err = io.StringIO(newline=""), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return subprocess.CompletedProcess(arguments, code, out.getvalue(), err.getvalue())


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match files")  # a path with a blank
    for name, rows in (("tenders", TENDERS), ("startups", STARTUPS)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return folder


def match(files: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return inside("match", "--tenders", files / "tenders.jsonl", "--startups", files / "startups.jsonl", *arguments)


class TestFormats:
    def test_trec_ranks_everyone_up_to_k(self, files: Path) -> None:
        done = safqa(
            "match",
            "--tenders",
            files / "tenders.jsonl",
            "--startups",
            files / "startups.jsonl",
            "--format",
            "trec",
            "--any-country",
        )
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 9)
        for line in done.stdout.splitlines():
            qid, q0, docid, rank, score, tag = line.split(" ")
            assert (q0, tag) == ("Q0", "safqa")
            assert repr(float(score)) == score
            assert qid in {"T%201", "T2", "T3"}
            assert docid in {"S1", "S2", "S3"}
            assert 1 <= int(rank) <= 3
        first = [line.split(" ")[2] for line in done.stdout.splitlines() if line.split(" ")[3] == "1"]
        assert first == ["S1", "S2", "S3"]

    def test_jsonl_has_a_pair_on_each_line_with_reasons_that_sum_up(self, files: Path) -> None:
        done = match(files, "--format", "jsonl", "--top", 1)
        pairs = [json.loads(line) for line in done.stdout.splitlines()]
        assert [(pair["tender_id"], pair["startup_id"], pair["rank"]) for pair in pairs] == [
            ("T 1", "S1", 1), ("T2", "S2", 1), ("T3", "S3", 1),
        ]  # fmt: skip
        for pair in pairs:
            assert sum(reason["contribution"] for reason in pair["reasons"]) == pytest.approx(pair["score"], abs=1e-6)
        spans = [span for reason in pairs[0]["reasons"] for span in reason["in_tender"] if span["field"] == "title"]
        assert spans
        assert all(TENDERS[0]["title"][span["start"] : span["end"]] == span["text"] for span in spans)  # type: ignore[index]

    def test_csv_neutralises_formulas(self, files: Path, tmp_path: Path) -> None:
        out = tmp_path / "pairs.csv"
        done = match(files, "--format", "csv", "--top", 1, "--out", out)
        assert (done.returncode, done.stdout) == (0, "")
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
        assert [row["startup_id"] for row in rows] == ["S1", "S2", "S3"]
        assert rows[0]["startup_name"] == neutral("=Appli()") == "'=Appli()"
        assert float(rows[0]["score"])
        assert rows[0]["reasons"]

    def test_the_table_is_for_people_in_their_language(self, files: Path) -> None:
        done = match(files, "--lang", "fr", "--as-of", "2026-06-01")
        heading = done.stdout.splitlines()[0]
        assert heading.startswith("Appels d’offres\xa0: 3 · startups\xa0: 3 · ")
        assert "2026-06-01T00:00:00+01:00" in heading
        assert "écartés par l’échéance\xa0: 3" in heading
        assert "écartés par le pays\xa0: 3" in heading
        assert "=Appli() · Agadir" in done.stdout
        assert "Nettoyage" not in done.stdout.replace("Propre", "")

    def test_arabic_and_english_headings(self, files: Path) -> None:
        assert "طلبات العروض: 3" in match(files, "--lang", "ar").stdout.splitlines()[0]
        assert match(files).stdout.splitlines()[0].startswith("Tenders: 3 · startups: 3 · ")

    def test_for_startups_asks_the_other_way_round(self, files: Path) -> None:
        done = match(files, "--for-startups", "--format", "trec", "--top", 1)
        assert [line.split(" ")[:3] for line in done.stdout.splitlines()] == [
            ["S1", "Q0", "T%201"], ["S2", "Q0", "T2"], ["S3", "Q0", "T3"],
        ]  # fmt: skip

    def test_the_same_question_has_the_same_answer(self, files: Path) -> None:
        assert match(files, "--format", "jsonl").stdout == match(files, "--format", "jsonl").stdout

    def test_both_directions_give_a_pair_one_score(self, files: Path) -> None:
        def scores(*options: str) -> dict[tuple[str, str], float]:
            lines = match(files, "--format", "jsonl", *options).stdout.splitlines()
            return {(p["tender_id"], p["startup_id"]): p["score"] for p in map(json.loads, lines)}

        assert scores() == pytest.approx(scores("--for-startups"), abs=1e-9)


class TestEnds:
    def test_refused_lines_are_told_and_end_with_1(self, files: Path, tmp_path: Path) -> None:
        broken = tmp_path / "tenders.jsonl"
        broken.write_text("".join(["{bad\n"] * 25) + (files / "tenders.jsonl").read_text())
        done = safqa("match", "--tenders", broken, "--startups", files / "startups.jsonl", "--format", "trec")
        assert done.returncode == 1
        assert done.stdout
        assert f"{broken}: line 1: is not JSON" in done.stderr
        assert f"{broken}: line 20: " in done.stderr
        assert f"{broken}: line 21: " not in done.stderr
        assert "5 more refused, 25 in all" in done.stderr

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "is empty"),
            (gzip.compress(json.dumps(TENDERS[0]).encode() * 9)[:-20], "cut off"),
            ("é\n".encode("utf-16"), "UTF-16"),
            (json.dumps(TENDERS[0], ensure_ascii=False).encode("cp1252"), "not UTF-8"),
            (b"%PDF-1.7", "is not JSON, OCDS, CSV with known headings, or XLSX"),
            (b'{"id": "1"}', "holds no usable tender (1 refused)"),
        ],
    )
    def test_an_unusable_file_is_one_line_and_2(self, files: Path, tmp_path: Path, content: bytes, said: str) -> None:
        path = tmp_path / "file"
        path.write_bytes(content)
        done = inside("match", "--tenders", path, "--startups", files / "startups.jsonl", "--out", tmp_path / "out")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"safqa: {path} " in done.stderr
        assert said in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "out").exists()

    def test_a_directory_a_missing_file_and_a_sparse_giant(self, files: Path, tmp_path: Path) -> None:
        giant = tmp_path / "giant.jsonl"
        with giant.open("wb") as file:
            file.truncate(1024**3)
        for path, said in ((tmp_path, "is a directory"), (tmp_path / "no", "does not exist"), (giant, "1,024 MB")):
            done = (safqa if path == giant else inside)(
                "match", "--tenders", files / "tenders.jsonl", "--startups", path
            )
            # On a slow machine a line of progress may stand before it.
            told = [line for line in done.stderr.splitlines() if not line.startswith("reading ")]
            assert (done.returncode, len(told)) == (2, 1)
            assert said in told[0]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--as-of", "soon"], "--as-of 'soon'"),
            (["--zone", "Mars/Olympus"], "time zone"),
            (["--out", "/nonexistent/folder/file"], "is not a directory"),
            (["--out", "/"], "is a directory"),
        ],
    )
    def test_impossible_options_are_one_line_and_2(self, files: Path, arguments: list[str], said: str) -> None:
        done = match(files, *arguments)
        assert (done.returncode, done.stdout) == (2, "")
        assert len(done.stderr.splitlines()) == 1
        assert said in done.stderr

    @pytest.mark.parametrize("arguments", [["--top", "0"], ["--format", "pdf"], ["--no-such-option"], ["--lang", "de"]])
    def test_wrong_usage_is_2(self, files: Path, arguments: list[str]) -> None:
        done = match(files, *arguments)
        assert done.returncode == 2
        assert "Traceback" not in done.stderr

    def test_an_old_result_stands_until_the_new_one_is_whole(self, files: Path, tmp_path: Path) -> None:
        out = tmp_path / "run.trec"
        out.write_text("old")
        assert (
            safqa(
                "match", "--tenders", tmp_path / "no", "--startups", files / "startups.jsonl", "--out", out
            ).returncode
            == 2
        )
        assert out.read_text() == "old"
        assert match(files, "--format", "trec", "--out", out).returncode == 0
        assert out.read_text().startswith("T%201 Q0 S1 1 ")
        assert [path.name for path in tmp_path.iterdir()] == ["run.trec"]

    def test_a_reader_that_leaves_early_is_no_error_of_ours(self, files: Path) -> None:
        command = f"'{SAFQA}' match --tenders '{files}/tenders.jsonl' --startups '{files}/startups.jsonl' | head -c 10"
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
        assert "Traceback" not in done.stderr
        assert "Error" not in done.stderr


def test_ocds_xlsx_and_csv_are_matched_too(files: Path, tmp_path: Path) -> None:
    package = {"releases": [{"ocid": "ocds-1", "id": "1", "date": "2026-01-01T00:00:00Z", "language": "fr",
                             "tender": {"title": TENDERS[0]["title"], "description": TENDERS[0]["description"]}}]}  # fmt: skip
    (tmp_path / "package.json").write_text(json.dumps(package))
    (tmp_path / "startups.csv").write_text(
        "Référence;Nom;description\nS1;Appli;applications mobiles et web\n", encoding="cp1252"
    )
    done = safqa(
        "match", "--tenders", tmp_path / "package.json", "--startups", tmp_path / "startups.csv", "--format", "jsonl"
    )
    assert done.returncode == 0
    [pair] = map(json.loads, done.stdout.splitlines())
    assert (pair["tender_id"], pair["startup_id"], pair["unknown"]) == ("ocds-1", "S1", ["country"])


@pytest.mark.parametrize("lang", LANGS)
def test_every_reason_of_every_algorithm_has_a_sentence(lang: Lang) -> None:
    codes = {"base", "rest"} | {signal.code for algorithm in list_algorithms() for signal in algorithm.signals}
    assert {code for code in codes if translate(f"reason.{code}", lang) == f"reason.{code}"} == set()


def test_a_device_or_pipe_is_written_to_and_not_replaced(files: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert match(files, "--format", "trec", "--out", pipe).returncode == 0
        said, _ = reader.communicate(timeout=30)
    assert pipe.is_fifo()
    assert " Q0 " in said


def test_a_process_that_is_killed_while_it_ranks_is_told_in_one_line(
    files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = os.getpid()

    def killed(*_: object) -> None:
        assert os.getpid() != parent
        os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr("app.cli.match_run.os.cpu_count", lambda: 2)
    monkeypatch.setattr("matching.moment.Moment.startups_for", killed)
    out = tmp_path / "run.trec"
    ended = inside(
        "match", "--tenders", files / "tenders.jsonl", "--startups", files / "startups.jsonl",
        "--format", "trec", "--out", out,
    )  # fmt: skip
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        "safqa: a process that was ranking has been killed; is there memory enough?"
    )
    assert not out.exists()
