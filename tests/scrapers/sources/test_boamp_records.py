"""Records of BOAMP: deadlines, places, links, wrappings, and what hostile ones do. All notices here are fictional."""

from __future__ import annotations

import json
import random
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scrapers.errors import SourceChanged
from scrapers.payload import Rejection
from scrapers.records import AwardRecord, TenderRecord
from tests.support.documents_boamp import FNSIMPLE, eforms, results
from tests.support.mutations import JUNK, mutated
from tests.support.portal_boamp import call
from tests.support.reading_boamp import extra, one, read


class TestTheRecord:
    @pytest.mark.parametrize(
        ("written", "deadline", "basis"),
        [
            ("2026-10-26T11:00:00+00:00", "2026-10-26 11:00:00+00:00", "offset"),
            ("2006-06-27T00:00:00+00:00", "2006-06-27", "day"),
            ("2026-08-15", "2026-08-15", "day"),
            ("2026-10-26T11:00:00", "2026-10-26 11:00:00+01:00", "zone"),
            ("bientôt", "None", None),
            (None, "None", None),
            (17, "None", None),
        ],
    )
    def test_deadlines(self, written: object, deadline: str, basis: str | None) -> None:
        found = one(datelimitereponse=written)
        assert (str(found.deadline), found.deadline_basis) == (deadline, basis)

    @pytest.mark.parametrize(
        ("own", "work", "place"),
        [
            (["75"], None, "Paris, Île-de-France"),
            ("75", ["2A"], "Corse-du-Sud, Corse"),
            (["974"], [], "La Réunion"),
            ("1, 69", None, "Ain, Auvergne-Rhône-Alpes; Rhône, Auvergne-Rhône-Alpes"),
            (["00", "xx", 3], None, "Allier, Auvergne-Rhône-Alpes"),
            ([f"{n:02d}" for n in range(1, 96)], None, "France"),
            (["14", "27", "50", "61", "76", "75"], None, "Normandie, Île-de-France"),
            (None, {}, None),
        ],
    )
    def test_places(self, own: object, work: object, place: str | None) -> None:
        assert one(code_departement=own, code_departement_prestation=work).place == place

    @pytest.mark.parametrize(
        ("columns", "subject", "links"),
        [
            ({"annonce_lie": ["26-1500", "26-1200"]}, "26-1200", ["26-1200", "26-1500"]),
            ({"annonce_lie": '["26-1500"]'}, "26-1500", ["26-1500"]),
            ({"annonces_anterieures": {"REFERENCE": {"IDWEB": "14-1500", "DATE_PUBLICATION": "2014-10-15"}}}, "14-1500",
             ["14-1500"]),
            ({"annonces_anterieures": json.dumps([{"idweb": "26-9", "date": "10-15"}, {"idweb": "26-10"}])}, "26-2000",
             ["26-9", "26-10"]),
            ({"annonces_anterieures": '{"DATE_PUBLICATION": "2014-10-15", "parution": "10-15"}'}, "26-2000", []),
            ({"annonce_lie": "26-2000"}, "26-2000", []),
            ({"annonce_lie": "avis 26-1500 du 2026-10-15"}, "26-2000", []),
            ({"annonces_anterieures": "{broken"}, "26-2000", []),
        ],
    )  # fmt: skip
    def test_links_are_ids_and_never_dates(self, columns: dict, subject: str, links: list[str]) -> None:
        found = one(nature="RECTIFICATIF", **columns)
        assert (found.id, extra(found, "links") or []) == (subject, links)

    def test_empty_descriptors_are_none(self) -> None:
        found = one(descripteur_libelle=["", None, {}, "Espaces verts"])
        assert found.activities == ("Espaces verts",)

    def test_a_void_notice(self) -> None:
        assert extra(one(etat="AVIS_ANNULE"), "status") == "cancelled"

    def test_old_notices_have_another_id(self) -> None:
        (found,) = read([{"id": "BOAMP-06-101-0001-01", "dateparution": "2006-05-27", "nomacheteur": "service"}])
        assert (found.id, found.title, extra(found, "untitled")) == (
            "BOAMP-06-101-0001-01", "Avis BOAMP-06-101-0001-01", True,
        )  # fmt: skip
        assert found.url is None

    def test_entities_are_resolved_twice_and_contacts_cut(self) -> None:
        found = one(objet="Caf&amp;eacute; &#039;B&#039; \u00a0 jean@x.example", type_marche=["TRAVAUX", "SERVICES"])
        assert found.title == "Café 'B' […]"
        assert found.category is None

    def test_a_broken_inner_document_takes_nothing_with_it(self) -> None:
        found = one("{broken", type_marche="TRAVAUX")
        assert (found.category, found.buyer.name) == ("works", "COMMUNE DE VILLENEUVE")
        assert extra(found, "unreadable")[0].startswith("donnees: ")

    def test_lines_and_exports(self) -> None:
        rows = [call(1), call(2), call(3)]
        lines = "\n".join([json.dumps(rows[0]), "{broken", json.dumps(rows[1]), '{"a": 1}', "", json.dumps(rows[2])])
        found = read(lines.encode())
        assert [one.id for one in found if isinstance(one, TenderRecord)] == ["26-1", "26-2", "26-3"]
        assert [one.code for one in found if isinstance(one, Rejection)] == ["json.invalid", "boamp.no_notice"]
        assert [one.id for one in read(rows)] == [one.id for one in read(rows[0])] + ["26-2", "26-3"]

    def test_an_inner_document_alone_is_named_by_its_file(self) -> None:
        (found,) = read({"FNSimple": FNSIMPLE}, file="un avis.json")
        assert (found.id, found.title) == ("un_avis", "Location de serveurs")

    @pytest.mark.parametrize(
        "body",
        [b"", b"{", b"<html></html>", b"{}", b'{"a": {"b": 1}}', b"[1]", b'{"results": [{"id": 1}]}', b'"x"', b"[" * 9_999,
         b'{"error_code": "x"}', b'{"marches": {"marche": [{"id": "1", "titulaires": []}]}}', b"null", b"\xff\xfe"],
    )  # fmt: skip
    def test_what_is_no_notice(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(body)


WHOLE = {
    "total_count": 3,
    "results": [
        call(1, donnees=json.dumps(eforms()), annonces_anterieures='{"IDWEB": ["26-9", "2014-10-15"]}'),
        call(2, donnees=json.dumps({"FNSimple": FNSIMPLE}), annonce_lie=["26-1"], nature="RECTIFICATIF"),
        call(3, donnees=json.dumps(eforms("ContractAwardNotice", results("selec-w"))), nature="ATTRIBUTION"),
    ],
}


class TestHostile:
    @given(st.integers(0, 2**32), JUNK)
    @settings(max_examples=150, deadline=None)
    def test_any_mutation_is_read_refused_or_a_change(self, seed: int, junk: Any) -> None:
        document = mutated(WHOLE, random.Random(seed), junk)
        try:
            found = read(document)
        except SourceChanged:
            return
        assert all(isinstance(one, TenderRecord | AwardRecord | Rejection) for one in found)

    @given(st.binary(max_size=300))
    @settings(max_examples=100, deadline=None)
    def test_any_bytes(self, body: bytes) -> None:
        with suppress(SourceChanged):
            read(body)

    def test_depth_and_width(self) -> None:
        deep: Any = {}
        for _ in range(200):
            deep = {"a": [deep]}
        wide = {"FNSimple": {"initial": {"lots": {"lot": [{"numLot": str(n), "x": deep} for n in range(60)]}}}}
        assert isinstance(one(json.dumps(wide), annonces_anterieures=deep), TenderRecord)
        assert isinstance(
            one({"EFORMS": {"ContractNotice": {"cac:ProcurementProjectLot": [[deep]] * 50}}}), TenderRecord
        )
        assert isinstance(one({"FNSimple": {"initial": {"lots": {"lot": [{}] * 6_000}}}}), Rejection)
