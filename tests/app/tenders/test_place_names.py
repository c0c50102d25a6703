"""Places in the reader's language: known ones by their usual names, others as they were written."""

from __future__ import annotations

import pytest

from app.kit.i18n import Lang
from app.tenders.place_names import place_in


@pytest.mark.parametrize(
    ("place", "lang", "said"),
    [
        ("Souss-Massa", "ar", "سوس-ماسة"),
        ("Fès-Meknès", "en", "Fez-Meknes"),
        ("Fès-Meknès", "fr", "Fès-Meknès"),
        ("Taroudannt, Souss-Massa", "ar", "تارودانت، سوس-ماسة"),
        ("تارودانت", "fr", "Taroudannt"),
        ("Quartier X,Agadir", "ar", "Quartier X، أكادير"),
        ("Quartier X,Y", "ar", "Quartier X,Y"),
        ("", "ar", ""),
        ("x," * 400, "ar", "x," * 400),
    ],
)
def test_a_place_is_said_as_the_reader_calls_it(place: str, lang: Lang, said: str) -> None:
    assert place_in(place, lang) == said
