"""Tables in a watched folder: what people save, what they should not, and a folder that is no safe place."""

from __future__ import annotations

import asyncio
import datetime as dt
import io
import os
import zipfile
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from scrapers.client import PoliteClient
from scrapers.errors import SourceChanged, SourceMisconfigured
from scrapers.manners import Permit
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import TenderRecord
from scrapers.sources.csv_drop import CsvDrop
from tests.support.crawling import Store, crawl, parsed
from tests.support.processes import ROOT

SAMPLES = ROOT.parent / "shared" / "sources" / "generic_feeds" / "samples"
HEAD = "Référence;Intitulé;Acheteur;Pays;Date limite;Budget;Devise\r\n"


def csv(*rows: str, head: str = HEAD, encoding: str = "cp1252") -> bytes:
    return (head + "".join(f"{row}\r\n" for row in rows)).encode(encoding)


def one(number: int = 1, title: str = "Étude") -> bytes:
    return csv(f"{number:05};{title};ACME;MA;30/09/2026 16:00;1 250 000,50;MAD")


def read(body: bytes, **options: str) -> list[TenderRecord | Rejection]:
    payload = Payload(source="csv", kind="page", body=body, context={"file": "calls.csv"})
    return list(CsvDrop(options).parse(Bundle((payload,), "calls.csv")))  # type: ignore[arg-type]


def call(body: bytes, **options: str) -> TenderRecord:
    [found] = read(body, **options)
    assert isinstance(found, TenderRecord), found
    return found


def refused(body: bytes, **options: str) -> Rejection:
    [found] = read(body, **options)
    assert isinstance(found, Rejection), found
    return found


def workbook(change: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


async def run(folder: Path, store: Store, kill_after: int | None = None, **options: str):
    client = PoliteClient.of(Permit("operator@safqa.example", frozenset({"csv"})))
    source = CsvDrop({"folder": str(folder), "settle": "0", **options})
    return await crawl(source, client, store, kill_after=kill_after)


class TestRows:
    def test_what_french_spreadsheets_write(self) -> None:
        found = call(csv('00123;"Étude ; phase\n1";Société Générale;Maroc;30/09/2026 16:00;1\u00a0250\u00a0000,50;MAD'))
        assert (found.id, found.title, found.country) == ("00123", "Étude ; phase\n1", "MA")
        assert found.value is not None
        assert (found.value.amount, found.value.currency) == (Decimal("1250000.50"), "MAD")
        assert (str(found.deadline), found.deadline_basis) == ("2026-09-30 16:00:00+01:00", "zone")
        assert (found.model_extra or {})["deadline_text"] == "30/09/2026 16:00"

    @pytest.mark.parametrize(
        "head",
        [
            "id,title,deadline\n",
            "\ufeffid,title,deadline\n",
            "Appels d'offres privés,,\n,,\nid,title,deadline\n",
            "sep=,\nid,title,deadline\n",
            "المرجع,الموضوع,آخر أجل\n",
        ],
    )
    def test_headings_of_three_languages_under_a_title_or_not(self, head: str) -> None:
        found = call(csv("17,Data,2026-10-01", head=head, encoding="utf-8"))
        assert (found.id, str(found.deadline), found.deadline_basis) == ("17", "2026-10-01", "day")

    def test_a_senders_own_headings_and_habits(self) -> None:
        body = csv("7;Plateforme;1.250;x", head="N° interne;Libellé du besoin;Montant prévu;Note\n")
        found = call(
            body, columns="N° interne = id; Libellé du besoin = title; montant prevu = value.amount", decimal=",",
            currency="mad", country="Maroc", language="fr", sector="private",
        )  # fmt: skip
        assert (found.id, found.title, found.country, found.language) == ("7", "Plateforme", "MA", "fr")
        assert found.value is not None
        assert (found.value.amount, found.value.currency, found.sector) == (Decimal(1250), "MAD", "private")
        assert (found.model_extra or {})["Note"] == "x"

    def test_an_amount_that_can_be_read_twice_rejects_its_row_where_no_mark_is_declared(self) -> None:
        body = csv("7;Étude;ACME;MA;;1.250;MAD")
        assert refused(body).reason.startswith("row 2: value.amount:")
        assert call(body, decimal=".").value.amount == Decimal("1.250")  # type: ignore[union-attr]

    def test_zero_and_amounts_of_nothing_are_unknown(self) -> None:
        assert call(csv("7;Étude;ACME;MA;;0,00;MAD")).value is None
        found = call(csv("7;Étude;ACME;MA;;250 000;"))
        assert found.value is None
        assert (found.model_extra or {})["unreadable"] == ["value: 250000 has no currency"]

    @pytest.mark.parametrize(
        ("cells", "options", "expected"),
        [
            ("30/09/2026 16:00;", {}, "2026-09-30 16:00:00+01:00"),
            ("20/02/2027 16:00;", {}, "2027-02-20 16:00:00+00:00"),  # in Ramadan
            ("30/09/2026 16:00;FR", {}, "2026-09-30 16:00:00+02:00"),
            ("30/09/2026 16:00;US", {"zone": "America/New_York"}, "2026-09-30 16:00:00-04:00"),
            ("2026-09-30T16:00:00-07:00;US", {}, "2026-09-30 16:00:00-07:00"),
        ],
    )
    def test_times_have_a_zone(self, cells: str, options: dict[str, str], expected: str) -> None:
        assert str(call(csv(f"1;Étude;{cells}", head="id;title;deadline;country\n"), **options).deadline) == expected

    def test_a_time_that_has_none_is_unknown(self) -> None:
        found = call(csv("1;Étude;30/09/2026 16:00;US", head="id;title;deadline;country\n"))
        assert found.deadline is None
        assert "deadline: 2026-09-30 16:00:00 has no zone" in (found.model_extra or {})["unreadable"][0]

    def test_each_row_stands_for_itself(self) -> None:
        body = csv(
            "1;Étude;ACME;MA;;;",
            ";Sans référence;ACME;MA;;;",
            "3;Date;ACME;MA;31/02/2026;;",
            "4;Pays;ACME;Atlantide;;;",
            "1;Encore;ACME;MA;;;",
            "6;Trop;ACME;MA;;;;;x",
            "7;=cmd|' /C calc'!A0;ACME;MA;;;",
        )
        found = read(body)
        assert [one.id for one in found if isinstance(one, TenderRecord)] == ["1", "7"]
        rejections = [one for one in found if isinstance(one, Rejection)]
        assert [one.reason.split(":")[:2] for one in rejections[:4]] == [
            ["row 3", " id"], ["row 4", " deadline"], ["row 5", " country"], ["row 6", " id"],
        ]  # fmt: skip
        assert [one.code for one in rejections] == [
            "field.invalid", "field.invalid", "field.invalid", "id.duplicate", "csv.too_many_cells",
        ]  # fmt: skip
        assert "Atlantide" in rejections[2].excerpt
        assert all(one.ref == "calls.csv" for one in rejections)

    def test_contact_persons_stay_outside(self) -> None:
        body = csv("1;Étude;m.exemple@acme.example;Contact : Mme Exemple", head="id;title;email;description\n")
        assert "exemple" not in call(body).model_dump_json().casefold()


class TestWorkbooks:
    def test_titles_serials_floats_formulas_and_hidden_sheets(self) -> None:
        def fill(book: Workbook) -> None:
            hidden = book.create_sheet("Cachée", 0)
            hidden.append(["id", "title"])
            hidden.append(["x", "hidden"])
            hidden.sheet_state = "hidden"
            sheet = book["Sheet"]
            sheet.append(["Appels d'offres privés"])
            sheet.merge_cells("A1:E1")
            sheet.append(["Référence", "Intitulé", "Date limite", "Budget", "Devise"])
            sheet.append([123.0, "Étude", dt.datetime(2026, 9, 30, 16), 1250000.5, "MAD"])  # noqa: DTZ001 - as Excel has it
            sheet.append(["00124", "Série", 46295.6667, "=D3*2", "MAD"])
            sheet.append(["00125", "Erreur", "#N/A", None, None])
            book.active = 1

        found = read(workbook(fill))
        first, second, third = found
        assert isinstance(first, TenderRecord)
        assert (first.id, str(first.deadline)) == ("123", "2026-09-30 16:00:00+01:00")
        assert first.value is not None
        assert first.value.amount == Decimal("1250000.5")
        assert isinstance(second, TenderRecord)
        assert (second.id, str(second.deadline), second.value) == ("00124", "2026-09-30 16:00:00+01:00", None)
        assert isinstance(third, Rejection)
        assert third.reason.startswith("row 5: deadline:")

    def test_macros_bombs_and_old_files(self) -> None:
        book = workbook(lambda book: book.active.append(["id", "title"]))  # type: ignore[union-attr]
        for name, content in (("xl/vbaProject.bin", b"x"), ("xl/media/zeros", b"\0" * 30_000_000)):
            out = io.BytesIO(book)
            with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr(name, content)
            with pytest.raises(SourceChanged, match=r"macros|unpacks"):
                read(out.getvalue())
        for body in (b"\xd0\xcf\x11\xe0" + b"\0" * 600, b"PK\x03\x04" + b"\0" * 60, book[:400]):
            with pytest.raises(SourceChanged):
                read(body)


class TestWholeFiles:
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"\n\n", b"<html><body>403", b"%PDF-1.7\n\x81\x8d", b"Nom;Ville\r\nX;Y\r\n", b'{"id": 1, "title": "x"}',
            "id;title\n1;é\n".encode("utf-16"), "id;title\n1;\u0623\u062e\u0631\n".encode("cp1256"),
        ],
    )  # fmt: skip
    def test_what_is_no_table_of_calls(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(body)

    def test_a_heading_row_alone_is_an_empty_table(self) -> None:
        assert read(csv()) == []

    @pytest.mark.parametrize(
        "options",
        [
            {"columns": "Libellé=nothing"}, {"columns": "Libellé"}, {"zone": "Mars/Olympus"}, {"country": "Atlantide"},
            {"decimal": "x"}, {"currency": "dirham"}, {"sector": "both"}, {"settle": "-1"}, {"name": "CSV!"},
        ],
    )  # fmt: skip
    def test_habits_that_are_none(self, options: dict[str, str]) -> None:
        with pytest.raises(SourceMisconfigured):
            CsvDrop(options)


class TestFolder:
    async def test_files_are_taken_once_by_their_content(self, tmp_path: Path) -> None:
        store = Store()
        (tmp_path / "a.csv").write_bytes(one(1))
        (tmp_path / "b.CSV").write_bytes(one(2))
        (tmp_path / "readme.md").write_text("x")
        (tmp_path / ".c.csv.part").write_bytes(one(3))
        (tmp_path / "deeper").mkdir()
        (tmp_path / "deeper" / "d.csv").write_bytes(one(4))
        report = await run(tmp_path, store)
        assert (report.outcome, report.tally.parsed, sorted(store.ids)) == ("complete", 2, ["00001", "00002"])
        os.utime(tmp_path / "a.csv", (1, 1))
        (tmp_path / "b.CSV").write_bytes(one(2, "Étude modifiée"))
        report = await run(tmp_path, store)
        assert (report.tally.parsed, report.tally.unchanged, store.tenders[-1].title) == (1, 1, "Étude modifiée")
        assert not (await run(tmp_path, store)).empty
        assert (await run(tmp_path, store, currency="MAD")).tally.parsed == 2  # read anew with other habits
        (tmp_path / "a.csv").unlink()
        await run(tmp_path, store, currency="MAD")
        assert set(store.cursor.known) == {"file:b.CSV"}
        assert parsed(CsvDrop(), store.bundles) == store.records

    async def test_a_file_that_grows_is_left_for_the_next_run(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(one(1))
        growing = (tmp_path / "b.csv").open("wb")
        growing.write(one(2)[:40])
        growing.flush()
        store = Store()

        source = CsvDrop({"folder": str(tmp_path), "settle": "0.05"})
        client = PoliteClient.of(Permit("operator@safqa.example", frozenset({"csv"})))

        async def write() -> None:
            await asyncio.sleep(0.02)
            growing.write(one(2)[40:])
            growing.close()

        writer = asyncio.create_task(write())
        report = await crawl(source, client, store)
        await writer
        assert (report.outcome, report.reason, store.ids) == ("partial", "no_end", ["00001"])
        assert "b.csv is still being written" in report.detail

    async def test_links_and_devices_are_refused_and_nothing_outside_is_opened(self, tmp_path: Path) -> None:
        folder, outside = tmp_path / "drop", tmp_path / "outside.csv"
        folder.mkdir()
        outside.write_bytes(one(9))
        (folder / "link.csv").symlink_to(outside)
        (folder / "folder.csv").symlink_to(tmp_path)
        os.mkfifo(folder / "pipe.csv")
        (folder / "a.csv").write_bytes(one(1))
        store = Store()
        report = await run(folder, store)
        assert store.ids == ["00001"]
        assert (report.outcome, report.reason) == ("partial", "no_end")
        assert "link.csv: is a symbolic link" in report.detail
        assert "pipe.csv is not a regular file" in report.detail

    async def test_a_file_that_is_none_is_rejected_whole_and_once(self, tmp_path: Path) -> None:
        (tmp_path / "a.csv").write_bytes(b"Nom;Ville\r\nX;Y\r\n")
        (tmp_path / "b.csv").write_bytes(one(2))
        store = Store()
        report = await run(tmp_path, store)
        assert (report.outcome, dict(report.rejections), store.ids) == ("complete", {"page.changed": 1}, ["00002"])
        assert "a.csv has no column for id and title" in store.rejections[0].reason
        assert (await run(tmp_path, store)).tally.rejected == 0

    @pytest.mark.parametrize("after", [0, 1, 2, 3])
    async def test_killed_it_goes_on_without_loss_or_double(self, tmp_path: Path, after: int) -> None:
        for number in range(4):
            (tmp_path / f"{number}.csv").write_bytes(one(number))
        store = Store()
        await run(tmp_path, store, kill_after=after)
        assert len(store.ids) == after
        report = await run(tmp_path, store)
        assert report.outcome == "complete"
        assert sorted(store.ids) == [f"{number:05}" for number in range(4)]

    async def test_one_file_in_place_of_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "a.data").write_bytes(one(1))
        client = PoliteClient.of(Permit("operator@safqa.example", frozenset({"csv"})))
        store = Store()
        await crawl(CsvDrop({"file": str(tmp_path / "a.data"), "settle": "0"}), client, store)
        assert store.ids == ["00001"]
        report = await crawl(CsvDrop({"file": str(tmp_path / "none"), "settle": "0"}), client, Store())
        assert report.reason == "misconfigured"

    async def test_an_empty_folder_is_empty_and_a_missing_one_is_misconfigured(self, tmp_path: Path) -> None:
        assert (await run(tmp_path, Store())).empty
        assert (await run(tmp_path / "none", Store())).reason == "misconfigured"


BOOK = workbook(lambda book: [book.active.append(row) for row in (["id", "title", "deadline"], [1, "Étude", 46295.5])])  # type: ignore[union-attr]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_files_raise_nothing_undeclared(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([one(), csv('1;"a', "2;b"), one().decode("cp1252").encode(), BOOK])))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 8))] = data.draw(
            st.one_of(st.binary(max_size=6), st.sampled_from([b'"', b";", b"\r", b"\n", b"\0", b"\xff\xfe", b"1e999"]))
        )
        if not body:
            return
    try:
        for found in read(bytes(body)):
            assert isinstance(found, TenderRecord | Rejection)
    except SourceChanged:
        pass


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not here")
class TestSamples:
    @pytest.mark.parametrize(
        ("name", "ids", "rejected"),
        [
            ("SYNTHETIC_fr_cp1252_semicolon.csv", ["00123", "00124"], 0),
            ("SYNTHETIC_utf8_bom_comma.csv", ["17"], 0),
            ("SYNTHETIC_calls.xlsx", ["123", "00124", "00125"], 1),
        ],
    )
    def test_every_sample_is_read(self, name: str, ids: list[str], rejected: int) -> None:
        source = CsvDrop()
        found = [one for bundle in source.saved(SAMPLES / name) for one in source.parse(bundle)]
        calls = [one for one in found if isinstance(one, TenderRecord)]
        assert ([one.id for one in calls], len(found) - len(calls)) == (ids, rejected)
        assert all(one.deadline is not None for one in calls)
