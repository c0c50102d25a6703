"""Every format that is read, from real files."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from decimal import Decimal
from pathlib import Path

import pytest

from app.files.contract import Accepted, Limits, ReadOptions, Rejected
from app.files.errors import FileEmpty, FileMissing, FileTooHeavy, FileUnreadable, WrongEncoding
from app.files.reader import detect, read_records
from scrapers.records import StartupRecord, TenderRecord

TENDER = {
    "id": "t1",
    "title": "Étude d’un système d’information",
    "buyer": {"name": "Commune d’Aït Melloul"},
    "cpv": ["72000000-5", "03000000"],
    "country": "MA",
    "value": {"amount": 250000.5, "currency": "MAD"},
    "deadline": "2026-12-01T10:00:00+01:00",
    "lots": [{"id": "1", "title": "Lot un"}],
    "internal_note": {"kept": [1, 2.5]},
}
STARTUP = {"id": "s1", "name": "مقاولة ناشئة", "labels": [{"name": "JEI", "issuer": "Technopark"}], "languages": ["ar"]}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def tenders(path: Path, **options: object) -> list[TenderRecord]:
    rows = list(read_records(path, "tender", ReadOptions(**options)))  # type: ignore[arg-type]
    assert all(isinstance(row, Accepted) for row in rows), rows
    return [row.record for row in rows if isinstance(row, Accepted) and isinstance(row.record, TenderRecord)]


def refusals(path: Path, side: str = "tender") -> list[Rejected]:
    return [row for row in read_records(path, side) if isinstance(row, Rejected)]  # type: ignore[arg-type]


class TestJson:
    def test_a_line_is_a_record_and_unknown_fields_are_kept(self, tmp_path: Path) -> None:
        [record] = tenders(write(tmp_path, "t.jsonl", json.dumps(TENDER) + "\n"))
        assert record.cpv == ("72000000", "03000000")
        assert record.value is not None
        assert record.value.amount == Decimal("250000.5")
        assert record.model_extra == {"internal_note": {"kept": [1, 2.5]}}

    @pytest.mark.parametrize("indent", [None, 2])
    def test_an_array_a_single_object_and_lines_say_the_same(self, tmp_path: Path, indent: int | None) -> None:
        lines = tenders(write(tmp_path, "t.jsonl", json.dumps(TENDER)))
        array = tenders(write(tmp_path, "array.json", json.dumps([TENDER], indent=indent)))
        alone = tenders(write(tmp_path, "alone.json", json.dumps(TENDER, indent=indent)))
        packed = tenders(write(tmp_path, "t.jsonl.gz", gzip.compress(json.dumps(TENDER).encode())))
        marked = tenders(write(tmp_path, "bom.jsonl", b"\xef\xbb\xbf" + json.dumps(TENDER).encode()))
        assert lines == array == alone == packed == marked

    def test_what_was_read_reads_back_the_same(self, tmp_path: Path) -> None:
        [record] = tenders(write(tmp_path, "t.jsonl", json.dumps(TENDER)))
        again = write(tmp_path, "again.jsonl", record.model_dump_json(exclude_defaults=True))
        assert tenders(again) == [record]

    def test_a_bad_line_is_refused_with_its_number_and_the_others_stand(self, tmp_path: Path) -> None:
        text = "\n".join([
            json.dumps(TENDER), "", '{"id": "t2", "title": ', "[1]", json.dumps(TENDER),
            json.dumps(TENDER | {"id": "t3", "deadline": "tomorrow"}), json.dumps(TENDER | {"id": "t4"}),
        ])  # fmt: skip
        rows = list(read_records(write(tmp_path, "t.jsonl", text), "tender"))
        assert [(row.line, row.code) for row in rows if isinstance(row, Rejected)] == [
            (3, "json.invalid"), (4, "json.not_object"), (5, "id.duplicate"), (6, "field.invalid"),
        ]  # fmt: skip
        assert [row.line for row in rows if isinstance(row, Accepted)] == [1, 7]
        [date] = [row for row in rows if isinstance(row, Rejected) and row.line == 6]
        assert date.reason.startswith("deadline: ")

    def test_a_first_line_that_is_broken_does_not_hide_the_rest(self, tmp_path: Path) -> None:
        path = write(tmp_path, "export.txt", '{"id": "a", "title"\n' + json.dumps(TENDER) + "\n")
        assert [type(row).__name__ for row in read_records(path, "tender")] == ["Rejected", "Accepted"]

    def test_null_says_the_same_as_absent(self, tmp_path: Path) -> None:
        [record] = tenders(
            write(
                tmp_path, "t.jsonl", '{"id": 7, "title": "x", "description": null, "cpv": null, "buyer": {"id": null}}'
            )
        )
        assert (record.id, record.description, record.cpv) == ("7", "", ())

    def test_one_line_of_broken_utf8_is_refused_alone(self, tmp_path: Path) -> None:
        good = [json.dumps(TENDER | {"id": str(n)}, ensure_ascii=False).encode() for n in range(5)]
        path = write(tmp_path, "t.jsonl", b"\n".join([*good, b'{"id": "x", "title": "\xe9"}', b""]))
        [bad] = refusals(path)
        assert (bad.line, bad.code) == (6, "encoding.invalid")

    def test_a_line_over_the_limit_is_skipped_without_being_held(self, tmp_path: Path) -> None:
        long = json.dumps(TENDER | {"id": "long", "description": "x" * 50_000})
        path = write(tmp_path, "t.jsonl", f"{long}\n{json.dumps(TENDER)}\n{long}")
        rows = list(read_records(path, "tender", ReadOptions(limits=Limits(line=10_000))))
        assert [(row.line, getattr(row, "code", None)) for row in rows] == [
            (1, "line.too_long"),
            (2, None),
            (3, "line.too_long"),
        ]

    def test_nesting_without_end_is_refused(self, tmp_path: Path) -> None:
        deep = '{"id": "d", "title": "x", "extra": ' + "[" * 900 + "]" * 900 + "}"
        assert [row.code for row in refusals(write(tmp_path, "t.jsonl", deep))] == ["field.invalid"]
        deeper = '[{"id": "d", "title": "x", "extra": ' + "[" * 100_000 + "]" * 100_000 + "}]"
        for padding in (
            "",
            json.dumps("[" * 2_000_000) + ", ",
        ):  # in the first bytes that are looked at, and far behind
            path = write(tmp_path, "t.json", deeper.replace("[", "[" + padding, 1))
            with pytest.raises(FileUnreadable, match="nested more than"):
                list(read_records(path, "tender"))

    def test_a_document_that_breaks_off_is_unusable(self, tmp_path: Path) -> None:
        with pytest.raises(FileUnreadable, match="stops being JSON"):
            list(read_records(write(tmp_path, "t.json", json.dumps([TENDER, TENDER])[:-20]), "tender"))


class TestTimes:
    @pytest.mark.parametrize(
        ("deadline", "country", "expected", "basis"),
        [
            ("2026-12-01T10:00:00Z", "MA", "2026-12-01T10:00:00+00:00", "offset"),
            ("2026-12-01T10:00:00", "MA", "2026-12-01T09:00:00+00:00", "zone"),
            ("2026-12-01T10:00:00", None, "2026-12-01T09:00:00+00:00", "zone"),
            ("2026-07-01T10:00:00", "FR", "2026-07-01T08:00:00+00:00", "zone"),
            ("2027-02-15", "MA", "2027-02-15T23:59:59+00:00", "day"),  # Ramadan: Morocco keeps UTC
            ("2026-12-01", "MA", "2026-12-01T22:59:59+00:00", "day"),
            ("2026-12-01+03:00", "MA", "2026-12-01T20:59:59+00:00", "day"),
        ],
    )
    def test_a_deadline_is_an_instant_and_says_how_it_was_found(
        self, tmp_path: Path, deadline: str, country: str | None, expected: str, basis: str
    ) -> None:
        fields = {"id": "1", "title": "x", "deadline": deadline, "country": country}
        [record] = tenders(write(tmp_path, "t.jsonl", json.dumps(fields)))
        assert isinstance(record.deadline, dt.datetime)
        assert record.deadline.astimezone(dt.UTC).isoformat() == expected
        assert record.deadline_basis == basis

    def test_a_zoneless_time_in_a_country_of_many_zones_is_refused_unless_told(self, tmp_path: Path) -> None:
        path = write(
            tmp_path, "t.jsonl", '{"id": "1", "title": "x", "country": "US", "deadline": "2026-12-01T10:00:00"}'
        )
        [refused] = refusals(path)
        assert refused.reason.startswith("deadline: has no zone")
        [record] = tenders(path, zone="America/Chicago")
        assert isinstance(record.deadline, dt.datetime)
        assert record.deadline.astimezone(dt.UTC).hour == 16

    def test_a_sender_cannot_claim_how_an_instant_was_found(self, tmp_path: Path) -> None:
        fields = {"id": "1", "title": "x", "deadline": "2026-12-01", "deadline_basis": "offset"}
        [record] = tenders(write(tmp_path, "t.jsonl", json.dumps(fields)))
        assert record.deadline_basis == "day"


class TestUnusable:
    @pytest.mark.parametrize(
        ("content", "error"),
        [
            (b"", FileEmpty),
            (b" \n\n ", FileEmpty),
            (b"hello world", FileUnreadable),
            (b"<?xml version='1.0'?><rss/>", FileUnreadable),
            (b"%PDF-1.7 ...", FileUnreadable),
            (b"id;title\r1;x\r", FileUnreadable),  # lines of a Macintosh before 2001
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old office", FileUnreadable),
            (b"PK\x03\x04 not really a zip", FileUnreadable),
            (gzip.compress(json.dumps(TENDER).encode() * 50)[:-30], FileUnreadable),
            (b"\x1f\x8b nothing like gzip", FileUnreadable),
            (json.dumps(TENDER, ensure_ascii=False).encode("cp1252"), WrongEncoding),
            (json.dumps(TENDER).encode("utf-16"), WrongEncoding),
            (json.dumps(TENDER).encode("utf-16-le"), WrongEncoding),
            (b"id;title\n1;\xc7\xe1\xe3\xdb\xd1\xc8 \xc7\xe1\xda\xd1\xc8\xed\n", WrongEncoding),  # cp1256
            ("id;title\n1;Étude\n2;".encode() + b"\xe9tude\n", WrongEncoding),  # two encodings at once
            (b"id;title\n1;\x81\x8d\n", WrongEncoding),
            (b"id;deadline\n1;2026-01-01\n", FileUnreadable),  # no title
        ],
    )
    def test_a_file_as_a_whole(self, tmp_path: Path, content: bytes, error: type[Exception]) -> None:
        with pytest.raises(error):
            list(read_records(write(tmp_path, "file", content), "tender"))

    def test_a_directory_a_missing_file_and_a_device(self, tmp_path: Path) -> None:
        for path in (tmp_path, tmp_path / "absent", Path("/dev/zero")):
            with pytest.raises(FileMissing):
                detect(path, "tender")

    def test_too_many_bytes_before_and_after_unpacking(self, tmp_path: Path) -> None:
        small = Limits(file=1_000, unpacked=2_000)
        with pytest.raises(FileTooHeavy, match="a file may have"):
            detect(write(tmp_path, "big.jsonl", b"x" * 1_001), "tender", ReadOptions(limits=small))
        bomb = write(tmp_path, "bomb.jsonl.gz", gzip.compress(b"\n" * 1_000_000 + json.dumps(TENDER).encode()))
        with pytest.raises(FileTooHeavy):
            list(read_records(bomb, "tender", ReadOptions(limits=Limits(unpacked=500_000))))

    def test_startups_do_not_come_as_ocds(self, tmp_path: Path) -> None:
        path = write(tmp_path, "p.json", json.dumps({"releases": [{"ocid": "ocds-1-a"}]}))
        with pytest.raises(FileUnreadable, match="not startups"):
            list(read_records(path, "startup"))


def test_startups_are_read_too(tmp_path: Path) -> None:
    [row] = read_records(write(tmp_path, "s.jsonl", json.dumps(STARTUP)), "startup")
    assert isinstance(row, Accepted)
    assert isinstance(row.record, StartupRecord)
    assert row.record.labels[0].issuer == "Technopark"
