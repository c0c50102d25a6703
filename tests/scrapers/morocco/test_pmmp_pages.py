"""Every page of PMMP alone: what is read, what is refused, and what a broken one may do at most."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.base import Parsed
from scrapers.errors import SourceChanged
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.sources.morocco_pmmp import MoroccoPmmp
from tests.support.pmmp_pages import FakeCall, FakeLot, Shown, detail, frame, listing, popup
from tests.support.processes import ROOT

SAMPLES = ROOT.parent / "shared" / "sources" / "morocco_pmmp" / "samples"
LOTS = (FakeLot("Postes", "500 000,00", "10 000,00 MAD", "Oui", "Postes de travail fictifs"), FakeLot("Licences"))
CALL = FakeCall(1_000_001, title="Fourniture de 300 « postes » & licences", places=("FES", "MEKNES", "AL HAOUZ"))
ARABIC = FakeCall(
    1_000_002,
    title="اقتناء عتاد معلوماتي لفائدة جماعة خيالية",
    buyer="جماعة عين الاختبار",
    category="توريدات",
    places=("الرباط",),
)


def parse(body: str | bytes, file: str = "page.html") -> list[Parsed]:
    """As ``python -m scrapers parse`` does."""
    source = MoroccoPmmp()
    raw = body.encode() if isinstance(body, str) else body
    payload = Payload(source=source.name, kind=source.kind_of(raw), body=raw, context={"file": file})
    return list(source.parse(Bundle((payload,))))


def one(body: str | bytes) -> dict[str, object]:
    (record,) = parse(body)
    assert isinstance(record, TenderRecord)
    return record.model_dump(mode="json", exclude_defaults=True)


def page(*calls: FakeCall, **more: object) -> str:
    return listing(Shown(calls=calls, total=len(calls), **more))  # type: ignore[arg-type]


class TestList:
    def test_a_row(self) -> None:
        found = one(page(CALL))
        assert found["id"] == "1000001-z9y"
        assert found["title"] == CALL.title
        assert (found["reference"], found["procedure"], found["procedure_code"]) == (
            "01/2026",
            "Appel d'offres ouvert",
            "AOO",
        )
        assert (found["category"], found["category_text"]) == ("goods", "Fournitures")
        assert found["places"] == ["FES", "MEKNES", "AL HAOUZ"]
        assert (found["has_lots"], found["environment_clause"], found["e_response"]) == (
            False,
            False,
            "reponse-elec-oblig.gif",
        )
        assert found["deadline_text"] == "15/12/2026 11:00"
        assert str(found["url"]).endswith("EntrepriseDetailsConsultation&refConsultation=1000001&orgAcronyme=z9y")

    def test_arabic(self) -> None:
        found = one(page(ARABIC))
        assert (found["title"], found["language"], found["category"]) == (ARABIC.title, "ar", "goods")
        assert found["buyer"] == {"id": "z9y", "name": "جماعة عين الاختبار"}

    @pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "iso-8859-1"])
    def test_an_encoding_that_is_not_the_declared_one(self, charset: str) -> None:
        title = "Réhabilitation fictive du siège"
        body = page(replace(CALL, title=title, places=("FES",))).replace('charset="utf-8"', 'charset="iso-8859-1"')
        assert one(body.encode(charset))["title"] == title

    def test_lots_count_where_their_picture_is_shown(self) -> None:
        assert [one(page(replace(CALL, lots=lots)))["has_lots"] for lots in ((), LOTS)] == [False, True]

    def test_rows_survive_a_template_that_renames_what_it_may(self) -> None:
        renamed = page(CALL, ARABIC).replace("ctl15_infosLieu", "ctl14_infosLieu").replace("ctl0_ctl4", "ctl0_ctl2")
        assert parse(renamed) == parse(page(CALL, ARABIC))

    def test_cells_that_an_unclosed_element_swallows_are_found(self) -> None:
        open_cells = page(CALL, ARABIC).replace("</td>\n<td", "\n<td")
        assert [record.id for record in parse(open_cells) if isinstance(record, TenderRecord)] == [
            "1000001-z9y",
            "1000002-z9y",
        ]
        assert parse(open_cells) == parse(page(CALL, ARABIC))

    def test_rows_within_rows_do_not_multiply(self) -> None:
        start = "<input id='ctl0_resultSearch_ctl1_refCons' value='1{}'><input id='ctl0_resultSearch_ctl1_orgCons' value='a'>"
        heaped = page(FakeCall(17)).replace(
            "</table>", "<tr><td>" + "".join(map(start.format, range(999))) + "</table>"
        )
        listed = MoroccoPmmp().listed(Payload(source="morocco_pmmp", kind="listing", body=heaped.encode()))
        assert sum(len(row.snippet) for row in listed.rows) < 2 * len(heaped)

    def test_zero_is_empty_and_no_counter_is_a_changed_page(self) -> None:
        assert parse(page()) == []
        for broken in (
            page(CALL).replace("nombreElement", "x"),
            page(CALL).replace(">1</span></h3>", ">?</span></h3>"),
        ):
            with pytest.raises(SourceChanged):
                parse(broken)

    @pytest.mark.parametrize(("total", "calls"), [(12, ()), (0, (CALL,))])
    def test_a_counter_that_the_rows_deny(self, total: int, calls: tuple[FakeCall, ...]) -> None:
        with pytest.raises(SourceChanged, match="counts"):
            parse(listing(Shown(calls=calls, total=total)))

    def test_a_time_that_cannot_be_read_is_named_and_costs_nothing_else(self) -> None:
        found = one(page(replace(CALL, deadline="31/02/2026 11:00")))
        assert "deadline" not in found
        assert "31/02/2026" in str(found["unreadable"])

    @pytest.mark.parametrize("announced", ["4", "5"])
    def test_results_are_told_by_their_picture_or_by_the_search(self, announced: str) -> None:
        search = {"annonceType": announced}
        for body in (page(replace(CALL, kind=announced)), page(CALL, search=search)):
            (record,) = parse(body)
            assert isinstance(record, AwardRecord)
            assert (record.reference, str(record.date), record.winners) == ("01/2026", "2026-11-02", ())

    def test_an_announcement_of_another_kind_is_no_call(self) -> None:
        action = "/index.php?page=entreprise.EntrepriseAdvancedSearch&AllAnn"
        for body in (page(CALL, search={"annonceType": "6"}), page(CALL, action=action)):
            (record,) = parse(body)
            assert isinstance(record, Rejection)
            assert record.code == "pmmp.no_call"


class TestDetail:
    def test_what_it_says(self) -> None:
        found = one(detail(CALL))
        assert found["id"] == "1000001-z9y"
        assert found["value"] == {"amount": "1200000.00", "currency": "MAD", "tax_included": True}
        assert found["bond"] == {"amount": "20000.00", "currency": "MAD"}
        assert found["buyer"] == {"id": "z9y", "name": "Commune fictive d'Ain Test"}
        assert (found["place"], found["award_mode"]) == ("FES, MEKNES, AL HAOUZ", "Sur offre de prix")
        assert (found["activities"], found["qualifications"]) == (["Fournitures / Fictions"], ["Informatique / 1"])
        assert (found["reserved_sme"], found["variants"]) == (False, False)
        assert found["appointments"] == [{"what": "visit", "when": "20/11/2026 10:30", "where": "Siège fictif"}]
        assert "Fictive" not in json.dumps(found).replace("Commune fictive", "")
        assert "fictif.example" not in json.dumps(found)

    def test_cancelled_is_told_by_a_picture_that_is_shown(self) -> None:
        body = detail(replace(CALL, cancelled=True))
        assert one(body)["status"] == "cancelled"
        assert "status" not in one(body.replace('Annulee" alt', 'Annulee" style="display:none" alt'))

    @pytest.mark.parametrize(("estimate", "value"), [("0,00", None), ("-", None), ("12 x", None)])
    def test_an_estimate_that_is_not_given(self, estimate: str, value: object) -> None:
        found = one(detail(replace(CALL, estimate=estimate)))
        assert found.get("value") == value
        assert ("unreadable" in found) is (estimate == "12 x")

    def test_a_result_has_its_files(self) -> None:
        (record,) = parse(detail(replace(CALL, announcement="Annonce de résultat définitif", files=(530_012,))))
        assert isinstance(record, AwardRecord)
        assert [file.partition("&")[2] for file in (record.model_extra or {})["files"]] == [
            "refConsultation=1000001&orgAcronyme=z9y&idAvis=530012"
        ]

    @pytest.mark.parametrize(
        ("entity", "name"),
        [("A / B - Commune X - Y", "Commune X - Y"), ("Agence Z", "Agence Z"), ("A / Agence", "Agence")],
    )
    def test_the_buyer_behind_its_codes(self, entity: str, name: str) -> None:
        assert one(detail(replace(CALL, entity=entity)))["buyer"] == {"id": "z9y", "name": name}

    def test_a_field_without_its_end_holds_no_contact_person(self) -> None:
        whole = detail(FakeCall(17, reference="17/2026"))
        found = one(whole.replace("17/2026</span>", "17/2026"))
        assert found["reference"] == "17/2026"
        assert "personne" not in str(found).casefold()

    def test_another_page_is_none(self) -> None:
        for body in (frame("Consultation introuvable", "s", "/"), "", "<html>", "%PDF-1.4", '{"a": 1}'):
            with pytest.raises(SourceChanged):
                parse(body)


class TestLots:
    def test_lots_in_order(self) -> None:
        found = one(popup(replace(CALL, lots=LOTS)))
        assert found["id"] == "1000001-z9y"
        lots = found["lots"]
        assert isinstance(lots, list)
        assert lots[0] == {
            "id": "1",
            "title": "Postes",
            "description": "Postes de travail fictifs",
            "category": "goods",
            "value": {"amount": "500000.00", "currency": "MAD", "tax_included": True},
            "bond": {"amount": "10000.00", "currency": "MAD"},
            "reserved_sme": True,
        }
        assert (lots[1]["title"], lots[1].get("value"), lots[1]["reserved_sme"]) == ("Licences", None, False)
        assert "reserved_sme" not in found  # one lot is, the other is not

    def test_titles_of_entries_win_over_their_order(self) -> None:
        zone = "ctl0_CONTENU_PAGE_repeaterLots_ctl0_idReferentielZoneTextLot_RepeaterReferentielZoneText_ctl"
        body = (
            '<div class="intitule-bloc"><span class="blue bold">Lot n° 3 :</span></div><div class="content-bloc">A</div>'
            f'<span id="{zone}0_titre">Délai (jours)</span><span id="{zone}0_labelReferentielZoneText">45</span>'
            f'<span id="{zone}1_titre">Estimation (en Dhs HT)</span><span id="{zone}1_labelReferentielZoneText">9,50</span>'
        )
        (lot,) = one(body)["lots"]  # type: ignore[misc]
        assert (lot["id"], lot["value"]) == ("3", {"amount": "9.50", "currency": "MAD", "tax_included": False})


@cache
def pages() -> tuple[bytes, ...]:
    lots = replace(CALL, lots=LOTS)
    return tuple(text.encode() for text in (page(lots, ARABIC), detail(lots), popup(lots), page()))


def broken() -> Iterator[st.SearchStrategy[bytes]]:
    for body in pages():
        cut = st.integers(0, len(body)).map(lambda at, body=body: body[:at])
        spans = st.tuples(st.integers(0, len(body)), st.integers(0, 400), st.binary(max_size=40))
        yield cut
        yield spans.map(lambda span, body=body: body[: span[0]] + span[2] + body[span[0] + span[1] :])
        yield spans.map(lambda span, body=body: body[: span[0]] + body[span[0] : span[0] + 900] * 3 + body[span[0] :])


@settings(max_examples=250, deadline=None)
@given(st.one_of(*broken()))
def test_a_broken_page_is_read_refused_or_changed_and_nothing_else(body: bytes) -> None:
    try:
        found = parse(body)
    except SourceChanged:
        return
    assert all(isinstance(record, TenderRecord | AwardRecord | Rejection) for record in found)


def samples(pattern: str) -> list[Path]:
    found = sorted(SAMPLES.glob(pattern))
    if not found:
        pytest.skip("the samples of ../shared are not here")
    return found


class TestSamples:
    def test_a_real_page_says_what_it_is_expected_to(self) -> None:
        for expected in samples("real_pages/*.expected.json"):
            told = json.loads(expected.read_text("utf-8"))
            body = expected.with_name(expected.name.replace(".expected.json", ".html")).read_bytes()
            records = [record.model_dump(mode="json") for record in parse(body)]
            assert len(records) == len(told["rows"])
            for record, row in zip(records, told["rows"], strict=True):
                assert {
                    "ref": record["ref"], "org": record["org"], "procedure": record["procedure"],
                    "procedure_code": record["procedure_code"], "category": record["category_text"],
                    "published": record["published_text"], "reference": record["reference"], "title": record["title"],
                    "buyer": record["buyer"]["name"], "places": record["places"], "deadline": record["deadline_text"],
                    "has_lots": record["has_lots"], "e_response": record["e_response"],
                    "env_clause": record["environment_clause"],
                } == row  # fmt: skip

    def test_each_sample_by_the_command(self) -> None:
        changed = {"listing_no_counter_SYNTHETIC.html"}
        for path in samples("*.html"):
            command = [sys.executable, "-m", "scrapers", "parse", "morocco_pmmp", str(path)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
            assert done.returncode == (2 if path.name in changed else 0), done.stderr
            records = [json.loads(line) for line in done.stdout.splitlines()]
            assert bool(records) is not (path.name in changed | {"listing_empty_SYNTHETIC.html"})
            assert "redacted" not in done.stdout.casefold()
