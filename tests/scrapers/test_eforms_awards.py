"""Results of eForms notices: who won which lot, for how much, and why nobody did."""

from __future__ import annotations

import pytest

from scrapers.records import AwardRecord
from tests.scrapers.test_eforms_notice import read
from tests.support.ted_notices import (
    NOTICE,
    PROCEDURE,
    changed,
    contract,
    eforms,
    lot,
    lot_result,
    organisation,
    tender,
)  # fmt: skip

WINNERS = organisation("ORG-0001", "Ville d'Exemple") + organisation("ORG-0002", "Alpha SARL", number="111") + (
    organisation("ORG-0003", "Beta SA", country="MAR", number="222",
                 more="<efbc:CompanySizeCode>small</efbc:CompanySizeCode>")
)  # fmt: skip


def result(inside: str, kind: str = "can-standard", extension: str = "", **more: str) -> list[object]:
    whole = f"<efac:NoticeResult>{inside}</efac:NoticeResult>{extension}"
    given = {"organisations": WINNERS, "lots": lot() + lot("LOT-0002", "Postes"), **more}
    return read(eforms(kind, root="ContractAwardNotice", extension=whole, **given))  # type: ignore[arg-type]


def awards(found: list[object]) -> list[AwardRecord]:
    return [one for one in found if isinstance(one, AwardRecord)]


def status(found: list[object]) -> object:
    return found[0].model_extra.get("status")  # type: ignore[attr-defined]


TWO_LOTS = (
    lot_result("LOT-0001", tenders=("T1", "T2"), contracts=("C1",))
    + lot_result("LOT-0002", tenders=("T3",), contracts=("C2",))
    + tender("T1", "ORG-0002", value="95414.50") + tender("T2", "ORG-0003") + tender("T3", "ORG-0002", "ORG-0003")
    + contract("C1", "T1") + contract("C2", "T3")
)  # fmt: skip


class TestWinners:
    def test_a_lot_is_won_by_the_tender_of_its_contract(self) -> None:
        one, two = awards(result(TWO_LOTS))
        assert (one.lot_id, one.tender_id, one.outcome, one.offers) == ("LOT-0001", PROCEDURE, "awarded", 3)
        assert [(each.id, each.name, each.country) for each in one.winners] == [("111", "Alpha SARL", "FR")]
        assert one.value is not None
        assert (str(one.value.amount), one.value.currency) == ("95414.5", "EUR")
        assert (str(one.date), one.title, one.country) == ("2026-10-01", "Serveurs", "MA")
        assert (one.model_extra or {})["winners_by"] == "contract"
        assert [each.name for each in two.winners] == ["Alpha SARL", "Beta SA"], "together, for one value"
        assert {one.id, two.id} == {f"{NOTICE}/LOT-0001/T1", f"{NOTICE}/LOT-0002/T3"}

    def test_the_call_is_complete_and_its_other_fields_are_not_gone(self) -> None:
        call = result(TWO_LOTS)[0]
        assert call.id == PROCEDURE  # type: ignore[attr-defined]
        assert call.model_extra["delta"] is True  # type: ignore[attr-defined]
        assert call.published is None, "that is when the result came out"  # type: ignore[attr-defined]
        assert call.model_extra["notice_published"] == "2026-11-02+01:00"  # type: ignore[attr-defined]
        assert status(result(TWO_LOTS)) == "complete"

    def test_without_a_contract_the_first_rank_wins(self) -> None:
        inside = lot_result("LOT-0001", tenders=("T1", "T2")) + tender("T1", "ORG-0002", rank="2")
        (one,) = awards(result(inside + tender("T2", "ORG-0003", rank="1")))
        assert [each.name for each in one.winners] == ["Beta SA"]
        assert (one.model_extra or {})["winners_by"] == "rank"

    def test_without_either_it_shows_that_all_were_taken(self) -> None:
        inside = lot_result("LOT-0001", tenders=("T1", "T2")) + tender("T1", "ORG-0002") + tender("T2", "ORG-0003")
        assert {(one.model_extra or {})["winners_by"] for one in awards(result(inside))} == {"list"}

    def test_a_framework_has_several_winners_each_with_its_value(self) -> None:
        inside = (
            lot_result("LOT-0001", tenders=("T1", "T2"), contracts=("C1",)) + tender("T1", "ORG-0002", value="1")
            + tender("T2", "ORG-0003", value="2") + contract("C1", "T1", "T2")
        )  # fmt: skip
        assert [str(one.value.amount) for one in awards(result(inside))] == ["1", "2"]  # type: ignore[union-attr]

    def test_what_is_kept_back_is_unknown(self) -> None:
        inside = lot_result("LOT-0001", tenders=("T1",)) + tender("T1", "ORG-0002", value="-1")
        hidden = WINNERS.replace("Alpha SARL", "unpublished").replace(">111<", ">unpublished<")
        (one,) = awards(result(inside + contract("C1", "T1", date="1970-01-01Z"), organisations=hidden))
        assert (one.value, one.winners, one.date) == (None, (), None)

    def test_the_total_is_the_value_of_the_only_award(self) -> None:
        inside = '<cbc:TotalAmount currencyID="EUR">350</cbc:TotalAmount>' + lot_result("LOT-0001", tenders=("T1",))
        (one,) = awards(result(inside + tender("T1", "ORG-0002", value="0")))
        assert str(one.value.amount) == "350"  # type: ignore[union-attr]
        assert (one.model_extra or {})["value_by"] == "notice"


class TestNobody:
    @pytest.mark.parametrize(
        ("reason", "outcome"), [("no-rece", "unsuccessful"), ("ins-fund", "cancelled"), ("odd", "unsuccessful")]
    )
    def test_why_nobody_won(self, reason: str, outcome: str) -> None:
        why = f"<efac:DecisionReason><efbc:DecisionReasonCode>{reason}</efbc:DecisionReasonCode></efac:DecisionReason>"
        found = result(lot_result("LOT-0001", "clos-nw", more=why))
        (one,) = awards(found)
        assert (one.outcome, one.winners, (one.model_extra or {})["reason"]) == (outcome, (), reason)
        assert status(found) == outcome

    def test_a_lot_that_is_still_open_is_no_result(self) -> None:
        found = result(lot_result("LOT-0001", "open-nw"))
        assert awards(found) == []
        assert status(found) is None

    def test_a_notice_without_results(self) -> None:
        found = read(eforms("can-standard", root="ContractAwardNotice"))
        assert awards(found) == []
        assert status(found) is None


class TestOtherResults:
    def test_a_modification_names_what_it_modifies(self) -> None:
        more = (
            "<efac:ContractModification><efbc:ChangedNoticeIdentifier>77-2025</efbc:ChangedNoticeIdentifier>"
            "</efac:ContractModification>"
        )
        (one, _) = awards(result(TWO_LOTS, "can-modif", more))
        assert (one.model_extra or {})["modified_notices"] == ["77-2025"]
        assert (one.model_extra or {})["form_type"] == "cont-modif"

    def test_a_changed_result_keeps_the_identity_of_the_first(self) -> None:
        new = result(TWO_LOTS, extension=changed("cor-buy"), notice="d" * 8 + NOTICE[8:])
        assert [one.id for one in awards(new)] == [one.id for one in awards(result(TWO_LOTS))]

    def test_a_cancelled_result_cancels_its_awards_and_not_the_call(self) -> None:
        found = result(TWO_LOTS, extension=changed("cancel"))
        assert {one.outcome for one in awards(found)} == {"cancelled"}
        assert status(found) is None

    def test_an_announced_direct_award_says_so(self) -> None:
        inside = lot_result("LOT-0001", tenders=("T1",), contracts=("C1",)).replace(
            "<cbc:TenderResultCode>selec-w</cbc:TenderResultCode>", ""
        )
        (one,) = awards(result(inside + tender("T1", "ORG-0002") + contract("C1", "T1"), "veat"))
        assert (one.model_extra or {})["form_type"] == "dir-awa-pre"
