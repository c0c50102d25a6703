"""The inner documents of BOAMP: eForms, the national forms, and the form before them. All notices are fictional."""

from __future__ import annotations

import json

import pytest

from scrapers.records import AwardRecord, TenderRecord
from tests.support.documents_boamp import FNSIMPLE, FOLDER, eforms, organization, results
from tests.support.portal_boamp import call
from tests.support.reading_boamp import extra, one, read


class TestEForms:
    def test_a_call(self) -> None:
        found = one(eforms(), contractfolderid=FOLDER.upper(), famille="JOUE", descripteur_libelle=["Informatique"])
        assert isinstance(found, TenderRecord)
        assert (found.buyer and found.buyer.id, found.buyer and found.buyer.name) == (
            "21030310100018",
            "COMMUNE DE VILLENEUVE",
        )
        assert found.cpv == ("50312000", "72500000", "50332000")
        assert found.activities == ("Informatique",)
        assert found.value is not None
        assert str(found.value.amount) == "240000"
        assert [(one.id, one.title, one.cpv) for one in found.lots] == [
            ("LOT-0001", "Serveurs", ("50312000",)),
            ("LOT-0002", "Réseau", ("50332000",)),
        ]
        assert found.description == "Maintenance préventive et corrective."
        assert extra(found, "procedure_ids") == [f"bt-04:{FOLDER}", "ted:612345-2026"]
        assert extra(found, "documents_url") == "https://profil.example/dce/1"
        assert (extra(found, "sme_suitable"), found.reserved_sme) == (True, None)
        assert (extra(found, "reference"), extra(found, "status")) == ("26S014", "active")
        assert "Jeanne" not in found.model_dump_json()

    def test_a_lone_lot_and_a_lone_organization_are_objects(self) -> None:
        document = eforms()
        notice = document["EFORMS"]["ContractNotice"]
        notice["cac:ProcurementProjectLot"] = notice["cac:ProcurementProjectLot"][1]
        extension = notice["ext:UBLExtensions"]["ext:UBLExtension"]["ext:ExtensionContent"]["efext:EformsExtension"]
        extension["efac:Organizations"]["efac:Organization"] = organization("ORG-0002", "Villeneuve", "21030310100018")
        found = one(document)
        assert [lot.id for lot in found.lots] == ["LOT-0002"]
        assert found.buyer.id == "21030310100018"

    def test_groups_of_lots_are_no_lots(self) -> None:
        document = eforms()
        group = {
            "cbc:ID": {"@schemeName": "LotsGroup", "#text": "GLO-0001"},
            "cac:ProcurementProject": {"cbc:Name": "x"},
        }
        document["EFORMS"]["ContractNotice"]["cac:ProcurementProjectLot"].append(group)
        assert [lot.id for lot in one(document).lots] == ["LOT-0001", "LOT-0002"]

    def test_the_hour_of_a_day_comes_from_the_inner_document(self) -> None:
        found = one(eforms(), datelimitereponse="2026-10-05T00:00:00+00:00")
        assert (str(found.deadline), found.deadline_basis) == ("2026-10-05 12:00:00+02:00", "offset")
        other = one(eforms(), datelimitereponse="2026-10-06T00:00:00+00:00")
        assert (str(other.deadline), other.deadline_basis) == ("2026-10-06", "day")
        assert str(one(eforms(), datelimitereponse=None).deadline) == "2026-10-05 12:00:00+02:00"

    @pytest.mark.parametrize(
        ("reason", "status"), [("cancel", "cancelled"), ("cor-buy", "active"), ("update-add", "active")]
    )
    def test_a_change_is_the_next_state_of_the_notice_it_names(self, reason: str, status: str) -> None:
        change = {"efac:Changes": {"efac:ChangeReason": {"cbc:ReasonCode": reason}}}
        found = one(eforms(extension=change), annonce_lie=["26-1500"], nature="RECTIFICATIF")
        assert (found.id, extra(found, "notice_id"), extra(found, "status")) == ("26-1500", "26-2000", status)
        assert extra(found, "links") == ["26-1500"]
        assert extra(found, "delta") is True
        assert (found.published, extra(found, "amended")) == (None, "2026-09-01")  # the call's own day stays known

    @pytest.mark.parametrize(
        ("kind", "code", "status"),
        [
            ("PriorInformationNotice", "pin-only", "planned"),
            ("PriorInformationNotice", "pin-cfc-standard", "active"),
            ("ContractAwardNotice", "veat", "complete"),
            ("ContractAwardNotice", "can-modif", "complete"),
        ],
    )
    def test_what_is_no_open_call(self, kind: str, code: str, status: str) -> None:
        found = one(eforms(kind, **{"cbc:NoticeTypeCode": code}), nature=None, nature_categorise_libelle=None)
        assert extra(found, "status") == status


class TestResults:
    def test_the_winner_has_the_contract_not_the_list(self) -> None:
        row = call(2_000, nature="ATTRIBUTION", annonce_lie=["26-900"],
                   donnees=json.dumps(eforms("ContractAwardNotice", results("selec-w", "clos-nw", "open-nw"))))  # fmt: skip
        first, second = read({"total_count": 1, "results": [row]})
        assert isinstance(first, AwardRecord)
        assert (first.id, first.tender_id, first.lot_id, first.outcome) == (
            "26-2000/RES-0001", "26-900", "LOT-0001", "awarded",
        )  # fmt: skip
        assert [(won.id, won.name) for won in first.winners] == [("73282932000074", "Serveurs du Centre SAS")]
        assert first.value is not None
        assert (str(first.value.amount), first.offers, str(first.date)) == ("20000.5", 2, "2026-08-20")
        assert (second.lot_id, second.outcome, second.winners, second.value) == ("LOT-0002", "unsuccessful", (), None)

    def test_a_natural_person_is_nobody(self) -> None:
        told = results("selec-w")
        told["efac:NoticeResult"]["efac:TenderingParty"][1]["efac:Tenderer"]["cbc:ID"] = "ORG-0004"
        (found,) = read({"total_count": 1, "results": [call(
            1, nature="ATTRIBUTION", donnees=json.dumps(eforms("ContractAwardNotice", told)))]})  # fmt: skip
        assert found.winners == ()

    def test_the_record_names_winners_where_the_document_does_not(self) -> None:
        found = one(nature="ATTRIBUTION", titulaire=["Serveurs du Centre SAS", "Mme Jeanne Exemple", "DUPONT Jean"])
        assert [won.name for won in found.winners] == ["Serveurs du Centre SAS"]

    def test_a_corrected_result_is_no_call(self) -> None:
        found = one(eforms("ContractAwardNotice", results("selec-w")), nature="RECTIFICATIF", annonce_lie="26-1900")
        assert isinstance(found, AwardRecord)


class TestNationalForms:
    def test_fnsimple(self) -> None:
        found = one({"FNSimple": FNSIMPLE}, datelimitereponse=None, objet=None)
        assert (found.title, found.description) == ("Location de serveurs", "Location et entretien <sur site>.")
        assert (found.buyer.id, found.cpv) == ("21030310100018", ("72415000", "72000000"))
        assert (str(found.deadline), found.deadline_basis) == ("2026-10-05 12:00:00+02:00", "zone")
        assert [(lot.id, lot.title) for lot in found.lots] == [("1", "Nord")]
        assert str(found.value.amount) == "90000.5"
        assert extra(found, "reference") == "2026-DSI-07"

    @pytest.mark.parametrize("number", ["2103031010001", "SIRET", "", None])
    def test_a_number_that_is_no_siret_is_none(self, number: object) -> None:
        form = {**FNSIMPLE, "organisme": {"nomOfficiel": "X", "codeIdentificationNational": number}}
        assert one({"FNSimple": form}).buyer.id is None

    @pytest.mark.parametrize("key", ["rectificatif", "annulation"])
    def test_a_correction_holds_what_changed_and_names_its_call(self, key: str) -> None:
        form = {
            "organisme": FNSIMPLE["organisme"],
            key: {"avisInitial": {"idWeb": "26-1234", "dateParution": "2026-08-01"}},
        }
        found = one({"FNSimple": form}, nature=None, nature_categorise_libelle=None)
        assert (found.id, extra(found, "delta")) == ("26-1234", True)
        assert extra(found, "status") == ("cancelled" if key == "annulation" else "active")

    def test_mapa(self) -> None:
        form = {
            "organisme": {"acheteurPublic": "Syndicat des eaux", "correspondantPRM": {"nom": "M. Exemple"}},
            "initial": {
                "description": {"objet": "Curage des fossés"},
                "renseignements": {"idMarche": "SE-2026-4"},
                "delais": {"receptionOffres": "2026-10-01T17:30:00"},
            },
        }
        found = one({"MAPA": form}, objet=None, nomacheteur=None, datelimitereponse=None)
        assert (found.title, found.buyer.name) == ("Curage des fossés", "Syndicat des eaux")
        assert str(found.deadline) == "2026-10-01 17:30:00+02:00"
        assert "Exemple" not in found.model_dump_json()

    def test_a_result_of_a_mapa(self) -> None:
        decided = {"attribue": {"titulaire": {"denomination": "Fossés et Fils SARL"}, "montant": {"valeur": "12000"}}}
        form = {"attribution": {"avisInitial": {"idWeb": "26-1234"}, "attribution": {"resultat": decided}}}
        found = one({"MAPA": form}, nature="ATTRIBUTION", nature_categorise_libelle="Résultat de marché")
        assert (found.tender_id, str(found.value.amount)) == ("26-1234", "12000")
        assert [won.name for won in found.winners] == ["Fossés et Fils SARL"]

    def test_the_form_before(self) -> None:
        form = {
            "IDENTITE": {"DENOMINATION": "Ville de X", "MEL": "x@x.example", "CODE_IDENT_NATIONAL": "21030310100018"},
            "OBJET": {
                "TITRE_MARCHE": "Écoles",
                "OBJET_COMPLET": "Construction d'écoles",
                "CPV": {"PRINCIPAL": "45214200"},
                "LOTS": {
                    "LOT": [{"NUM": "1", "INTITULE": "Gros œuvre", "CPV": {"PRINCIPAL": "45223220"}}, {"NUM": "2"}]
                },
                "CARACTERISTIQUES": {"VALEUR": {"@DEVISE": "EUR", "#text": "1200000"}},
            },
            "PROCEDURE": {"TYPE_PROCEDURE": {"APPEL_OFFRE_OUVERT": ""}},
            "CONDITION_DELAI": {"RECEPT_OFFRES": "2026-10-01T16:00:00"},
        }
        found = one(form, datelimitereponse=None)
        assert (found.cpv, found.procedure) == (("45214200", "45223220"), "Appel offre ouvert")
        assert [lot.title for lot in found.lots] == ["Gros œuvre", "Entretien des espaces verts, secteur 2000"]
        assert (str(found.value.amount), found.buyer.id) == ("1200000", "21030310100018")
        assert str(found.deadline) == "2026-10-01 16:00:00+02:00"

    @pytest.mark.parametrize(
        ("decision", "outcome", "names"),
        [
            ({"TITULAIRE": [{"DENOMINATION": "A SA"}, {"DENOMINATION": "Monsieur B"}]}, "awarded", ["A SA"]),
            ({"INFRUCTUEUX": ""}, "unsuccessful", []),
            ({"SANS_SUITE": {}}, "cancelled", []),
        ],
    )
    def test_results_before(self, decision: dict, outcome: str, names: list[str]) -> None:
        found = one({"ATTRIBUTION": {"DECISION": decision}}, nature="ATTRIBUTION")
        assert (found.outcome, [won.name for won in found.winners]) == (outcome, names)
