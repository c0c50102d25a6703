"""Lots of eForms notices: deadlines with their offsets, values, and who may take part."""

from __future__ import annotations

import pytest

from tests.scrapers.test_eforms_notice import extra, tender
from tests.support.ted_notices import eforms, in_extension, lot, organisation, period

TENDERS, REQUESTS = "cac:TenderSubmissionDeadlinePeriod", "cac:ParticipationRequestReceptionPeriod"
INTEREST = in_extension(period("efac:InterestExpressionReceptionPeriod", "2026-11-10Z", "08:00:00Z"))


def first_lot(body: bytes) -> dict[str, object]:
    return tender(body).lots[0].model_dump()


class TestDeadline:
    def test_day_and_hour_with_their_offsets(self) -> None:
        call = tender(eforms())
        assert call.deadline is not None
        assert call.deadline.isoformat() == "2026-12-01T12:00:00+01:00"
        assert call.deadline_basis == "offset"
        assert (call.model_extra or {})["deadline_text"] == "2026-12-01+01:00 12:00:00+01:00"
        assert (call.model_extra or {})["deadline_for"] == "tenders"

    def test_the_offset_of_the_hour_counts(self) -> None:
        call = tender(eforms(lots=lot(process=period(TENDERS, "2026-12-01+01:00", "12:00:00Z"))))
        assert call.deadline is not None
        assert call.deadline.isoformat() == "2026-12-01T12:00:00+00:00"

    def test_a_day_alone_is_its_end_and_marked(self) -> None:
        call = tender(eforms(lots=lot(process=period(TENDERS, "2026-12-01+01:00"))))
        assert call.deadline is not None
        assert (call.deadline.isoformat(), call.deadline_basis) == ("2026-12-01T23:59:59+01:00", "day")

    def test_without_an_offset_it_is_the_buyers_clock_never_utc(self) -> None:
        body = eforms(lots=lot(process=period(TENDERS, "2026-07-01", "12:00:00")))
        call = tender(body)
        assert call.deadline is not None
        assert (call.deadline.isoformat(), call.deadline_basis) == ("2026-07-01T12:00:00+02:00", "zone")
        nowhere = eforms(organisations=organisation("ORG-0001", "Board", country="USA"),
                         lots=lot(process=period(TENDERS, "2026-07-01", "12:00:00")))  # fmt: skip
        assert tender(nowhere).deadline is None
        assert "deadline" in str(extra(nowhere)["unreadable"])

    @pytest.mark.parametrize(("day", "time"), [("2026-13-01", "10:00:00Z"), ("soon", ""), ("2026-12-01Z", "25:00:00Z"),
                                               ("2026-12-01Z", "noon")])  # fmt: skip
    def test_what_is_no_time_is_named(self, day: str, time: str) -> None:
        body = eforms(lots=lot(process=period(TENDERS, day, time)))
        assert tender(body).deadline is None
        assert "deadline" in str(extra(body)["unreadable"])

    def test_one_that_is_kept_back_is_unknown(self) -> None:
        body = eforms(lots=lot(process=period(TENDERS, "1970-01-01Z")))
        assert tender(body).deadline is None
        assert "unreadable" not in extra(body)

    @pytest.mark.parametrize(
        ("process", "kind", "hour"),
        [
            (period(REQUESTS, "2026-11-20Z", "09:00:00Z") + period(TENDERS, "2026-12-20Z", "09:00:00Z"), "requests", 9),
            (INTEREST + period(REQUESTS, "2026-11-20Z", "09:00:00Z"), "expressions", 8),
        ],
    )
    def test_the_first_step_counts(self, process: str, kind: str, hour: int) -> None:
        body = eforms(lots=lot(process=process))
        assert tender(body).deadline.hour == hour  # type: ignore[union-attr]
        assert extra(body)["deadline_for"] == kind

    def test_the_call_is_open_as_long_as_a_lot_is(self) -> None:
        lots = lot("LOT-1", process=period(TENDERS, "2026-12-01+02:00", "23:30:00+02:00")) + lot(
            "LOT-2", process=period(TENDERS, "2026-12-01Z", "22:00:00Z")
        )
        call = tender(eforms(lots=lots))
        assert call.deadline.isoformat() == "2026-12-01T22:00:00+00:00"  # type: ignore[union-attr]
        assert (call.model_extra or {})["deadlines_differ"] is True
        assert [one.model_dump()["deadline"] for one in call.lots] == [
            "2026-12-01T23:30:00+02:00", "2026-12-01T22:00:00+00:00",
        ]  # fmt: skip


class TestValue:
    def test_one_lot_lends_its_value_and_several_are_not_added_up(self) -> None:
        assert str(tender(eforms(value="", lots=lot(value="700.5"))).value.amount) == "700.5"  # type: ignore[union-attr]
        assert tender(eforms(value="", lots=lot("A", value="7") + lot("B", value="8"))).value is None

    @pytest.mark.parametrize("written", ["0", "0.00", "-1", " "])
    def test_what_is_unknown(self, written: str) -> None:
        assert tender(eforms(value=written)).value is None
        assert "unreadable" not in extra(eforms(value=written))

    @pytest.mark.parametrize("written", ["1e9", "NaN", "1_000", "12,50", "many", "9" * 40, "١٢"])
    def test_what_is_no_amount_is_named_and_nothing_else_is_lost(self, written: str) -> None:
        body = eforms(value=written)
        assert tender(body).value is None
        assert "value" in str(extra(body)["unreadable"])

    def test_an_amount_smaller_than_any_money(self) -> None:
        assert tender(eforms(value="0.00001")).value is None


class TestConditions:
    def test_what_a_lot_says(self) -> None:
        terms = (
            '<cbc:FundingProgramCode listName="eu-funded">eu-funds</cbc:FundingProgramCode>'
            '<cac:RequiredFinancialGuarantee><cbc:GuaranteeTypeCode>true</cbc:GuaranteeTypeCode><cbc:Description '
            'languageID="FRA">Caution de 2 %</cbc:Description></cac:RequiredFinancialGuarantee>'
            "<cac:CallForTendersDocumentReference><cbc:DocumentType>non-restricted-document</cbc:DocumentType>"
            "<cac:Attachment><cac:ExternalReference><cbc:URI>https://docs.example/1</cbc:URI></cac:ExternalReference>"
            "</cac:Attachment></cac:CallForTendersDocumentReference>"
            "<cac:TendererQualificationRequest><cac:SpecificTendererRequirement><cbc:TendererRequirementTypeCode "
            'listName="reserved-procurement">res-ws</cbc:TendererRequirementTypeCode></cac:SpecificTendererRequirement>'
            "</cac:TendererQualificationRequest>"
        )  # fmt: skip
        body = eforms(lots=lot(terms=terms, more="<cbc:SMESuitableIndicator>true</cbc:SMESuitableIndicator>"))
        for told in (first_lot(body), extra(body)):
            assert (told["guarantee_required"], told["guarantee"]) == (True, "Caution de 2 %")
            assert (told["documents"], told["reserved"]) == (["https://docs.example/1"], ["res-ws"])
            assert (told["eu_funds"], told["sme_suitable"]) == (True, True)
            assert told["submission_languages"] == ["fr"]
        assert tender(body).reserved_sme is None, (
            "neither sheltered workshops nor suitability reserve it for small firms"
        )

    def test_the_lots_tell_the_country_where_the_notice_does_not(self) -> None:
        whole = eforms()
        place = b"<cac:Country><cbc:IdentificationCode>MAR</cbc:IdentificationCode></cac:Country>"
        assert tender(whole.replace(place, b"", 1)).country == "MA"
        assert tender(whole.replace(place, b"")).country == "FR", "the buyer's"
        assert first_lot(whole)["country"] == "MA"

    def test_groups_of_lots_are_no_lots_and_parts_of_a_plan_are(self) -> None:
        lots = lot("GLO-1", scheme="LotsGroup") + lot("LOT-1") + lot("PAR-1", scheme="Part")
        assert [one.id for one in tender(eforms(lots=lots)).lots] == ["LOT-1", "PAR-1"]

    def test_a_lot_without_a_title_takes_that_of_the_notice(self) -> None:
        assert tender(eforms(lots=lot(title=""))).lots[0].title == "Maintenance du parc"

    def test_a_code_that_is_none_is_named(self) -> None:
        body = eforms().replace(b">72000000<", b">7200<", 1)
        assert tender(body).cpv == ("72000000",)
        assert "cpv" in str(extra(body)["unreadable"])
