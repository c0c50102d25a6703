"""One release to the fields of a tender: written for what publishers really send."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.errors import RecordRejected
from scrapers.ocds_compile import compile_releases
from scrapers.ocds_mapping import tender_fields


def release(tender: dict[str, object] | None = None, **more: object) -> dict[str, object]:
    return {"ocid": "ocds-1-a", "id": "r1", "date": "2026-09-01T02:00:00+01:00", "tag": ["tender"],
            "tender": {"id": "t", "title": "Data platform", **(tender or {})}, **more}  # fmt: skip


class TestFields:
    def test_the_whole_of_a_notice(self) -> None:
        fields = tender_fields(
            release(
                {
                    "description": "What is asked for.",
                    "status": "active",
                    "mainProcurementCategory": "goods",
                    "procurementMethod": "open",
                    "procurementMethodDetails": "Open procedure",
                    "value": {"amount": 400000, "amountGross": 480000, "currency": "GBP"},
                    "tenderPeriod": {"endDate": "2026-10-01T12:00:00+01:00"},
                    "lots": [{"id": 1, "title": "Servers", "value": {"amount": 2e5, "currency": "GBP"}}, {"id": "2"}],
                    "items": [
                        {
                            "relatedLot": "2",
                            "description": "Support",
                            "classification": {"scheme": "CPV", "id": "72000000-5", "description": "IT services"},
                            "additionalClassifications": [
                                {"scheme": "CPV", "id": "03000000"},
                                {"scheme": "UNSPSC", "id": "1"},
                            ],
                            "deliveryAddresses": [
                                {"locality": "Leeds", "region": "UKE42", "countryName": "United Kingdom"}
                            ],
                        }
                    ],
                    "documents": [{"documentType": "tenderNotice", "url": "https://example.org/notice"}],
                    "suitability": {"sme": True},
                },
                buyer={"id": "b1"},
                parties=[{"id": "b1", "name": "A Borough", "roles": ["buyer"], "address": {"country": "FR"}}],
                language="en-GB",
            )
        )
        assert fields["buyer"] == {"id": "b1", "name": "A Borough"}
        assert fields["value"] == {"amount": "400000", "currency": "GBP", "tax_included": False}
        assert fields["category"] == "goods"
        assert fields["procedure"] == "Open procedure"
        assert fields["cpv"] == ["72000000", "03000000"]
        assert fields["place"] == "Leeds, UKE42"
        assert fields["country"] == "GB"
        assert fields["language"] == "en"
        assert fields["url"] == "https://example.org/notice"
        assert fields["sme_suitable"] is True
        assert "reserved_sme" not in fields
        lots = fields["lots"]
        assert isinstance(lots, list)
        assert lots[0] == {"id": "1", "title": "Servers", "value": {"amount": "200000.0", "currency": "GBP"}}
        assert lots[1] == {"id": "2", "title": "IT services; Support", "cpv": ["72000000", "03000000"]}

    @pytest.mark.parametrize("amount", ["1E+9999", " 000x", "NaN", True, {"a": 1}, "12 000", 1e300, "-"])
    def test_an_amount_that_is_none_is_left_unknown_and_named(self, amount: object) -> None:
        fields = tender_fields(release({"value": {"amount": amount, "currency": "GBP"}}))
        assert "value" not in fields
        assert isinstance(fields["unreadable"], list)
        assert fields["unreadable"][0].startswith("tender.value.amount: ")

    @pytest.mark.parametrize("amount", [0, "0.00", " 000", None])
    def test_zero_is_unknown(self, amount: object) -> None:
        fields = tender_fields(release({"value": {"amount": amount}, "minValue": {"amount": 5, "currency": "EUR"}}))
        assert fields["value"] == {"amount": "5", "currency": "EUR"}
        assert "unreadable" not in fields

    @pytest.mark.parametrize(
        ("status", "tags", "expected"),
        [
            ("planned", ["award"], "complete"),
            ("active", ["tender", "tenderCancellation"], "cancelled"),
            ("withdrawn", ["tender"], "withdrawn"),
            ("unsuccessful", ["award"], "unsuccessful"),
            ("active", ["tender"], "active"),
            (None, ["tender"], None),
        ],
    )
    def test_tags_win_over_a_stale_status(self, status: str | None, tags: list[str], expected: str | None) -> None:
        assert tender_fields(release({"status": status}, tag=tags)).get("status") == expected

    def test_supplies_are_goods(self) -> None:
        assert tender_fields(release({"mainProcurementCategory": "supplies"}))["category"] == "goods"

    def test_contracts_finder_lost_its_line_breaks(self) -> None:
        text = "First. rnrn Second. BURNRNX"
        theirs = tender_fields(release({"description": text}, ocid="ocds-b5fd17-1"))
        assert theirs["description"] == "First.\n\nSecond. BURNRNX"
        assert tender_fields(release({"description": text}))["description"] == text

    def test_a_call_for_interest_ends_with_its_milestone(self) -> None:
        planning = {"milestones": [{"dueDate": "2025-04-01T00:00:00Z"}]}
        assert tender_fields(release(tag=["planning"], planning=planning))["deadline"] == "2025-04-01T00:00:00Z"
        assert "deadline" not in tender_fields(release(planning=planning))

    def test_an_unreadable_date_is_left_out_and_named(self) -> None:
        fields = tender_fields(release({"tenderPeriod": {"endDate": "soon"}}))
        assert "deadline" not in fields
        assert str(fields["unreadable"]).startswith("[\"deadline: 'soon'")

    @pytest.mark.parametrize(
        ("broken", "code"),
        [
            ({"id": "r"}, "ocds.no_ocid"),
            ({"ocid": "  ", "tender": {"title": "x"}}, "ocds.no_ocid"),
            ({"ocid": "a"}, "ocds.no_tender"),
            ({"ocid": "a", "tender": [1]}, "ocds.no_tender"),
            ({"ocid": "a", "tender": {"id": "1"}}, "ocds.no_title"),
        ],
    )
    def test_without_identity_or_text_it_is_no_tender(self, broken: dict[str, object], code: str) -> None:
        with pytest.raises(RecordRejected) as refusal:
            tender_fields(broken)
        assert refusal.value.code == code


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=8)
    | st.sampled_from(["CPV", "2026-01-01"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "ocid",
                    "id",
                    "date",
                    "tag",
                    "tender",
                    "title",
                    "buyer",
                    "parties",
                    "items",
                    "lots",
                    "classification",
                    "scheme",
                    "additionalClassifications",
                    "value",
                    "amount",
                    "currency",
                    "documents",
                    "planning",
                    "milestones",
                    "suitability",
                    "sme",
                    "tenderPeriod",
                    "endDate",
                    "address",
                    "country",
                    "deliveryAddresses",
                    "roles",
                    "awards",
                ]
            ),
            inner,
            max_size=6,
        )
    ),
    max_leaves=30,
)


@given(
    st.dictionaries(
        st.sampled_from(["tender", "buyer", "parties", "awards", "planning", "tag", "date", "language"]), JSON
    )
)
def test_any_json_is_mapped_or_refused(parts: dict[str, object]) -> None:
    whole = {"ocid": "ocds-1-a", **parts}
    tender = whole.get("tender")
    if isinstance(tender, dict):
        tender["title"] = "x"
    try:
        fields = tender_fields(whole)
    except RecordRejected:
        assert not isinstance(tender, dict) or not tender
    else:
        assert fields["id"] == "ocds-1-a"


@given(st.lists(JSON.filter(lambda value: isinstance(value, dict)), min_size=2, max_size=4))
def test_any_releases_are_compiled_or_refused(found: list[dict[str, object]]) -> None:
    releases = [
        {**body, "ocid": "a", "id": str(n), "date": f"2026-01-0{n + 1}T00:00:00Z"} for n, body in enumerate(found)
    ]
    try:
        compiled = compile_releases(releases)
    except RecordRejected:
        return
    assert compiled.release["ocid"] == "a"


class TestCompile:
    def test_a_later_release_speaks_only_of_what_it_changes(self) -> None:
        update = {"ocid": "ocds-1-a", "id": "r2", "date": "2026-09-02T00:00:00Z", "tag": ["tenderUpdate"],
                  "tender": {"id": "t", "tenderPeriod": {"endDate": "2026-10-08T12:00:00+01:00"}, "status": None}}  # fmt: skip
        compiled = compile_releases([update, release({"status": "active"})])
        fields = tender_fields(compiled.release, published=compiled.published, tags=compiled.tags)
        assert fields["title"] == "Data platform"
        assert fields["deadline"] == "2026-10-08T12:00:00+01:00"
        assert fields["published"] == "2026-09-01T02:00:00+01:00"
        assert fields["release_id"] == "r2"
        assert "status" not in fields

    def test_instants_are_compared_not_their_spelling(self) -> None:
        first = release({"title": "First"}, date="2026-09-01T10:00:00+05:00")
        second = release({"title": "Second"}, id="r2", date="2026-09-01T09:00:00+01:00")
        compiled = compile_releases([second, first])
        assert tender_fields(compiled.release)["title"] == "Second"
        assert compiled.published == "2026-09-01T10:00:00+05:00"

    def test_the_same_release_twice_counts_once(self) -> None:
        compiled = compile_releases([release(), release()])
        assert compiled.release["id"] == "r1"

    @pytest.mark.parametrize(
        ("second", "code"),
        [
            (release({"title": "Other"}), "ocds.no_order"),
            (release(id="r2", date=None), "ocds.no_order"),
            (release(id="r2", date="soon"), "ocds.no_order"),
        ],
    )
    def test_releases_without_an_order_are_refused(self, second: dict[str, object], code: str) -> None:
        with pytest.raises(RecordRejected) as refusal:
            compile_releases([release(), second])
        assert refusal.value.code == code
