"""French award data in every published shape, files larger than memory, and the samples. Contracts here are fictional."""

from __future__ import annotations

import copy
import gzip
import io
import json
import random
import tracemalloc
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.__main__ import main
from scrapers.decp_files import contract_lines
from scrapers.errors import SourceChanged, SourceUnavailable
from scrapers.payload import Bundle, Payload, Rejection
from scrapers.records import AwardRecord, TenderRecord
from scrapers.registry import get_source
from scrapers.sources.decp import Decp
from tests.support.mutations import JUNK, mutated
from tests.support.portal_boamp import contract
from tests.support.processes import ROOT

BUYER = "21030310100018"
SAMPLES = ROOT.parent / "shared" / "sources" / "france_boamp_decp" / "samples"
NO_DATA = {"README.md", "schema_base.json", "source_datasets.json", "schema_decp_v2.0.3.json"}


def parsed(path: Path) -> list[Any]:
    source = Decp()
    return [one for bundle in source.saved(path) for one in source.parse(bundle)]


def read(document: object) -> list[Any]:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(Decp().parse(Bundle((Payload(source="decp", kind="page", body=body),))))


def extra(record: AwardRecord, name: str) -> Any:
    return (record.model_extra or {}).get(name)


def nested(number: int = 1, **more: object) -> dict[str, Any]:
    """A contract as the schema of 2022 has it."""
    return {
        "id": f"2026M{number:05d}",
        "acheteur": {"id": BUYER},
        "nature": "Marché",
        "objet": "Entretien des &amp;eacute;coles",
        "codeCPV": "90911200-8",
        "procedure": "Procédure adaptée",
        "techniques": {"technique": ["Accord-cadre"]},
        "lieuExecution": {"code": "20200", "typeCode": "Code postal"},
        "dureeMois": 48,
        "dateNotification": "2026-08-20",
        "datePublicationDonnees": "2026-09-01",
        "montant": 575000.10,
        "offresRecues": 4,
        "titulaires": [
            {"titulaire": {"typeIdentifiant": "SIRET", "id": "73282932000074"}},
            {"titulaire": {"typeIdentifiant": "TVA", "id": "BE0123456789"}},
        ],
        **more,
    }


def concession(number: int = 1) -> dict[str, Any]:
    return {
        "id": f"2026C{number:05d}",
        "autoriteConcedante": {"id": BUYER},
        "nature": "Concession de service",
        "objet": "Exploitation d'un camping",
        "dateSignature": "2026-08-02",
        "dateDebutExecution": "2026-09-01",
        "valeurGlobale": 10.3,
        "concessionnaires": [{"concessionnaire": {"typeIdentifiant": "SIRET", "id": "73282932000074"}}],
    }


class TestOneContract:
    def test_as_the_schema_of_2022_has_it(self) -> None:
        (found,) = read({"marches": {"marche": [nested()]}})
        assert (found.id, found.reference, found.title) == (f"{BUYER}/2026M00001", "2026M00001", "Entretien des écoles")
        assert (found.buyer.id, found.cpv, found.offers) == (BUYER, ("90911200",), 4)
        assert [(won.id, won.country, extra(won, "id_type")) for won in found.winners] == [
            ("73282932000074", "FR", "SIRET"),
            ("BE0123456789", "BE", "TVA"),
        ]
        assert (str(found.value.amount), found.value.currency, extra(found.value, "tax_included")) == (
            "575000.1",
            "EUR",
            False,
        )
        assert (str(found.date), extra(found, "published"), extra(found, "framework")) == (
            "2026-08-20",
            "2026-09-01",
            True,
        )
        assert (extra(found, "departments"), extra(found, "regions")) == (["2B"], ["Corse"])

    def test_a_concession(self) -> None:
        (found,) = read({"marches": {"contrat-concession": concession()}})
        assert (str(found.value.amount), str(found.date), extra(found, "kind")) == ("10.3", "2026-08-02", "concession")
        assert found.winners[0].id == "73282932000074"

    @pytest.mark.parametrize(
        "suppliers",
        [
            [{"typeIdentifiant": "SIRET", "id": "73282932000074"}],
            [[[{"typeIdentifiant": "SIRET", "id": "73282932000074"}]]],
            {"titulaire": {"typeIdentifiant": "SIRET", "id": 73282932000074}},
            {"titulaire": [{"typeIdentifiant": "SIRET", "id": "732 829 320 00074"}] * 3},
            [{"titulaire": "typeIdentifiant"}, {"titulaire": {"id": "73282932000074"}}],
        ],
    )
    def test_suppliers_however_they_are_wrapped(self, suppliers: object) -> None:
        (found,) = read([nested(titulaires=suppliers)])
        assert [won.id for won in found.winners] == ["73282932000074"]

    @pytest.mark.parametrize("number", ["CDL", "NC", "00000000000000", "868768687576575", "", None, 12, "SANS"])
    def test_what_stands_for_a_supplier_is_none(self, number: object) -> None:
        (found,) = read([nested(titulaires=[{"typeIdentifiant": "SIRET", "id": number}])])
        assert found.winners == ()

    def test_a_number_that_lost_its_zero_gets_it_back_where_the_sum_proves_it(self) -> None:
        right = [{"typeIdentifiant": "SIRET", "id": 5650171100115}, {"typeIdentifiant": "SIRET", "id": 5650171100116}]
        (found,) = read([nested(titulaires=right)])
        assert [won.id for won in found.winners] == ["05650171100115"]

    @pytest.mark.parametrize(
        ("name", "kept"),
        [
            ("Nettoyage du Centre", True), ("JEAN LEFEBVRE SAS", True), ("3M", True), ("Cabinet Martin", True),
            ("Madame EXEMPLE Jeanne", False), ("EXEMPLE Jean-Marc", False), ("Éric Exemple", False),
            ("EXEMPLE EI", False), ("Exemple (entrepreneur individuel)", False),
        ],
    )  # fmt: skip
    def test_a_private_persons_name_is_not_kept(self, name: str, kept: bool) -> None:
        supplier = {"typeIdentifiant": "SIRET", "id": "73282932000074", "denominationSociale": name}
        (found,) = read([nested(titulaires=[supplier])])
        assert [won.name for won in found.winners] == [name if kept else None]
        assert found.winners[0].id

    @pytest.mark.parametrize(
        ("written", "amount"),
        [(0, None), (-1, None), ("CDL", None), (None, None), (1.0e17, None), ("1e9999", None), ("12 500,50", "12500.5"),
         (True, None), ([], None), (0.30000000000000004, "0.3"), ("700000.0", "700000")],
    )  # fmt: skip
    def test_amounts(self, written: object, amount: str | None) -> None:
        (found,) = read([nested(montant=written)])
        assert (str(found.value.amount) if found.value else None) == amount

    @pytest.mark.parametrize(("name", "outcome"), [("SANS SUITE", "cancelled"), ("Infructueux", "unsuccessful")])
    def test_what_came_to_nothing(self, name: str, outcome: str) -> None:
        none = {"typeIdentifiant": "SIRET", "id": "000000000", "denominationSociale": name}
        (found,) = read([nested(titulaires=[none])])
        assert (found.outcome, found.winners) == (outcome, ())

    def test_modifications_stand_beside_what_was_awarded(self) -> None:
        changes = [
            {"modification": {"id": 2, "dateNotificationModification": "2027-01-05", "montant": 600000, "dureeMois": "NC"}},
            {"modification": {"id": 1, "dateNotificationModification": "2026-12-01", "titulaires": [
                {"titulaire": {"typeIdentifiant": "SIRET", "id": "44306184100047"}}]}},
            {"modification": {}}, "x",
        ]  # fmt: skip
        (found,) = read([nested(modifications=changes)])
        assert str(found.value.amount) == "575000.1"
        first, second = extra(found, "modifications")
        assert (first["number"], first["winners"][0]["id"]) == ("1", "44306184100047")
        assert (second["date"], second["value"]["amount"]) == ("2027-01-05", "600000")

    def test_rows_of_one_contract_are_one(self) -> None:
        rows = [
            contract(1, titulaire_id_2="44306184100047", titulaire_typeidentifiant_2="SIRET", titulaire_id_3="CDL"),
            contract(
                1,
                idmodification="1",
                montantmodification="50000",
                datenotificationmodificationmodification="2026-09-09",
            ),
            contract(1, idmodification="2", montantmodification="CDL"),
            contract(2),
        ]
        found = read({"total_count": 4, "results": rows})
        assert [one.id for one in found] == [f"{BUYER}/2026M00001", f"{BUYER}/2026M00002"]
        assert [won.id for won in found[0].winners] == ["73282932000074", "44306184100047"]
        assert [one["value"]["amount"] for one in extra(found[0], "modifications")] == ["50000"]

    def test_one_number_at_two_buyers_is_two_contracts(self) -> None:
        found = read([nested(), nested(acheteur={"id": "21690123100011"})])
        assert len({one.id for one in found}) == 2

    @pytest.mark.parametrize(
        ("more", "code"),
        [({"acheteur": {"id": "CDL"}}, "decp.no_buyer"), ({"acheteur": None}, "decp.no_buyer"), ({"id": ""}, "decp.no_id"),
         ({"id": None}, "decp.no_id")],
    )  # fmt: skip
    def test_without_its_key_a_contract_is_refused_alone(self, more: dict, code: str) -> None:
        found = read([nested(1), nested(2, **more), nested(3)])
        assert [one.code for one in found if isinstance(one, Rejection)] == [code]
        assert len([one for one in found if isinstance(one, AwardRecord)]) == 2


def xml(contracts: list[dict[str, Any]]) -> bytes:
    def element(name: str, value: Any) -> str:
        if isinstance(value, list):
            return "".join(element(name, part) for part in value)
        inner = (
            "".join(element(key, part) for key, part in value.items())
            if isinstance(value, dict)
            else escape(str(value))
        )
        return f"<{name}>{inner}</{name}>"

    def listed(one: dict[str, Any]) -> dict[str, Any]:
        return {**one, "titulaires": {"titulaire": [part["titulaire"] for part in one["titulaires"]]}}

    body = "".join(element("marche", listed(one)) for one in contracts)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<marches>{body}</marches>'.encode()


class Counted(io.BufferedReader):
    """A file that counts what is read of it."""

    bytes = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.bytes += len(found)
        return found


class TestFiles:
    @pytest.mark.parametrize("packed", [False, True])
    @pytest.mark.parametrize("shape", ["2022", "pretty", "2019", "array", "page", "lines", "xml", "bom"])
    @pytest.mark.parametrize("in_memory", [16 * 2**20, 4_000])
    def test_every_shape_says_the_same(
        self, tmp_path: Path, shape: str, packed: bool, in_memory: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.decp_files._IN_MEMORY", in_memory)
        contracts = [nested(number) for number in range(1, 31)]
        body = {
            "2022": lambda: json.dumps({"marches": {"marche": contracts, "contrat-concession": []}}),
            "pretty": lambda: json.dumps({"marches": {"marche": contracts}}, indent=1),
            "2019": lambda: json.dumps({"marches": contracts}),
            "array": lambda: json.dumps(contracts),
            "page": lambda: json.dumps({"total_count": 30, "results": contracts}),
            "lines": lambda: "\n".join(json.dumps(one) for one in contracts) + "\n\n",
            "xml": lambda: xml(contracts).decode(),
            "bom": lambda: "\ufeff" + json.dumps(contracts),
        }[shape]().encode()
        path = tmp_path / "decp"
        path.write_bytes(gzip.compress(body) if packed else body)
        found = parsed(path)
        assert found == read(contracts)
        assert len(found) == 30

    def test_concessions_behind_contracts_are_streamed_too(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.decp_files._IN_MEMORY", 2_000)
        both = {"marche": [nested(n) for n in range(9)], "contrat-concession": [concession(n) for n in range(9)]}
        path = tmp_path / "decp.json"
        path.write_text(json.dumps({"marches": both}))
        assert len(parsed(path)) == 18

    @pytest.mark.parametrize("word", ["contrat-concession", "contrat-concessio"])
    def test_a_large_file_is_read_again_only_for_concessions(
        self, tmp_path: Path, word: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.decp_files._IN_MEMORY", 2_000)
        path = tmp_path / "decp.json"
        path.write_text(json.dumps({"marches": {"marche": [nested(n) for n in range(300)], word: [concession()]}}))
        with Counted(io.FileIO(path)) as file:
            lines = list(contract_lines(file))
        again = word == "contrat-concession"
        assert len(lines) == 300 + again
        assert (file.bytes > 1.9 * path.stat().st_size) is again

    def test_a_bad_line_stops_no_other(self, tmp_path: Path) -> None:
        path = tmp_path / "decp.jsonl"
        path.write_text("\n".join([json.dumps(nested(1)), "{broken", '{"a": 1}', "7", json.dumps(nested(2))]))
        found = parsed(path)
        assert len([one for one in found if isinstance(one, AwardRecord)]) == 2
        codes = sorted(one.code for one in found if isinstance(one, Rejection))
        assert codes == ["decp.no_contract", "decp.no_contract", "json.invalid"]

    @pytest.mark.parametrize("kind", ["json", "xml"])
    def test_memory_does_not_grow_with_the_file(
        self, tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.decp_files._IN_MEMORY", 2**14)
        monkeypatch.setattr("scrapers.bulk._CHUNK_LINES", 50)
        peaks = []
        for count in (100, 1_000):
            contracts = [nested(number) for number in range(count)]
            path = tmp_path / f"{count}"
            path.write_bytes(xml(contracts) if kind == "xml" else json.dumps({"marches": contracts}).encode())
            tracemalloc.start()
            source = Decp()
            total = sum(payload.body.count(b"\n") for bundle in source.saved(path) for payload in bundle)
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert total == count
        assert peaks[1] < 2 * peaks[0]

    def test_an_archive_that_breaks_off_may_be_whole_later(self, tmp_path: Path) -> None:
        path = tmp_path / "decp.json.gz"
        path.write_bytes(gzip.compress(json.dumps([nested(n) for n in range(99)]).encode())[:-400])
        with pytest.raises(SourceUnavailable):
            parsed(path)

    @pytest.mark.parametrize(
        "body",
        [
            b"", b"{", b"[1]", b"{}", b'"x"', b"\xff\xfe", b"[" * 9_999, b"<html><body/></html>", b"<marches>", b"<marches/>",
            b'{"results": [{"idweb": "26-1"}], "total_count": 1}', b'{"marches": 5}', b'{"marches": {"autre": []}}',
            b'{"releases": [{"ocid": "ocds-h6vhtk-1", "awards": [], "parties": [{"id": "GB-1"}]}]}',
            b'<!DOCTYPE marches [<!ENTITY a "b">]><marches><marche><id>&a;</id></marche></marches>',
            b'<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><marches><marche><id>&a;</id></marche></marches>',
            json.dumps({"marches": [nested(n) for n in range(9)]}).encode()[:-30],
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("in_memory", [16 * 2**20, 64])
    def test_what_is_no_award_data(
        self, tmp_path: Path, body: bytes, in_memory: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("scrapers.decp_files._IN_MEMORY", in_memory)
        path = tmp_path / "file"
        path.write_bytes(body)
        with pytest.raises(SourceChanged):
            parsed(path)

    @pytest.mark.parametrize("body", [b'{"marches": []}', b'{"marches": {"marche": []}}', b"[]", b'{"results": []}'])
    def test_empty_is_empty(self, tmp_path: Path, body: bytes) -> None:
        path = tmp_path / "file"
        path.write_bytes(body)
        assert parsed(path) == []

    def test_the_ocds_export(self) -> None:
        release: dict[str, Any] = {
            "ocid": "ocds-x-1",
            "parties": [{"id": "FR-RCS-210303101", "name": "CCAS", "roles": ["buyer"]}],
            "awards": [
                {"id": "1", "value": {"amount": 5, "currency": "EUR"}, "suppliers": [{"id": "FR-RCS-1", "name": "A"}]}
            ],
        }
        release["awards"][0]["suppliers"].append({"id": "FR-RCS-2", "name": "Mme Exemple"})
        release["awards"][0]["suppliers"].append({"id": ["odd"], "name": "B"})
        release["parties"].append({"id": {"odd": 1}})
        (found,) = read({"releases": [release]})
        assert (found.id, found.buyer.name) == ("ocds-x-1/1", "CCAS")
        assert [(won.id, won.name) for won in found.winners] == [("FR-RCS-1", "A"), ("FR-RCS-2", None), (None, "B")]


class TestHostile:
    @given(st.integers(0, 2**32), JUNK)
    @settings(max_examples=100, deadline=None)
    def test_any_mutation_is_read_refused_or_a_change(self, seed: int, junk: Any) -> None:
        whole = {"marches": {"marche": [nested(1, modifications=[{"modification": {"id": 1, "montant": 5}}]), nested(2)],
                             "contrat-concession": [concession()]}}  # fmt: skip
        rows = {"total_count": 2, "results": [contract(1), contract(2, idmodification=1)]}
        for document in (whole, rows):
            try:
                found = read(mutated(copy.deepcopy(document), random.Random(seed), junk))
            except SourceChanged:
                continue
            assert all(isinstance(one, AwardRecord | Rejection) for one in found)


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples of the French sources are not beside this checkout")
class TestSamples:
    @pytest.mark.parametrize("path", sorted(SAMPLES.glob("boamp/*")), ids=lambda path: path.name)
    def test_boamp(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code = main(["parse", "boamp", str(path)])
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (code, bool(told)) == ((2, False) if path.name in NO_DATA else (0, True))

    @pytest.mark.parametrize(
        "path", sorted([*SAMPLES.glob("*.json"), *SAMPLES.glob("decp_*/*")]), ids=lambda path: path.name
    )
    def test_decp(self, path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        code = main(["parse", "decp", str(path)])
        told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert (code, bool(told)) == ((2, False) if path.name in NO_DATA else (0, True))
        assert all(one["record"] == "award" and one["winners"] for one in told)
        assert main(["parse", "boamp", str(path)]) == 2

    def test_what_the_facts_say_of_them(self) -> None:
        found: dict[str, Any] = {}
        for path in SAMPLES.glob("boamp/*.json"):
            source = get_source("boamp")
            found[path.name] = next(one for bundle in source.saved(path) for one in source.parse(bundle))
        assert found["donnees_eforms_dict_single_lot.json"].buyer.id == "20003236500013"
        assert found["donnees_eforms_award_multilot.json"].cpv == ("45214200", "45112500", "44220000")
        assert found["donnees_legacy_lots.json"].cpv == ("71000000", "71100000", "71200000", "71300000")
        assert found["donnees_legacy_award.json"].winners[0].name == "SCOP ACME NUMERIQUE"
        old = found["record_2006_trimmed.json"]
        assert isinstance(old, TenderRecord)
        assert (old.id, str(old.deadline), old.deadline_basis) == ("BOAMP-06-101-0001-01", "2006-06-27", "day")
        assert str(found["records_live_trimmed.json"].deadline) == "2026-10-26 11:00:00+00:00"
