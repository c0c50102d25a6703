"""``safqa requirements``: files in, one JSON line per finding out; what can't be read is named and does not stop it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.cli import main
from tests.support.decks import encrypted_pdf, pdf

NOTICE = "Caution provisoire : 5 000,00 DH\nEstimation : 250 000,00 DH TTC\nLe delai de vali-\ndite des offres est de 60 jours."


def found(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def kinds(rows: list[dict[str, object]]) -> list[object]:
    return [row["kind"] for row in rows]


def test_a_pdf_is_read_line_by_line_with_its_hyphens_undone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "avis.pdf"
    path.write_bytes(pdf(NOTICE))
    assert main(["requirements", str(path)]) == 0
    rows = found(capsys)
    assert kinds(rows) == ["bond", "estimate", "validity"]
    assert rows[0] == {
        "file": str(path), "kind": "bond", "value": {"amount": 5000, "currency": "MAD"},
        "quote": "Caution provisoire : 5 000,00 DH", "start": 0, "end": 32, "confidence": 0.95,
    }  # fmt: skip


def test_offsets_count_in_the_text_that_can_be_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "avis.txt"
    path.write_text("Avis\r\n\r\nالضمان المؤقت: ٥٠٠٠ درهم\r\n", encoding="utf-8")
    assert main(["requirements", str(path)]) == 0
    (row,) = found(capsys)
    assert main(["requirements", "--print-text", str(path)]) == 0
    text = capsys.readouterr().out
    assert text[row["start"] : row["end"]] == row["quote"] == "الضمان المؤقت: ٥٠٠٠ درهم"


def test_tables_of_word_and_web_documents_are_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph("Le lundi 14 décembre 2026 à 10 heures, il sera procédé à Rabat à l'ouverture des plis.")
    table = document.add_table(rows=2, cols=2)
    for cell, text in zip(table._cells, ["Lot", "Caution provisoire (DH)", "1", "5 000,00"], strict=True):
        cell.text = text
    document.save(str(tmp_path / "avis.docx"))
    (tmp_path / "avis.html").write_text(
        "<html><body><nav>Accueil</nav><div><span>Caution provisoire :</span><span>5 000 DH</span></div>"
        "<table><tr><th>Lot</th><th>Estimation (DH TTC)</th></tr><tr><td>2</td><td>90 000,00</td></tr></table>"
        "<script>caution provisoire : 9 DH</script></body></html>",
        encoding="utf-8",
    )
    assert main(["requirements", str(tmp_path / "avis.docx"), str(tmp_path / "avis.html")]) == 0
    assert [(row["kind"], row["value"]) for row in found(capsys)] == [
        ("deadline", "2026-12-14T10:00:00+01:00"),
        ("bond", {"amount": 5000, "currency": "MAD", "lot": "1"}),
        ("bond", {"amount": 5000, "currency": "MAD"}),
        ("estimate", {"amount": 90000, "currency": "MAD", "tax_included": True, "lot": "2"}),
    ]


def test_a_tender_in_json_tells_its_fields(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tenders.jsonl"
    rows = [
        {"id": "T1", "title": "Travaux en lot unique", "bond": {"amount": 5000, "currency": "MAD"}},
        {"id": "T2", "title": "Travaux", "deadline": "2026-12-14T10:00:00"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    main(["requirements", str(path)])
    assert [(row["tender"], row["kind"], row["field"]) for row in found(capsys)][:2] == [
        ("T1", "bond", "bond"),
        ("T1", "lots", "title"),
    ]


def test_what_can_not_be_read_is_named_and_the_others_are_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contents = {"scan.pdf": pdf(""), "locked.pdf": encrypted_pdf("x"), "empty.txt": b" \n", "avis.txt": NOTICE.encode()}
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    names = ["missing.pdf", *contents, "."]
    assert main(["requirements", *(str(tmp_path / name) for name in names)]) == 2
    told = capsys.readouterr()
    assert "bond" in {json.loads(line)["kind"] for line in told.out.splitlines()}
    lines = told.err.splitlines()
    assert len(lines) == 5
    for line, name, word in zip(
        lines,
        ["missing", "scan", "locked", "empty", ""],
        ["exist", "scanned", "password", "empty", "opened"],
        strict=True,
    ):
        assert name in line
        assert word in line


def test_a_page_that_is_scanned_within_a_document_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "avis.pdf"
    path.write_bytes(pdf(NOTICE, ""))
    assert main(["requirements", str(path)]) == 0
    assert "no text on page 2 of 2" in capsys.readouterr().err
