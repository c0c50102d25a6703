"""OCDS files of every wrapping, from bytes to tenders."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from app.files.contract import Accepted, Format, Rejected
from app.files.reader import detect, read_records
from scrapers.records import TenderRecord

SHARED = Path(__file__).resolve().parents[4] / "shared" / "sources" / "ocds_uk" / "samples"

CALL = {"ocid": "ocds-1-a", "id": "1", "date": "2026-09-01T00:00:00Z", "tag": ["tender"],
        "tender": {"title": "Bridge", "value": {"amount": 1.5, "currency": "EUR"}}}  # fmt: skip
AMENDED = {"ocid": "ocds-1-a", "id": "2", "date": "2026-09-02T00:00:00Z", "tag": ["tenderAmendment"],
           "tender": {"tenderPeriod": {"endDate": "2026-10-01T12:00:00+01:00"}}}  # fmt: skip
OTHER = {
    "ocid": "ocds-1-b",
    "id": "3",
    "date": "2026-09-02T00:00:00Z",
    "tag": ["tender"],
    "tender": {"title": "Tunnel"},
}
PACKAGE = {"uri": "https://example.org", "version": "1.1", "releases": [CALL, OTHER, AMENDED]}
RECORDS = {
    "version": "1.1",
    "records": [{"ocid": "ocds-1-a", "releases": [CALL, AMENDED]}, {"ocid": "ocds-1-b", "compiledRelease": OTHER}],
}


def lines(*values: object) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


WRAPPINGS = {
    "package": (json.dumps(PACKAGE).encode(), Format.OCDS_RELEASES),
    "pretty package": (json.dumps(PACKAGE, indent=2).encode(), Format.OCDS_RELEASES),
    "record package": (json.dumps(RECORDS, indent=1).encode(), Format.OCDS_RECORDS),
    "bare releases": (json.dumps([CALL, OTHER, AMENDED]).encode(), Format.OCDS_ARRAY),
    "packages in a list": (json.dumps([PACKAGE]).encode(), Format.OCDS_ARRAY),
    "releases by line": (lines(CALL, OTHER, AMENDED), Format.OCDS_LINES),
    "packages by line": (lines({"releases": [CALL, OTHER]}, {"releases": [AMENDED]}), Format.OCDS_LINES),
    "record packages by line": (lines(RECORDS, {"releases": []}), Format.OCDS_LINES),
}


@pytest.mark.parametrize("name", WRAPPINGS)
@pytest.mark.parametrize("packed", [False, True])
def test_every_wrapping_holds_the_same_tenders(tmp_path: Path, name: str, packed: bool) -> None:
    content, format_ = WRAPPINGS[name]
    path = tmp_path / ("file.json.gz" if packed else "file.json")
    path.write_bytes(gzip.compress(content) if packed else content)
    assert detect(path, "tender").format is format_
    found = [row.record for row in read_records(path, "tender") if isinstance(row, Accepted)]
    assert [record.id for record in found] == ["ocds-1-a", "ocds-1-b"]
    bridge = found[0]
    assert isinstance(bridge, TenderRecord)
    assert bridge.title == "Bridge"
    assert str(bridge.deadline) == "2026-10-01 12:00:00+01:00"
    assert str(bridge.published) == "2026-09-01 00:00:00+00:00"


def test_a_single_release_is_a_document(tmp_path: Path) -> None:
    path = tmp_path / "release.json"
    path.write_text(json.dumps(CALL, indent=2))
    assert detect(path, "tender").format is Format.OCDS_DOCUMENT
    [row] = read_records(path, "tender")
    assert isinstance(row, Accepted)


def test_what_is_no_tender_is_refused_by_position(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    linked = {"ocid": "c", "releases": [{"url": "https://example.org/r", "date": "2026-01-01T00:00:00Z"}]}
    path.write_text(
        json.dumps(
            {
                "records": [
                    linked,
                    {"ocid": 5},
                    "x",
                    {"ocid": "d", "compiledRelease": {"tag": ["contract"]}},
                    RECORDS["records"][1],
                ]
            }
        )
    )
    found = list(read_records(path, "tender"))
    assert {(row.line, row.code, row.unit) for row in found if isinstance(row, Rejected)} == {
        (1, "ocds.linked_releases", "record"),
        (2, "ocds.no_ocid", "record"),
        (3, "json.not_object", "record"),
        (4, "ocds.no_tender", "record"),
    }
    assert [row.line for row in found if isinstance(row, Accepted)] == [5]


def test_a_number_beyond_all_bounds_is_no_value(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text(
        '{"releases": [{"ocid": "a", "tender": {"title": "x", "value": {"amount": 1e9999, "currency": "GBP"}}}]}'
    )
    [row] = read_records(path, "tender")
    assert isinstance(row, Accepted)
    assert isinstance(row.record, TenderRecord)
    assert row.record.value is None
    assert row.record.model_extra is not None
    assert "1E+9999" in row.record.model_extra["unreadable"][0]


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the OCDS samples beside the checkout (../shared)")
class TestRealSamples:
    @pytest.mark.parametrize(
        ("sample", "titles"),
        [
            ("ocp_fictional/record-ocds-213czf-000-00001.json", ["Planned cycle lane improvements"]),
            ("ocds_standard/release_package.json", ["Planned cycle lane improvements"]),
            ("contracts_finder/award_release_package_trimmed.json", ["RStudio License and Support"]),
            ("find_a_tender/SYNTHETIC_release_package.json", ["Data platform (synthetic)"]),
        ],
    )
    def test_a_sample_holds_its_tender(self, sample: str, titles: list[str]) -> None:
        found = [row.record for row in read_records(SHARED / sample, "tender") if isinstance(row, Accepted)]
        assert [record.title for record in found if isinstance(record, TenderRecord)] == titles

    @pytest.mark.parametrize("case", ["mergeid", "lists", "contextual", "simple", "null"])
    def test_compiling_agrees_with_the_published_answers(self, case: str) -> None:
        from scrapers.ocds_compile import compile_releases

        releases = json.loads((SHARED / "ocdsmerge" / f"{case}.json").read_text())
        expected = json.loads((SHARED / "ocdsmerge" / f"{case}-compiled.json").read_text())
        if len(releases) > 1:
            found = dict(compile_releases(releases).release)
            assert found.pop("id") == releases[-1]["id"]
            expected.pop("id")
            assert found == expected
