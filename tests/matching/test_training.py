"""Fitting, calibrating and guarding, on judgements made up so that the right answer is known."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import numpy as np
import pytest

from matching import registry
from matching.calibration import Calibration, calibrate, grade_counts, strong_above
from matching.errors import TrainingError
from matching.features import SIGNALS
from matching.judged import JudgedSet, Measured, Query, measure
from matching.learning import Name, compare, compare_held_out, learn
from matching.model import Weights, model_text, parse_model
from matching.training import Recipe, cross_validated, fit, folds, scores, signal_weights, vector
from matching.types import Grade, ReferenceDoc, StartupDoc, TenderDoc

CODES = [kind.code for kind in SIGNALS]
TERM, CONCEPT, PLACE = (CODES.index(code) for code in ("text.term", "text.concept", "place.same"))
NAME = Name("test", "1", "2026-11-22")


def made_up(name: str, law: dict[int, float], *, tenders: int = 24, told: float = 1.0, seed: int = 0) -> Measured:
    """Random signals; a startup suits where the law's score is among a tender's best, but for some noise. Every fourth
    tender is a plain negative, with signals a third as strong.
    """
    rng = np.random.default_rng(seed)
    queries, qrels = [], {}
    for number in range(tenders):
        negative = number % 4 == 3
        signals = np.zeros((40, len(SIGNALS)))
        signals[:, [TERM, CONCEPT, PLACE]] = rng.random((40, 3)) * (0.3 if negative else 1.0)
        worth = sum(weight * signals[:, column] for column, weight in law.items()) + rng.normal(0, 0.3, 40)
        grades = np.full(40, np.nan)
        if not negative:
            best = np.argsort(-worth)
            grades[best[:4]] = 3.0
            grades[best[4:30]] = 0.0
        ids = tuple(f"S{n}" for n in range(40))
        qrels[f"T{number}"] = {each: float(grade) for each, grade in zip(ids, grades, strict=True) if grade == grade}
        queries.append(Query(f"T{number}", ids, signals, np.full(40, told), grades))
    return Measured(name, MappingProxyType(qrels), 1.5, tuple(queries))


def weights_of(sets: Sequence[Measured], recipe: Recipe | None = None) -> dict[str, tuple[float, float]]:
    found = signal_weights(fit([each.queries for each in sets], recipe or Recipe()))
    return {code: (each.told, each.won) for code, each in found.items()}


class TestFitting:
    def test_the_law_is_found_again(self) -> None:
        found = weights_of([made_up("a", {TERM: 2.0, CONCEPT: 6.0})])
        assert found["text.concept"][0] > 2 * found["text.term"][0] > 0
        assert found["place.same"][0] < found["text.term"][0]

    def test_no_weight_goes_against_its_sign(self) -> None:
        found = fit([made_up("a", {TERM: 5.0, PLACE: -5.0}).queries], Recipe())
        assert (found >= 0).all()
        assert signal_weights(found)["place.same"].told == 0.0

    def test_a_signal_left_out_weighs_nothing(self) -> None:
        found = weights_of([made_up("a", {TERM: 2.0, CONCEPT: 6.0})], Recipe(without=("text.concept",)))
        assert found["text.concept"] == (0.0, 0.0)
        assert found["text.term"][0] > 0

    def test_what_is_seen_of_one_kind_of_profile_is_believed_of_the_other_in_part(self) -> None:
        told, won = weights_of([made_up("a", {TERM: 5.0}, told=1.0)])["text.term"]
        assert 0 < won < told

    def test_two_kinds_of_profiles_have_weights_of_their_own(self) -> None:
        sets = [made_up("a", {TERM: 5.0}, told=1.0), made_up("b", {CONCEPT: 5.0}, told=0.0, seed=1)]
        found = weights_of(sets)
        assert found["text.term"][0] > found["text.term"][1]
        assert found["text.concept"][1] > found["text.concept"][0]

    def test_little_feedback_moves_a_known_model_little(self) -> None:
        known = registry.get_model()
        little = made_up("a", {PLACE: 5.0}, tenders=2)
        moved, fresh = (fit([little.queries], Recipe(start=start)) for start in (known, None))

        def likeness(weights: np.ndarray) -> float:
            return float(weights @ vector(known) / np.linalg.norm(weights) / np.linalg.norm(vector(known)))

        assert likeness(moved) > likeness(fresh)

    def test_nothing_judged_leaves_the_model_as_it_is(self) -> None:
        known = registry.get_model()
        np.testing.assert_array_equal(fit([], Recipe(start=known)), vector(known))
        np.testing.assert_array_equal(fit([], Recipe()), 0.0)


class TestCrossValidation:
    def test_translations_of_a_tender_share_a_fold(self) -> None:
        one = made_up("fr", {TERM: 1.0})
        assert folds([one, made_up("ar", {TERM: 1.0})]) == folds([one])
        assert set(folds([one]).values()) == {0, 1, 2, 3, 4}

    def test_each_tender_is_scored_by_weights_that_never_saw_it(self) -> None:
        measured = made_up("a", {TERM: 5.0})
        raw = cross_validated([measured], Recipe())
        assert set(raw) == {("a", query.tender_id) for query in measured.queries}
        everything = fit([measured.queries], Recipe())
        assert any(not np.allclose(raw["a", query.tender_id], scores(query, everything)) for query in measured.queries)


class TestCalibration:
    def test_scores_are_log_odds_and_grades_hold_what_they_say(self) -> None:
        sets = [made_up("a", {TERM: 3.0, CONCEPT: 5.0}, tenders=60)]
        raw = cross_validated(sets, Recipe())
        calibration = calibrate(sets, raw)
        assert calibration.scale > 0
        limits = [calibration.grades[grade] for grade in (Grade.POSSIBLE, Grade.GOOD, Grade.STRONG)]
        assert limits == sorted(limits)
        counts = grade_counts(sets, raw, calibration)
        shares = [counts[grade].suitable / counts[grade].pairs for grade in Grade if counts[grade].pairs]
        assert shares == sorted(shares, reverse=True)
        assert counts[Grade.STRONG].suitable / counts[Grade.STRONG].pairs > 0.65

    def test_no_plain_negative_is_strong(self) -> None:
        sets = [made_up("a", {TERM: 3.0, CONCEPT: 5.0}, tenders=60)]
        raw = cross_validated(sets, Recipe())
        calibration = calibrate(sets, raw)
        best = [calibration.score(query, raw["a", query.tender_id]).max() for query in sets[0].negatives()]
        assert best
        assert max(best) < calibration.grades[Grade.STRONG]

    def test_strong_stays_above_every_plain_negative_by_the_weights_that_are_used(self) -> None:
        measured = made_up("a", {TERM: 3.0, CONCEPT: 5.0}, tenders=60)
        model = learn([measured], Recipe(), NAME).model
        assert compare(model, model, measured).strong_negatives == (0, 0)
        calibration = Calibration(1.0, Weights(0.0, 0.0), {Grade.STRONG: 2.0, Grade.GOOD: 1.0, Grade.POSSIBLE: 0.0})
        assert strong_above(calibration, [3.5, 1.0]).grades[Grade.STRONG] > 3.5
        assert strong_above(calibration, [-1.0]).grades == calibration.grades

    def test_awards_start_where_their_usual_winner_scores_like_the_usual_best_judged_pair(self) -> None:
        judged, awards = made_up("a", {TERM: 5.0}), made_up("b", {TERM: 5.0}, told=0.0, seed=2)
        for query in awards.queries:
            query.grades[query.grades == 0.0] = np.nan
        qrels = {tender: {k: v for k, v in each.items() if v} for tender, each in awards.qrels.items()}
        awards = Measured("b", qrels, 1.5, awards.queries)
        raw = cross_validated([judged, awards], Recipe())
        calibration = calibrate([judged, awards], raw)
        usual = [
            np.median([calibration.score(q, raw[each.name, q.tender_id]).max() for q in each.queries if q.gains.any()])
            for each in (judged, awards)
        ]
        assert usual[0] == pytest.approx(usual[1])

    def test_too_few_judgements_are_told(self) -> None:
        with pytest.raises(TrainingError, match="at least 20 pairs"):
            learn([made_up("a", {TERM: 5.0}, tenders=3)], Recipe(), NAME)

    def test_judgements_for_nobody_are_told(self) -> None:
        with pytest.raises(TrainingError, match="no judgement"):
            learn([], Recipe(), NAME)


class TestGuard:
    def test_a_model_fitted_on_nonsense_is_worse(self) -> None:
        honest = made_up("honest", {TERM: 3.0, CONCEPT: 5.0})
        good = learn([honest], Recipe(), NAME).model
        bad = learn([made_up("nonsense", {PLACE: 5.0}, seed=5)], Recipe(), NAME).model
        refused = compare(good, bad, honest)
        assert refused.worse is not None
        assert refused.worse.startswith("on honest its nDCG@10 is ")
        assert compare(bad, good, honest).worse is None
        assert compare(good, good, honest).worse is None

    def test_a_set_it_was_trained_on_is_judged_out_of_fold(self) -> None:
        measured = made_up("a", {TERM: 3.0, CONCEPT: 5.0})
        learned = learn([measured], Recipe(), NAME)
        held_out, seen = (
            compare_held_out(learned.model, learned, measured),
            compare(learned.model, learned.model, measured),
        )
        assert held_out.current == seen.new
        assert held_out.new == learned.reports["a"]

    def test_a_learned_model_is_a_file_that_can_be_read(self) -> None:
        model = learn([made_up("a", {TERM: 3.0})], Recipe(start=registry.get_model()), NAME).model
        read = parse_model(model_text(model))
        assert read.card["from"] == "profile-2"
        assert read.algorithm().grade(99.0) is Grade.STRONG


def test_a_set_is_measured_by_the_algorithm_at_hand() -> None:
    tenders = [TenderDoc(f"T{n}", title, country="MA") for n, title in enumerate(("Site web", "Béton", "Repas"))]
    startups = [
        StartupDoc("S1", "Toile", "Création de sites web", country="MA"),
        StartupDoc("S2", "Mur", references=(ReferenceDoc("Travaux de béton"),), country="MA"),
    ]
    judged = JudgedSet("mine", tenders, startups, {"T0": {"S1": 2.0, "S2": 0.0}, "T1": {}, "elsewhere": {"S1": 1.0}})
    algorithm = registry.get()
    measured = measure(judged, algorithm)
    assert measured.relevant_from == 1.0
    assert [query.tender_id for query in measured.queries] == ["T0", "T1"]
    assert [query.tender_id for query in measured.negatives()] == ["T1"]
    first = measured.queries[0]
    assert first.startup_ids == ("S1", "S2")
    np.testing.assert_array_equal(first.grades, [2.0, 0.0])
    np.testing.assert_allclose(first.told, [1.0, 0.0])
    assert first.signals.shape == (2, len(SIGNALS))
