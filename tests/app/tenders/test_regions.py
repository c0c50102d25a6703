"""The region of a place: told from a name, never guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tenders.regions import places_of, region_of, regions

SOUSS, RABAT, TANGER = "Souss-Massa", "Rabat-Salé-Kénitra", "Tanger-Tétouan-Al Hoceima"


@pytest.mark.parametrize(
    ("place", "region"),
    [
        ("RABAT", RABAT),
        ("Kénitra", RABAT),
        ("مدينة الرباط", RABAT),
        ("إقليم تازة", "Fès-Meknès"),
        ("جهة سوس-ماسة", SOUSS),
        ("Wilaya d'Agadir Ida Outanane", SOUSS),
        ("Province de Sidi Kacem", RABAT),
        ("MDIQ-FNIDEQ", TANGER),
        ("casablanca settat", "Casablanca-Settat"),
        ("RABAT, SALE", RABAT),
        ("TAN-TAN ... TAN-TAN", "Guelmim-Oued Noun"),
        ("Bd Mohammed V, Mohammadia", "Casablanca-Settat"),
    ],
)
def test_a_region_province_or_commune_is_known_in_both_languages(place: str, region: str) -> None:
    assert region_of(place, "MA") == region


@pytest.mark.parametrize("place", ["RABAT, FES", "Ajdir", "MAROC", "Cassablanca", "", "   ", "Paris"])
def test_several_regions_a_name_of_two_a_typo_and_a_foreign_town_stay_unknown(place: str) -> None:
    assert region_of(place, "MA") is None


def test_a_place_abroad_has_no_moroccan_region_and_one_without_a_country_is_at_home() -> None:
    assert region_of("Rabat", "MT") is None  # there is one on Gozo
    assert region_of("Rabat", None) == RABAT


@given(st.text(max_size=80))
def test_any_text_is_read(place: str) -> None:
    assert region_of(place, "MA") is None or isinstance(region_of(place, "MA"), str)


def test_a_region_stands_for_its_places_and_each_of_them_for_it() -> None:
    names = [region.name_fr for region in regions()]
    assert (len(names), names[8]) == (12, "Souss-Massa")
    for name in names:
        assert name in places_of(name)
        assert {region_of(place, "MA") for place in places_of(name)} == {name}
    assert {"Agadir", "أكادير"} & places_of("Souss-Massa")
    assert places_of("Atlantis") == {"Atlantis"}
