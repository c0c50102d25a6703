"""Asides: who benefits, where and in which programme is not what is bought."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import scope
from matching.extraction import ASIDE_WEIGHT, Extractor
from matching.lexicon import default_lexicon
from matching.stopwords import BOILERPLATE, FUNCTION_WORDS
from matching.text import analyse, fold
from matching.trades import default_trades
from matching.types import TenderDoc


def beside(text: str, hint: str | None = None) -> str:
    return " ".join(text[token.start : token.end] for token in analyse(text, hint) if token.aside)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            "Acquisition d'un logiciel de paie au profit du ministère de l'Agriculture, de la Pêche et des Eaux",
            "profit ministère Agriculture Pêche Eaux",
        ),
        ("Nettoyage des locaux relevant de la direction régionale de la santé", "relevant direction régionale santé"),
        ("Développement d'un portail pour la Caisse nationale de sécurité", "Caisse nationale sécurité"),
        ("Formation au profit des agriculteurs dans le domaine de l'irrigation", "profit agriculteurs"),
        ("Formation au profit du personnel en trois lots : lot 1 : bureautique", "profit personnel"),
        ("Audit du réseau de l'Office régional (ORX), et maintenance du parc", "Office régional"),
        ("Refonte du site web", ""),
        ("Recrutement d'une agence de communication", ""),
        ("Construction d'une école supérieure d'ingénieurs", ""),
        ("Une société marocaine spécialisée dans le cloud", ""),
        ("Supply of servers on behalf of the Ministry of Health", "behalf Ministry Health"),
        ("Design of a website for the National Institute of Statistics", "National Institute Statistics"),
        ("Relevant experience in video surveillance", ""),
        ("اقتناء برنامج معلوماتي لفائدة وزارة الفلاحة والصيد البحري", "لفائدة وزارة الفلاحة والصيد البحري"),
        ("صيانة الشبكة بالمعهد الوطني للصحة", "بالمعهد الوطني للصحة"),
        ("نحن شركة مغربية متخصصة", ""),
        ("بناء مدرسة", ""),
    ],
)
def test_an_aside_is_told_from_the_object(text: str, named: str) -> None:
    assert beside(text, "en" if text[0] in "SDR" and " of " in text else None) == named


def test_an_aside_ends_with_its_sentence() -> None:
    text = "Travaux au profit de la commune. Fourniture de serveurs."
    assert beside(text) == "profit commune"


def test_what_an_aside_names_counts_little() -> None:
    extractor = Extractor(default_lexicon(), default_trades())
    [bag] = extractor.tender(TenderDoc(id="t", title="Achat de logiciels au profit du ministère de l'agriculture"))
    [object_] = extractor.tender(TenderDoc(id="t", title="Achat de logiciels pour l'agriculture"))
    assert bag.features["w:agricultur"] == ASIDE_WEIGHT * object_.features["w:agricultur"]
    assert bag.features["c:agriculture"] == pytest.approx(ASIDE_WEIGHT * object_.features["c:agriculture"])
    assert bag.features["c:software"] == object_.features["c:software"]
    assert "i:supply" in bag.features


def test_an_intent_in_an_aside_is_not_asked_for() -> None:
    extractor = Extractor(default_lexicon(), default_trades())
    [bag] = extractor.tender(TenderDoc(id="t", title="Achat de serveurs au profit de la direction de la formation"))
    assert [key for key in bag.features if key.startswith("i:")] == ["i:supply"]


@pytest.mark.parametrize(
    "words",
    [
        scope.ENDS | scope.INSTITUTIONS | scope.BODIES | scope.RANKS,
        {word for first, rests in scope.MARKERS.items() for rest in rests for word in (first, *rest)},
        *FUNCTION_WORDS.values(),
        {word for words in BOILERPLATE.values() for word in words if "-" not in word},
    ],
)
def test_lists_are_written_folded(words: frozenset[str]) -> None:
    assert [word for word in words if fold(word) != word] == []


@given(
    st.lists(st.tuples(st.sampled_from(["au", "profit", "de", "commune", "un", "lot", "x", "وزاره"]), st.booleans()))
)
def test_any_words_have_a_side(entries: list[tuple[str, bool]]) -> None:
    found = scope.asides([word for word, _ in entries], [breaks for _, breaks in entries])
    assert len(found) == len(entries)
    assert not found[:1] or found[0] is False
