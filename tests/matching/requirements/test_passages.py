"""What is found in passages that a person has labelled: written here as a guard, real ones read from ../shared."""

from __future__ import annotations

import pytest

from matching.requirements import read_text
from matching.requirements.clauses import Clause
from matching.requirements.document import Document
from matching.requirements.findings import Kind
from matching.requirements.rules.triggers import TRIGGERS, rules_for
from tests.support.passages import SHARED, Passage, own_passages, real_passages, tally, together

OWN = list(own_passages())
MONEY_AND_DATES = {"bond", "estimate", "turnover", "deadline", "questions_deadline"}


def test_there_are_passages_of_every_kind_in_both_languages_and_with_nothing_in_them() -> None:
    assert len(OWN) >= 300
    assert {label.kind for passage in OWN for label in passage.labels} == {kind.value for kind in Kind}
    assert sum(not passage.labels for passage in OWN) >= 50
    assert sum(any("\u0600" <= char <= "\u06ff" for char in passage.text) for passage in OWN) >= 70


def test_the_passages_written_for_this_are_read_as_they_are_labelled() -> None:
    found = tally(OWN)
    whole = together(found.values())
    assert whole.f1 >= 0.98, "\n".join(whole.errors)
    for kind in MONEY_AND_DATES:
        assert found[kind].f1 >= 0.97, "\n".join(found[kind].errors)


def _without_accents(text: str) -> str:
    return text.translate(str.maketrans("éèêàâîôûçÉÈÊÀ", "eeeaaioucEEEA"))


@pytest.mark.parametrize(
    "spoilt",
    [
        _without_accents,
        str.upper,
        lambda text: text.replace("'", "?"),
        lambda text: text.replace(" ", "\u00a0"),
        lambda text: text.replace("'", "\u2019"),
        lambda text: text.removesuffix(".") + ":",
    ],
    ids=["no accents", "capitals", "question marks", "hard blanks", "typographic", "colon for a full stop"],
)
def test_what_a_scanner_does_to_a_text_changes_hardly_anything(spoilt) -> None:
    passages = [Passage(each.name, each.split, spoilt(each.text), each.labels) for each in OWN]
    whole = together(tally(passages).values())
    assert whole.f1 >= 0.97, "\n".join(whole.errors)


@pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="real passages are read from ../shared, which is not here")
@pytest.mark.parametrize("split", ["dev", "held"])
def test_real_passages_are_read_as_they_are_labelled(split: str) -> None:
    passages = list(real_passages(split))
    whole = together(tally(passages).values())
    assert len(passages) >= 60
    assert whole.f1 >= 0.9, "\n".join(whole.errors)


def test_a_quote_is_the_text_between_its_offsets() -> None:
    for passage in OWN:
        for finding in read_text(passage.text):
            assert finding.quote == passage.text[finding.start : finding.end] != ""
            assert 0 < finding.confidence <= 1


def test_triggers_never_decide_what_is_found() -> None:
    """Every hit of a rule stands in a clause that its triggers let through."""
    for passage in OWN:
        document = Document(passage.text)
        for clause in document.clauses:
            let_through = rules_for(clause)
            for rule, _ in TRIGGERS:
                assert rule in let_through or not list(rule(clause, document)), (passage.text, rule)


def test_a_clause_knows_where_it_stood() -> None:
    document = Document("Avis\n\nCaution provisoire : 5 000 DH.\nLot unique")
    for clause in document.clauses:
        assert isinstance(clause, Clause)
        assert document.folded.text[clause.start : clause.end].replace("\n", " ") == clause.text
