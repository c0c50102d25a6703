"""Places: names and codes, and the regions above them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.places import place_words


@pytest.mark.parametrize(
    ("country", "place", "words"),
    [
        ("FR", "69123", {"69123", "69", "fr-ara"}),
        ("FR", "Lyon (69)", {"lyon", "69", "fr-ara"}),
        ("FR", "FRK26", {"frk26", "frk2", "frk", "fr-ara"}),
        ("fr", "2A", {"2a", "fr-cor"}),
        ("FR", "FR", {"fr"}),
        ("MA", "Fès-Meknès", {"fes", "meknes", "ma-03"}),
        ("MA", "SALÉ", {"sale", "ma-04"}),
        ("BE", "69", {"69"}),
        (None, "Rabat", {"rabat"}),
        ("MA", None, set()),
    ],
)
def test_a_place_has_itself_and_what_it_lies_in(country: str | None, place: str | None, words: set[str]) -> None:
    assert set(place_words(country, place)) == words


def test_two_departments_of_one_region_have_it_in_common() -> None:
    assert set(place_words("FR", "69")) & set(place_words("FR", "38000")) == {"fr-ara"}


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_a_place(country: str, place: str) -> None:
    assert all(place_words(country, place))
