"""Learning from use: lessons re-weigh the document they belong to, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Matcher
from matching.codec import decoder, encode
from matching.feedback import MAX_LESSONS, Learned, TaughtExtractor, learned, taught
from matching.types import MatchResult, StartupDoc, StartupLesson, TenderDoc, TenderLesson
from matching.vectorizer import Bag

WEB = TenderDoc(id="web", title="Refonte du site web et de l'application mobile", language="fr")
WEB_TOO = TenderDoc(id="web-too", title="Développement d'un portail web et d'une application mobile", language="fr")
PUMPS = TenderDoc(id="pumps", title="Télégestion des stations de pompage et capteurs de niveau", language="fr")
PUMPS_TOO = TenderDoc(id="pumps-too", title="Capteurs et télérelève pour le pompage de l'eau", language="fr")
BOTH = StartupDoc(
    id="both", name="Deux Métiers",
    description="Sites web et applications mobiles. Capteurs, télérelève et télégestion pour l'eau et le pompage.",
)  # fmt: skip
TWIN = replace(BOTH, id="twin", name="Autre Firme")
PURE = StartupDoc(id="pure", name="Toile", description="Sites web, portails et applications mobiles.")
TENDERS, STARTUPS = (WEB, WEB_TOO, PUMPS, PUMPS_TOO), (BOTH, TWIN, PURE)


def loaded(*startups: StartupDoc) -> Matcher:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    matcher.upsert_startups(startups)
    return matcher


def scores(matcher: Matcher, startup: StartupDoc) -> dict[str, float]:
    return {item.tender_id: item.score for item in matcher.tenders_for(startup, k=9).items}


def adds_up(result: MatchResult) -> None:
    assert math.fsum(reason.contribution for reason in result.reasons) == pytest.approx(result.score, abs=1e-9)


class TestStartup:
    def test_a_dismissed_tender_makes_similar_ones_sink(self) -> None:
        wiser = replace(BOTH, lessons=(TenderLesson(PUMPS, kept=False),))
        before, after = scores(loaded(), BOTH), scores(loaded(wiser), wiser)
        assert after["pumps-too"] < before["pumps-too"]
        assert after["web-too"] - before["web-too"] > after["pumps-too"] - before["pumps-too"]

    def test_a_saved_tender_makes_similar_ones_rise(self) -> None:
        wiser = replace(BOTH, lessons=(TenderLesson(PUMPS, kept=True),))
        before, after = scores(loaded(), BOTH), scores(loaded(wiser), wiser)
        assert after["pumps-too"] > before["pumps-too"]

    def test_buyers_find_it_accordingly_and_nobody_else_is_moved(self) -> None:
        wiser = replace(BOTH, lessons=(TenderLesson(PUMPS, kept=False),))
        ranking = {item.startup_id: item.score for item in loaded(wiser).startups_for(PUMPS_TOO, k=9).items}
        assert ranking["both"] < ranking["twin"]
        assert ranking["twin"] == scores(loaded(), TWIN)["pumps-too"]

    def test_no_lesson_no_difference_to_the_bit(self) -> None:
        wiser = replace(BOTH, lessons=(TenderLesson(PUMPS, kept=False),))
        matcher = loaded(wiser)
        matcher.upsert_startups([BOTH])
        assert scores(matcher, BOTH) == scores(loaded(), BOTH)

    def test_reasons_add_up_and_tell_what_was_learned(self) -> None:
        stranger = TenderDoc(id="irrigation", title="Irrigation goutte à goutte et pompage solaire", language="fr")
        wiser = replace(BOTH, lessons=(TenderLesson(stranger, kept=True), TenderLesson(WEB, kept=False)))
        matcher = loaded(wiser)
        matcher.upsert_tenders([stranger])
        for tender in (*TENDERS, stranger):
            adds_up(matcher.explain(tender, wiser))
        facts = {
            reason.term: reason for reason in matcher.explain(stranger, wiser).reasons if reason.code == "text.term"
        }
        assert facts["irrig"].facts["startup_learned"] == "new"
        assert facts["irrig"].in_startup == ()
        assert facts["pompag"].facts["startup_learned"] == "more"
        web = [reason for reason in matcher.explain(WEB_TOO, wiser).reasons if reason.code == "text.term"]
        assert {reason.facts.get("startup_learned") for reason in web} <= {"less", None}
        assert any(reason.facts for reason in web)
        assert not any("tender_learned" in reason.facts for reason in web)


class TestTender:
    def test_the_buyers_choice_makes_startups_alike_rise_for_that_tender_only(self) -> None:
        matcher = loaded()
        vague = TenderDoc(id="vague", title="Plateforme web et capteurs de pompage", language="fr")
        wiser = replace(vague, lessons=(StartupLesson(PURE, kept=True), StartupLesson(TWIN, kept=False)))

        def lead(tender: TenderDoc) -> float:
            found = {item.startup_id: item.score for item in matcher.startups_for(tender, k=9).items}
            return found["pure"] - found["both"]

        assert lead(wiser) > lead(vague)
        for result in matcher.startups_for(wiser, k=9).items:
            adds_up(result)
            assert not any("startup_learned" in reason.facts for reason in result.reasons)
        said = [reason.facts for result in matcher.startups_for(wiser, k=9).items for reason in result.reasons]
        assert {facts["tender_learned"] for facts in said if "tender_learned" in facts} >= {"more"}

    def test_every_lot_is_taught(self) -> None:
        from matching.types import LotDoc

        lots = (LotDoc("1", "Site web"), LotDoc("2", "Capteurs de pompage"))
        tender = TenderDoc(id="lots", title="Deux lots", lots=lots, language="fr")
        wiser = replace(tender, lessons=(StartupLesson(PURE, kept=False),))
        before, after = loaded().explain(tender, BOTH), loaded().explain(wiser, BOTH)
        assert after.score != before.score
        adds_up(after)


def test_what_was_learned_is_worked_out_once_for_all_results(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    told = TaughtExtractor.learned_by_startup

    def counted(self: TaughtExtractor, startup: StartupDoc) -> Mapping[str, Learned]:
        asked.append(startup.id)
        return told(self, startup)

    monkeypatch.setattr(TaughtExtractor, "learned_by_startup", counted)
    taught_one = replace(BOTH, lessons=(TenderLesson(WEB, kept=True),))
    assert len(loaded(taught_one).tenders_for(taught_one, k=9).items) > 1
    assert asked == ["both"]


def test_lessons_are_saved_with_their_documents() -> None:
    startup = replace(BOTH, lessons=(TenderLesson(WEB, kept=True), TenderLesson(PUMPS, kept=False)))
    tender = replace(WEB, lessons=(StartupLesson(PURE, kept=False),))
    assert decoder(StartupDoc)(encode(startup)) == startup
    assert decoder(TenderDoc)(encode(tender)) == tender


def test_only_the_newest_lessons_count() -> None:
    many = tuple(TenderLesson(WEB, kept=True) for _ in range(MAX_LESSONS))
    bounded, beyond = replace(BOTH, lessons=many), replace(BOTH, lessons=(*many, TenderLesson(PUMPS, kept=False)))
    assert scores(loaded(), bounded) == scores(loaded(), beyond)


KEYS = st.sampled_from(["w:a", "w:b", "c:x", "p:72", "i:make", "t:shop", "l:rabat", "b:ville"])
BAGS = st.dictionaries(KEYS, st.floats(0.05, 9), max_size=6).map(Bag)


@given(BAGS, st.lists(BAGS, max_size=4), st.lists(BAGS, max_size=4))
def test_counts_stay_positive_and_finite_and_places_and_buyers_their_own(
    bag: Bag, kept: list[Bag], refused: list[Bag]
) -> None:
    after = taught(bag, kept, refused)
    assert all(0 < count < math.inf for count in after.features.values())
    for prefix in ("l:", "b:"):
        assert {key: n for key, n in after.features.items() if key.startswith(prefix)} == {
            key: n for key, n in bag.features.items() if key.startswith(prefix)
        }
    assert learned(bag, after).keys() <= after.features.keys()


@given(BAGS, st.lists(BAGS, min_size=1, max_size=4))
def test_keeping_never_takes_and_refusing_never_gives(bag: Bag, others: list[Bag]) -> None:
    more, less = taught(bag, others, []), taught(bag, [], others)
    assert all(more.features[key] >= count for key, count in bag.features.items())
    assert all(less.features.get(key, 0.0) <= count for key, count in bag.features.items())
    assert less.features.keys() <= bag.features.keys()
