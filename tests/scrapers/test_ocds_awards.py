"""Awards of a release: each supplier once, amounts with what is known of their tax."""

from __future__ import annotations

import pytest

from scrapers.ocds_awards import award_fields


def awards(**award: object) -> list[dict[str, object]]:
    return list(award_fields({"ocid": "ocds-1-a", "tender": {"title": "Pumps"}, "awards": [{"id": "1", **award}]}))


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ({"amount": 100, "currency": "GBP"}, {"amount": "100", "currency": "GBP"}),
        (
            {"amount": 100, "amountGross": 120, "currency": "GBP"},
            {"amount": "100", "currency": "GBP", "tax_included": False},
        ),
        ({"amountGross": 120.5, "currency": "gbp"}, {"amount": "120.5", "currency": "GBP", "tax_included": True}),
        ({"amount": 0, "amountGross": 0, "currency": "GBP"}, None),
        ({"amount": "1e9999", "currency": "GBP"}, None),
        ({"amount": True, "currency": "GBP"}, None),
        ({"amount": 5}, None),
    ],
)
def test_amounts(written: dict[str, object], value: dict[str, object] | None) -> None:
    assert awards(value=written)[0].get("value") == value


def test_a_supplier_without_an_id_that_stands_twice_won_once() -> None:
    supplier = {"name": "Pumps SARL", "identifier": {"scheme": "MA-ICE", "id": "001"}, "address": {"country": "MA"}}
    (found,) = awards(suppliers=[supplier, dict(supplier), {"name": "Others SA"}, "odd"])
    assert found["winners"] == [
        {"id": "MA-ICE-001", "name": "Pumps SARL", "country": "MA"},
        {"name": "Others SA"},
    ]
