"""What a text proposes, and that every value of it is quoted from the text."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from app.profiling.places import regions_in
from app.profiling.proposing import MAX_DESCRIPTION, Passage, propose
from tests.support.decks import MORE, TEXT


def test_a_profile_is_drafted_with_its_passages() -> None:
    draft = propose([Passage("page 1", TEXT), Passage("page 2", MORE)])
    assert draft.proposed["description"] == f"{TEXT}\n\n{MORE}"
    assert {"Souss-Massa", "Marrakech-Safi"} == set(draft.proposed["regions"])
    assert draft.proposed["languages"] == ["fr"]
    words = {str(word).casefold() for word in draft.proposed["technologies"]}
    assert words & {"application mobile", "capteurs", "irrigation", "irrigation goutte à goutte", "objets connectés"}
    texts = {"page 1": TEXT, "page 2": MORE}
    for one in draft.evidence:
        assert str(one["quote"]).strip("…") in texts[str(one["place"])]
        assert one["field"] in draft.proposed


def test_arabic_is_read_too() -> None:
    text = (
        "نطوّر تطبيقات الهاتف المحمول ومنصات البيانات للفلاحين في جهة سوس ماسة، ونوفر خدمات الصيانة والدعم لمستخدميها."
    )
    draft = propose([Passage("text", text)])
    assert draft.proposed["languages"] == ["ar"]
    assert draft.proposed["technologies"]


def test_contact_persons_are_cut_out() -> None:
    draft = propose([Passage("text", f"{TEXT} Contact : amina@atlas.example, tél. 06 00 00 00 00.")])
    assert "amina" not in str(draft)
    assert "06 00" not in str(draft)


def test_nothing_is_made_of_nothing() -> None:
    assert propose([]).proposed == {}
    assert propose([Passage("text", "Accueil")]).proposed.get("description") is None


def test_a_long_text_is_cut_at_a_sentence() -> None:
    text = "Nous concevons des tableaux de bord. " * 200
    description = str(propose([Passage("text", text)]).proposed["description"])
    assert len(description) <= MAX_DESCRIPTION
    assert description.endswith(".")


def test_the_longest_name_of_a_place_is_taken_and_common_words_are_none() -> None:
    assert [region for region, _, _ in regions_in("de Tanger-Tétouan-Al Hoceima à الدار البيضاء")] == [
        "Tanger-Tétouan-Al Hoceima",
        "Casablanca-Settat",
    ]
    assert list(regions_in("Nous sommes au centre du village, le jeudi.")) == []


@settings(max_examples=40)
@given(st.lists(st.text(max_size=300), max_size=6))
def test_any_text_can_be_read(texts: list[str]) -> None:
    draft = propose([Passage("text", text) for text in texts])
    assert set(draft.proposed) <= {"description", "technologies", "sectors", "regions", "languages"}
