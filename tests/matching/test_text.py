"""The analyser: three languages, every kind of bad text, and places that are true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.stemming import Lang, light, stem
from matching.text import MAX_CHARS, MAX_TOKENS, analyse, fold


def keys(text: str, hint: str | None = None) -> list[str]:
    return [token.key for token in analyse(text, hint) if not token.weak]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sécurité des réseaux", "SECURITE DES RESEAUX"),
        ("l’installation d'équipements", "installation équipement"),
        ("ﬁnancement", "financement"),
        ("réseau", "re\u0301seau"),
        ("cybersé\u00adcurité", "cybersécurité"),
        ("المعلوميات", "معلوميات"),
        ("والصيانة", "صيانة"),
        ("لِلصِّيَانَةِ", "الصيانه"),
        ("أنظمة", "انظمه"),
        ("الـــعتاد", "العتاد"),
        ("\u202bالشبكة\u202c", "شبكة"),
        ("the networks", "network"),
    ],
)
def test_two_spellings_give_the_same_keys(one: str, other: str) -> None:
    assert keys(one, "en" if "network" in one else None) == keys(other, "en" if "network" in other else None) != []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "de la du",
        "2026 12 ٢٠٢٦",
        "a b c",
        "Lot unique : appel d'offres",
        "😀🚀",
        "\x00\x01",
        "x" * 100,
        "في من على",
    ],
)
def test_nothing_that_says_nothing_is_kept(text: str) -> None:
    assert keys(text) == []


def test_an_acronym_is_kept_whole_even_if_it_spells_a_stop_word() -> None:
    assert [t.acronym for t in analyse("Mise à niveau du SI et du S.I.G. de la commune")] == [
        None,
        None,
        "SI",
        "SIG",
        None,
    ]
    assert "si" not in keys("Et si la commune change")


def test_capitals_in_a_shouted_title_make_no_acronym() -> None:
    assert keys("ACHAT DE MATERIEL DE BUREAU") == keys("achat de matériel de bureau")


def test_the_language_is_decided_for_each_sentence() -> None:
    text = "Nous développons des logiciels pour les communes. We provide training for the farmers. صيانة الشبكات."
    by_lang = {token.folded: token.lang for token in analyse(text)}
    assert by_lang["logiciels"] == "fr"
    assert by_lang["training"] == by_lang["farmers"] == "en"
    assert by_lang["صيانه"] == "ar"


def test_names_of_technologies_stay_apart_from_words() -> None:
    assert {"c++", "c#", ".net", "4g"} <= set(keys("Développeurs C++, C# et .NET, réseaux 4G"))


def test_punctuation_breaks_a_phrase() -> None:
    assert [token.breaks for token in analyse("maintenance, réseau informatique")] == [False, True, False]
    assert [token.breaks for token in analyse("maintenance (de) réseau")] == [False, True]


def test_two_megabytes_are_read_to_a_limit() -> None:
    tokens = analyse("réseaux informatiques et câblage " * 70_000)
    assert len(tokens) <= MAX_TOKENS
    assert tokens[-1].end <= MAX_CHARS


@given(st.text(max_size=400))
def test_any_text_gives_tokens_that_stand_where_they_say(text: str) -> None:
    end = 0
    for token in analyse(text):
        assert end <= token.start < token.end <= len(text)
        assert token.key
        assert fold(text[token.start : token.end]).replace(".", "") == token.folded.replace(".", "")
        end = token.end


@given(st.text(alphabet=st.characters(categories=["L", "M", "Nd"]), min_size=1, max_size=20))
def test_folding_is_final(word: str) -> None:
    assert fold(fold(word)) == fold(word)


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي", min_size=1, max_size=12))
def test_an_arabic_stem_is_never_empty(word: str) -> None:
    assert stem(fold(word), "ar")


@pytest.mark.parametrize(
    ("one", "other", "lang"),
    [
        ("réseaux", "réseau", "fr"),
        ("nationaux", "national", "fr"),
        ("créées", "créé", "fr"),
        ("professionnelles", "professionnel", "fr"),
        ("batteries", "battery", "en"),
        ("switches", "switch", "en"),
        ("الشبكات", "شبكة", "ar"),
        ("والمعلوماتية", "معلوماتي", "ar"),
    ],
)
def test_light_keys_forget_number_and_gender(one: str, other: str, lang: Lang) -> None:
    assert light(fold(one), lang) == light(fold(other), lang)


@pytest.mark.parametrize(
    ("one", "other"),
    [("lotissement", "lot"), ("communication", "commune"), ("portable", "portail"), ("gestion", "geste")],
)
def test_light_keys_keep_different_words_apart(one: str, other: str) -> None:
    assert light(fold(one), "fr") != light(fold(other), "fr")


def test_an_arabic_proclitic_is_a_second_reading() -> None:
    (token,) = analyse("بصيانة")
    assert token.second == analyse("الصيانة")[0].form
    assert analyse("الصيانة")[0].second is None


def test_a_word_of_a_hundred_thousand_marks_is_folded_at_once() -> None:
    # Ordered as Unicode asks for, these would take minutes with the interpreter's lock held: the test would time out.
    assert fold("e" + "\u0315\u0300" * 100_000) == "e"
    assert fold("a" * 300 + "\u0301" + "\ufb50") == "a" * 300 + "ا"


def test_what_is_too_long_for_a_word_is_passed_over() -> None:
    assert [token.folded for token in analyse("audit " + "\ufdfa" * 100_000 + " forage")] == ["audit", "forage"]
