"""Every rule, ground and unknown has its words."""

from __future__ import annotations

import pytest

from app.eligibility.telling import told_check, told_settlement
from app.kit.i18n import LANGS, Lang, has_message, translate
from matching.eligibility.facts import LegalForm, Procedure
from matching.eligibility.loading import default_rules
from matching.eligibility.rulebook import Rule
from matching.eligibility.verdicts import Check, Effect, Outcome, Settlement, Settler
from matching.eligibility.vocabulary import FACTS
from matching.requirements.findings import ReservedGroup
from scrapers.evidence import PaperKind

OUTCOMES = {"binds": tuple(Outcome), "hint": (Outcome.PASS, Outcome.FAIL), "note": (Outcome.PASS,),
            "defines": tuple(Outcome), "lane": ()}  # fmt: skip


@pytest.mark.parametrize("rule", default_rules().rules, ids=lambda rule: rule.id)
def test_a_rule_has_its_sentences(rule: Rule) -> None:
    for outcome in OUTCOMES[rule.effect]:
        assert has_message(f"{rule.message}.{outcome}")
    if rule.effect == "lane":
        assert has_message(f"eligibility.ground.{rule.name}")
    if rule.effect == "defines":
        assert has_message(f"eligibility.word.{rule.name}")


@pytest.mark.parametrize("word", [*Procedure, *ReservedGroup, *LegalForm])
def test_a_word_of_a_closed_list_has_its_name(word: str) -> None:
    assert has_message(f"eligibility.word.{word}")


@pytest.mark.parametrize("kind", PaperKind)
def test_a_paper_is_called_by_its_name(kind: PaperKind) -> None:
    ends = Check("document.expiry", Outcome.FAIL, "eligibility.document.fail", {"kind": kind, "expires": "2026-11-30"})
    for lang in LANGS:
        assert has_message(f"paper.{kind}")
        assert told_check(ends, lang).sentence.endswith(f": {translate(f'paper.{kind}', lang)}.")
    own = Check("document.expiry", Outcome.FAIL, "eligibility.document.fail", {"kind": "ONSSA", "expires": None})
    assert "ONSSA" in told_check(own, "fr").sentence


@pytest.mark.parametrize("fact", list(FACTS.values()), ids=lambda fact: fact.name)
def test_what_settles_a_fact_is_told_in_every_language(fact: object) -> None:
    names = [fact.settle.what]  # type: ignore[attr-defined]
    if fact.type == "money":  # type: ignore[attr-defined]
        names += [f"{names[0]}_tax", f"{names[0]}_rate"]
    for lang in LANGS:
        for what in names:
            assert "eligibility." not in told_settlement(Settlement(Settler.BUYER, what), lang).sentence


def test_sums_days_and_words_are_written_as_the_language_writes_them() -> None:
    check = Check(
        "ma.x", Outcome.FAIL, "eligibility.ma.ceiling.fail", {"value": "1200000 MAD", "limit": "1000000 MAD"},
        effect=Effect.HINT,
    )  # fmt: skip
    assert "MAD\N{NO-BREAK SPACE}1,200,000" in told_check(check, "en").sentence
    assert "درهم" in told_check(check, "ar").sentence
    over = Check("d", Outcome.FAIL, "eligibility.call.deadline.fail", {"deadline": "2026-11-30T10:00:00+00:00"})
    assert "30 November 2026 10:00" in told_check(over, "en").sentence, "the hour of the call's own zone"
    group = Check("g", Outcome.PASS, "eligibility.group.pass", {"group": "sme"})
    assert told_check(group, "fr").sentence == "L’entreprise est une petite ou moyenne entreprise."
    ends = Check("c", Outcome.FAIL, "eligibility.certificate.fail.expired", {"name": "ISO", "expires": "2026-11-30"})
    assert "30 November 2026" in told_check(ends, "en").sentence
    assert told_check(ends, "en", whole=False).sentence == "The certificate ISO is not held."


@pytest.mark.parametrize(
    ("lang", "named"), [("fr", "en anglais, arabe, que"), ("ar", "الإنجليزية، العربية"), ("en", "in English, Arabic,")]
)
def test_languages_are_called_by_their_names(lang: Lang, named: str) -> None:
    check = Check("l", Outcome.FAIL, "eligibility.language.fail", {"languages": "en, ar"})
    assert named in told_check(check, lang).sentence
