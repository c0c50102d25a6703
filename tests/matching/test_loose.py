"""Loose phrases: a form's words in another order, or with words between them, and nowhere near as far as a sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.extraction import LOOSE_WEIGHT, Extractor
from matching.lexicon import Concept, Lexicon
from matching.loose import GAP, LooseForms
from matching.text import analyse
from matching.trades import Trades
from matching.types import StartupDoc, TenderDoc

LEXICON = Lexicon(
    [
        Concept(
            "stock",
            {"fr": ("gestion du stock",), "ar": ("تدبير المخزون",), "en": ("stock management",)},
            ambiguous=frozenset(),
        ),
        Concept(
            "billing",
            {"en": ("billing application overhaul",), "fr": ("application de facturation",)},
            ambiguous=frozenset(),
        ),
        Concept("mast", {"fr": ("mât radio",)}, ambiguous=frozenset({"mât radio"}), context=("antenne",)),
        Concept("single", {"fr": ("photovoltaïque",)}),
    ]
)


def found(text: str, hint: str | None = None) -> dict[str, str]:
    tokens = analyse(text, hint)
    mentions = LEXICON.loose_mentions(tokens, LEXICON.contexts(tokens))
    return {
        LEXICON.concepts[mention.concept].id: text[tokens[mention.start].start : tokens[mention.end - 1].end]
        for mention in mentions
    }


@pytest.mark.parametrize(
    ("text", "hint", "expected"),
    [
        ("Gestion du patrimoine et du stock", None, {"stock": "Gestion du patrimoine et du stock"}),
        ("Management of the central stock", "en", {"stock": "Management of the central stock"}),
        (
            "Overhaul of the old application for billing",
            "en",
            {"billing": "Overhaul of the old application for billing"},
        ),
        ("تدبير ممتلكات ومخزون المعدات", None, {"stock": "تدبير ممتلكات ومخزون"}),
        ("Gestion des ressources, stock de papier", None, {}),
        ("Gestion des achats publics urgents importants et stock", None, {}),
        ("Gestion au profit de la commune du stock", None, {}),
        ("Gestion du parc", None, {}),
        ("Mât pour poste radio", None, {}),
        ("Mât pour poste radio et antenne", None, {"mast": "Mât pour poste radio"}),
        ("Installation photovoltaïque", None, {}),
    ],
)
def test_words_of_a_form_stand_together(text: str, hint: str | None, expected: dict[str, str]) -> None:
    assert found(text, hint) == expected


def test_a_loose_phrase_counts_half_in_a_tender_and_nothing_in_a_profile() -> None:
    extractor = Extractor(LEXICON, Trades(LEXICON, ()))
    [exact] = extractor.tender(TenderDoc(id="t", title="Gestion du stock"))
    [loose] = extractor.tender(TenderDoc(id="t", title="Gestion centrale du stock"))
    cues = loose.features["c:stock"] - LOOSE_WEIGHT
    assert exact.features["c:stock"] == pytest.approx(1.0 + cues)
    assert (
        "c:stock"
        not in extractor.startup(StartupDoc(id="s", name="", description="Gestion centrale du stock")).features
    )


WORDS = ("alpha", "beta", "gamma", "delta")


@given(
    st.sets(st.sampled_from(WORDS), min_size=2),
    st.lists(st.sampled_from((*WORDS, "omega", "sigma", ","))),
)
def test_a_form_is_found_where_its_words_are_near(form: set[str], words: list[str]) -> None:
    tokens = analyse(" ".join(words))
    keys = frozenset(token.form for token in analyse(" ".join(sorted(form))))
    places = list(LooseForms([(keys, 7, False)]).find(tokens, set()))
    for number, start, end in places:
        assert number == 7
        assert keys <= {token.form for token in tokens[start:end]}
        assert end - start <= len(keys) + GAP
        assert not any(token.breaks for token in tokens[start + 1 : end])
    exact = any(
        {token.form for token in tokens[at : at + len(keys)]} == keys
        and not any(token.breaks for token in tokens[at + 1 : at + len(keys)])
        for at in range(len(tokens))
    )
    assert bool(places) or not exact
