"""eForms notices: kinds, identities, changes, languages, and what is not guessed."""

from __future__ import annotations

import pytest

from scrapers.errors import SourceChanged
from scrapers.payload import Bundle, Payload
from scrapers.records import AwardRecord, TenderRecord
from scrapers.sources.ted import Ted
from scrapers.ted_codes import FORMS
from tests.support.ted_notices import NOTICE, PROCEDURE, changed, eforms, lot, organisation

ROOTS = {"planning": "PriorInformationNotice", "competition": "ContractNotice"}


def read(body: bytes, **context: str) -> list[object]:
    return list(Ted().parse(Bundle((Payload(source="ted", kind="notice", body=body, context=context),))))


def tender(body: bytes, **context: str) -> TenderRecord:
    found = read(body, **context)[0]
    assert isinstance(found, TenderRecord), found
    return found


def extra(body: bytes) -> dict[str, object]:
    return tender(body).model_extra or {}


class TestCall:
    def test_what_a_call_says(self) -> None:
        call = tender(eforms())
        assert (call.id, call.title, call.description) == (PROCEDURE, "Maintenance du parc", "Entretien de serveurs.")
        assert call.buyer is not None
        assert (call.buyer.id, call.buyer.name) == ("123 456", "Ville d'Exemple")
        assert (call.category, call.procedure, call.language) == ("services", "open", "fr")
        assert call.value is not None
        assert (str(call.value.amount), call.value.currency) == ("250000", "EUR")
        assert str(call.published) == "2026-11-02"
        assert call.url == "https://ted.europa.eu/en/notice/-/detail/123456-2026"
        told = call.model_extra or {}
        assert (told["status"], told["procedure_id"], told["reference"]) == ("active", PROCEDURE, "AO-12/2026")
        assert (told["notice_id"], told["publication_number"]) == (f"{NOTICE}-01", "123456-2026")

    def test_a_french_buyer_and_work_in_morocco(self) -> None:
        call = tender(eforms())
        assert (call.country, call.place, extra(eforms())["buyer_country"]) == ("MA", "Rabat", "FR")

    def test_contact_persons_are_nowhere(self) -> None:
        text = tender(eforms()).model_dump_json().casefold()
        assert "jeanne" not in text
        assert "99 00" not in text

    @pytest.mark.parametrize(("kind", "form"), FORMS.items())
    def test_every_kind_of_notice(self, kind: str, form: str) -> None:
        found = tender(eforms(kind, root=ROOTS.get(form, "ContractAwardNotice")))
        told = found.model_extra or {}
        assert told.get("status") == {"planning": "planned", "competition": "active"}.get(form)
        assert (told["notice_type"], told["form_type"]) == (kind, form)
        assert told.get("delta", False) is (form not in ROOTS)
        assert found.id == (NOTICE if form == "planning" else PROCEDURE), "a plan is no version of its call"

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (eforms("letter"), "ted.unknown_type"),
            (eforms("brin-eeig"), "ted.unknown_type"),
            (eforms(titles={"FRA": " "}, lots=""), "ted.no_title"),
            (
                (
                    b'<B:BusinessRegistrationInformationNotice xmlns:B="http://data.europa.eu/p27/eforms-business-'
                    b'registration-information-notice/1"/>'
                ),
                "ted.no_procurement",
            ),
        ],
    )
    def test_what_is_refused(self, body: bytes, code: str) -> None:
        assert [found.code for found in read(body)] == [code]  # type: ignore[attr-defined]

    @pytest.mark.parametrize(
        "body",
        [
            b"<ContractNotice/>",
            b'<a xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"/>',
            eforms().replace(b"<cbc:NoticeTypeCode>cn-standard</cbc:NoticeTypeCode>", b""),
            eforms().replace(f'<cbc:ID schemeName="notice-id">{NOTICE}</cbc:ID>'.encode(), b""),
            eforms()[:900],
            b'<!DOCTYPE a [<!ENTITY b "c">]><ContractNotice>&b;</ContractNotice>',
        ],
    )
    def test_what_is_no_notice(self, body: bytes) -> None:
        with pytest.raises(SourceChanged):
            read(body)

    def test_a_notice_that_is_not_published_yet(self) -> None:
        draft = tender(eforms(number=""))
        assert (draft.published, draft.url) == (None, None)
        assert (draft.model_extra or {})["dispatched"] == "2026-10-30"


class TestChanges:
    def test_a_change_is_a_version_of_the_same_call(self) -> None:
        new = eforms(notice="b" * 8 + NOTICE[8:], extension=changed("update-add"))
        assert tender(new).id == tender(eforms()).id
        told = extra(new)
        assert (told["changed_notice"], told["change_reason"]) == (f"{NOTICE}-01", "update-add")
        assert (told["status"], told["change_text"]) == ("active", "Un motif.")

    def test_a_cancelled_call(self) -> None:
        assert extra(eforms(extension=changed("cancel")))["status"] == "cancelled"

    def test_one_that_may_be_cancelled_is_still_open(self) -> None:
        assert extra(eforms(extension=changed("cancel-intent")))["status"] == "active"

    def test_a_changed_plan_keeps_the_identity_of_the_first(self) -> None:
        new = eforms("pin-only", root="PriorInformationNotice", notice="c" * 8 + NOTICE[8:], procedure="",
                     extension=changed("cor-buy"))  # fmt: skip
        assert tender(new).id == NOTICE

    def test_earlier_notices_are_named_and_not_joined(self) -> None:
        before = "<cac:NoticeDocumentReference><cbc:ID>99-2025</cbc:ID></cac:NoticeDocumentReference>"
        assert extra(eforms(lots=lot(process=before)))["previous_notices"] == ["99-2025"]


class TestLanguages:
    def test_all_titles_are_kept_and_the_official_language_is_chosen(self) -> None:
        body = eforms(titles={"ENG": "Upkeep", "FRA": "Entretien", "NLD": "Onderhoud"}, language="NLD")
        call = tender(body)
        assert (call.title, call.language) == ("Onderhoud", "nl")
        assert extra(body)["titles"] == {"en": "Upkeep", "fr": "Entretien", "nl": "Onderhoud"}

    def test_a_title_in_another_than_the_official_language(self) -> None:
        assert tender(eforms(titles={"DEU": "Wartung"}, language="FRA")).title == "Wartung"

    def test_a_second_official_language(self) -> None:
        more = "<cac:AdditionalNoticeLanguage><cbc:ID>DEU</cbc:ID></cac:AdditionalNoticeLanguage>"
        body = eforms(titles={"ENG": "Upkeep", "DEU": "Wartung"}, language="FRA", more=more)
        assert tender(body).title == "Wartung"


class TestBuyers:
    def test_several_buyers(self) -> None:
        two = organisation("ORG-0001", "Ville A") + organisation("ORG-0002", "Ville B", country="MAR")
        second = (
            b"<cac:ContractingParty><cac:Party><cac:PartyIdentification><cbc:ID>ORG-0002</cbc:ID>"
            b"</cac:PartyIdentification></cac:Party></cac:ContractingParty><cac:TenderingProcess>"
        )
        body = eforms(organisations=two).replace(b"<cac:TenderingProcess>", second, 1)
        # The first TenderingProcess of the document is that of the procedure.
        assert extra(body)["buyers"] == ["Ville A", "Ville B"]

    @pytest.mark.parametrize("number", ["not available", "N/A", "-", ""])
    def test_a_number_that_is_none(self, number: str) -> None:
        buyer = tender(eforms(organisations=organisation("ORG-0001", "Ville", number=number))).buyer
        assert buyer is not None
        assert buyer.id is None

    def test_an_unknown_reference(self) -> None:
        assert tender(eforms(organisations=organisation("ORG-0007", "Autre"))).buyer is None


class TestRecords:
    def test_a_call_gives_no_award(self) -> None:
        assert not [found for found in read(eforms()) if isinstance(found, AwardRecord)]

    def test_what_stands_beside_counts_where_the_notice_does_not_say(self) -> None:
        found = tender(eforms(number=""), publication_number="7-2026", publication_date="2026-11-03+01:00")
        assert (str(found.published), found.url) == ("2026-11-03", "https://ted.europa.eu/en/notice/-/detail/7-2026")

    def test_a_comment_inside_a_text_is_no_end_of_it(self) -> None:
        body = eforms(titles={"FRA": "Entretien <!-- BT-21 -->des serveurs"})
        assert tender(body).title == "Entretien des serveurs"
