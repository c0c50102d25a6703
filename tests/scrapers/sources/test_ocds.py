"""The generic OCDS source: every package, every paging, files larger than a page, and the published samples."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.crawl import Order
from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.sources.ocds import Ocds
from tests.support.crawling import Store, crawl
from tests.support.portal import Asked, Portal, Reply
from tests.support.portal_ocds import release
from tests.support.processes import ROOT

SAMPLES = ROOT.parent / "shared" / "sources" / "ocds_uk" / "samples"
DAY = "2026-09-01T00:00:00+00:00"


def calls(count: int) -> list[dict]:
    start = dt.datetime.fromisoformat(DAY)
    return [release(number, start + dt.timedelta(minutes=number)) for number in range(1, count + 1)]


def tenders(source: Ocds, path: Path) -> list[TenderRecord]:
    found = [one for bundle in source.saved(path) for one in source.parse(bundle)]
    return [one for one in found if isinstance(one, TenderRecord)]


class TestFiles:
    @pytest.mark.parametrize("shape", ["package", "pretty", "array", "lines", "records", "packages", "bom", "single"])
    @pytest.mark.parametrize("packed", [False, True])
    def test_every_shape_says_the_same(self, tmp_path: Path, shape: str, packed: bool) -> None:
        releases = calls(1 if shape == "single" else 30)
        text = {
            "package": lambda: json.dumps({"releases": releases}),
            "pretty": lambda: json.dumps({"version": "1.1", "releases": releases}, indent=2),
            "array": lambda: json.dumps(releases),
            "lines": lambda: "\n".join(json.dumps(one) for one in releases) + "\n\n",
            "records": lambda: json.dumps({"records": [{"ocid": one["ocid"], "releases": [one]} for one in releases]}),
            "packages": lambda: "\n".join(json.dumps({"releases": [one]}) for one in releases),
            "bom": lambda: "\ufeff" + json.dumps({"releases": releases}),
            "single": lambda: json.dumps(releases[0], indent=1),
        }[shape]()
        path = tmp_path / "calls.json"
        path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        assert [one.id for one in tenders(Ocds(), path)] == [one["ocid"] for one in releases]

    def test_releases_of_a_procedure_may_stand_anywhere(self, tmp_path: Path) -> None:
        first = release(1, _at(1), tenderPeriod={"endDate": "2026-10-01T12:00:00Z"})
        update = release(
            2, _at(900), tag="tenderUpdate", ocid=first["ocid"], tenderPeriod={"endDate": "2026-11-01T12:00:00Z"}
        )
        path = tmp_path / "calls.jsonl"
        path.write_text("\n".join(json.dumps(one) for one in [update, *calls(1_500)[1:], first]))
        found = {one.id: one for one in tenders(Ocds(), path)}
        assert len(found) == 1_500
        assert str(found[first["ocid"]].deadline) == "2026-11-01 12:00:00+00:00"
        assert found[first["ocid"]].title == "Call 1"

    @pytest.mark.parametrize("shape", ["releases", "records", "array"])
    @pytest.mark.parametrize(("mark", "indent"), [("", 1), ("\n", None), ("\ufeff", None)])
    def test_a_document_larger_than_memory_should_hold_is_streamed(
        self, tmp_path: Path, shape: str, mark: str, indent: int | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.ocds_lines._IN_MEMORY", 5_000)
        releases = calls(60)
        releases[7]["tender"]["value"] = {"amount": "AMOUNT", "currency": "GBP"}
        document = {
            "releases": {"version": "1.1", "releases": releases},
            "records": {"records": [{"ocid": one["ocid"], "compiledRelease": one} for one in releases]},
            "array": releases,
        }[shape]
        text = mark + json.dumps(document, indent=indent).replace('"AMOUNT"', "1e9999")
        path = tmp_path / "calls.json"
        path.write_bytes(gzip.compress(text.encode()))
        found = tenders(Ocds(), path)
        assert [one.id for one in found] == [one["ocid"] for one in releases]
        assert found[7].value is None
        for broken in (
            text[:-40],
            text.replace("Call 30", "Call \x00", 1),
            '{"a":' * 3_000,
            json.dumps({"x": ["y" * 9_000]}, indent=1),
        ):
            path.write_bytes(broken.encode())
            with pytest.raises(SourceChanged):
                tenders(Ocds(), path)

    def test_a_bad_line_does_not_stop_the_others(self, tmp_path: Path) -> None:
        path = tmp_path / "calls.jsonl"
        good = [json.dumps(one) for one in calls(3)]
        path.write_text("\n".join([good[0], "{broken", good[1], '{"releases": [{"id": 1}]}', '"text"', good[2]]))
        found = [one for bundle in Ocds().saved(path) for one in Ocds().parse(bundle)]
        assert len([one for one in found if isinstance(one, TenderRecord)]) == 3
        codes = sorted(one.code for one in found if isinstance(one, Rejection))
        assert codes == ["json.invalid", "ocds.no_ocid", "ocds.not_ocds"]

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"<html></html>", b"[]]", b"{}", b'{"releases": {}}', b'"x"', b"[1]", b"\xff\xfe", b"[" * 9_999],
    )
    def test_what_is_no_ocds_is_told(self, tmp_path: Path, body: bytes) -> None:
        path = tmp_path / "page"
        path.write_bytes(body)
        with pytest.raises(SourceChanged):
            tenders(Ocds(), path)

    def test_an_empty_package_is_empty(self, tmp_path: Path) -> None:
        path = tmp_path / "page"
        path.write_text('{"releases": []}')
        assert tenders(Ocds(), path) == []


def _at(minutes: int):
    return dt.datetime.fromisoformat(DAY) + dt.timedelta(minutes=minutes)


class TestSettings:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"size": "0"},
            {"size": "x"},
            {"interval": "-1"},
            {"interval": "nan"},
            {"name": "pmmp"},
            {"name": "ocds_../x"},
            {"colour": "red"},
        ],
    )
    def test_wrong_ones_are_told_at_once(self, wrong: dict[str, str]) -> None:
        with pytest.raises(SourceMisconfigured):
            Ocds(wrong)

    async def test_without_an_address_nothing_runs(self, portal: Portal) -> None:
        report = await crawl(Ocds(), portal.client("ocds"), Store())
        assert (report.outcome, report.reason) == ("partial", "misconfigured")


class TestPaging:
    @pytest.mark.parametrize(
        ("address", "more"),
        [
            ("/list?page={page}&n={size}", {}),
            ("/list?offset={offset}&limit={size}", {}),
            ("/list?cursor={cursor}", {"cursor": "paging.next"}),
            ("/list", {"paging": "links"}),
        ],
    )
    @pytest.mark.parametrize("count", [0, 7, 20, 45])
    async def test_every_style_reaches_the_end(
        self, portal: Portal, address: str, more: dict[str, str], count: int
    ) -> None:
        releases = calls(count)

        def page(asked: Asked) -> Reply:
            start = int(asked.query.get("offset") or asked.query.get("cursor") or 0)
            if "page" in asked.query:
                start = (int(asked.query["page"]) - 1) * 10
            package: dict[str, object] = {"releases": releases[start : start + 10]}
            if start + 10 < len(releases):
                package |= {"paging": {"next": str(start + 10)}, "links": {"next": f"/list?cursor={start + 10}"}}
            return Reply.json(package)

        portal.route("/list", page)
        store = Store()
        source = Ocds({"url": portal.url + address, "size": "10", **more})
        report = await crawl(source, portal.client("ocds"), store)
        assert sorted(store.ids) == sorted(one["ocid"] for one in releases)
        whole = count % 10 or not count or "{page}" in address or "{offset}" in address
        assert report.outcome == ("complete" if whole else "partial")

    async def test_a_server_that_ignores_the_page_number_is_noticed(self, portal: Portal) -> None:
        portal.script("/list", Reply.json({"releases": calls(10)}))
        report = await crawl(
            Ocds({"url": portal.url + "/list?page={page}", "size": "10"}), portal.client("ocds"), Store()
        )
        assert (report.outcome, report.reason) == ("partial", "changed")
        assert len(portal.paths()) == 2


class TestBulk:
    async def test_a_file_is_fetched_again_only_when_it_has_changed(self, portal: Portal) -> None:
        body = gzip.compress("\n".join(json.dumps(one) for one in calls(1_200)).encode())

        def file(asked: Asked) -> Reply:
            known = asked.headers.get("if-none-match") == '"1"'
            return Reply(304) if known else Reply(body=body, headers=(("ETag", '"1"'),))

        portal.route("/all.jsonl.gz", file)
        source = Ocds({"url": portal.url + "/all.jsonl.gz"})
        store = Store()
        first = await crawl(source, portal.client("ocds"), store)
        again = await crawl(source, portal.client("ocds"), store)
        assert (first.outcome, first.tally.parsed, first.tally.unchanged) == ("complete", 1_200, 0)
        assert (again.outcome, again.tally.parsed, again.tally.unchanged) == ("complete", 0, 1)

    @pytest.mark.parametrize("kill_after", [0, 1, 2, 3, 4])
    async def test_killed_within_the_file(self, portal: Portal, kill_after: int) -> None:
        body = "\n".join(json.dumps(one) for one in calls(1_200)).encode()
        portal.script("/all", Reply(body=body, headers=(("ETag", '"1"'),)))
        source, store = Ocds({"url": portal.url + "/all"}), Store()
        await crawl(source, portal.client("ocds"), store, kill_after=kill_after)
        report = await crawl(source, portal.client("ocds"), store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == sorted(one["ocid"] for one in calls(1_200))

    async def test_another_file_under_the_same_address_is_read_from_its_start(self, portal: Portal) -> None:
        old, new = ("\n".join(json.dumps(one) for one in calls(n)).encode() for n in (1_200, 1_300))
        portal.script("/all", Reply(body=old), Reply(body=new))
        source, store = Ocds({"url": portal.url + "/all"}), Store()
        await crawl(source, portal.client("ocds"), store, kill_after=1)
        await crawl(source, portal.client("ocds"), store)
        assert set(store.ids) == {one["ocid"] for one in calls(1_300)}

    async def test_a_broken_archive_is_not_complete(self, portal: Portal) -> None:
        whole = gzip.compress(
            random.Random(1).randbytes(10) + "\n".join(json.dumps(c) for c in calls(2_000)).encode()[10:]
        )
        portal.script("/all", Reply(body=whole[: len(whole) // 2]))
        report = await crawl(Ocds({"url": portal.url + "/all"}), portal.client("ocds"), Store())
        assert report.outcome == "partial"

    async def test_a_sample_leaves_the_cursor_alone(self, portal: Portal) -> None:
        portal.script("/all", Reply(body="\n".join(json.dumps(one) for one in calls(600)).encode()))
        store = Store()
        report = await crawl(Ocds({"url": portal.url + "/all"}), portal.client("ocds"), store, order=Order(sample=5))
        assert (report.outcome, report.reason, len(store.records)) == ("partial", "sample", 5)
        assert store.cursor.run is None
        assert store.cursor.known == {}

    async def test_a_local_file_asks_nobody(self, portal: Portal, tmp_path: Path) -> None:
        path = tmp_path / "calls.json"
        path.write_text(json.dumps({"releases": calls(3)}))
        source, store = Ocds({"file": str(path)}), Store()
        assert (await crawl(source, portal.client("ocds"), store)).outcome == "complete"
        assert len(store.ids) == 3
        assert portal.asked == []


def _sample_files() -> list[Path]:
    return sorted(SAMPLES.rglob("*.json")) if SAMPLES.is_dir() else []


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of ../shared are not on this machine")
class TestSamples:
    @pytest.mark.parametrize("path", _sample_files(), ids=lambda path: f"{path.parent.name}/{path.name}")
    def test_every_sample_is_ocds(self, path: Path) -> None:
        found = [one for bundle in Ocds().saved(path) for one in Ocds().parse(bundle)]
        assert found
        for one in found:
            assert not isinstance(one, Rejection) or one.code in {"ocds.no_title", "ocds.no_tender", "ocds.no_order"}

    def test_the_fictional_procedure_compiles_to_its_record(self) -> None:
        folder = SAMPLES / "ocp_fictional"
        (whole,) = tenders(Ocds(), folder / "record-ocds-213czf-000-00001.json")
        assert whole.id == "ocds-213czf-000-00001"
        assert len({one.id for path in sorted(folder.glob("ocds-*.json")) for one in tenders(Ocds(), path)}) == 1

    def test_real_awards_of_contracts_finder(self) -> None:
        path = SAMPLES / "contracts_finder" / "award_release_package_trimmed.json"
        found = [one for bundle in Ocds().saved(path) for one in Ocds().parse(bundle)]
        (award,) = (one for one in found if isinstance(one, AwardRecord))
        assert award.winners[0].name == "BYTES SOFTWARE SERVICES LIMITED"
        assert award.value is not None
        assert str(award.value.amount) == "44341.25"


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
KEYS = ("ocid", "id", "date", "tag", "tender", "awards", "parties", "buyer", "lots", "items", "value", "suppliers",
        "relatedLots", "releases", "compiledRelease", "status", "address", "amount", "currency")  # fmt: skip


@settings(max_examples=150)
@given(st.data())
def test_a_release_with_anything_in_it_gives_records_or_rejections(data: st.DataObject) -> None:
    """Real shapes with parts replaced by anything: only the declared errors, and always an answer."""
    body = calls(1)[0] | {"awards": [{"id": "1", "suppliers": [{"id": "s", "name": "n"}], "value": {"amount": 1}}]}
    for _ in range(data.draw(st.integers(1, 4))):
        target: dict = body
        while nested := [v for v in target.values() if isinstance(v, dict) and v]:
            if data.draw(st.booleans()):
                break
            target = data.draw(st.sampled_from(nested))
        target[data.draw(st.sampled_from(KEYS))] = data.draw(values)
    text = json.dumps(body if data.draw(st.booleans()) else {"releases": [body]}).encode()
    bundle = Bundle((Payload(source="ocds", kind="page", body=text),))
    try:
        found = list(Ocds().parse(bundle))
    except SourceChanged:
        return
    assert all(isinstance(one, TenderRecord | AwardRecord | Rejection) for one in found)


@settings(max_examples=150)
@given(st.data())
def test_bytes_that_were_damaged_raise_nothing_else(data: st.DataObject) -> None:
    body = bytearray(json.dumps({"releases": calls(2)}).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 30))] = data.draw(st.binary(max_size=10))
        body = body or bytearray(b" ")
    for kind in ("page", "lines"):
        try:
            list(Ocds().parse(Bundle((Payload(source="ocds", kind=kind, body=bytes(body)),))))
        except SourceChanged:
            continue
