"""The check of results against scikit-learn's can fail, and forgives only ties."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.engine_contract import TOP
from bench.engine_oracle import Mismatch, Oracle, compared, worst_difference

TEXTS = [
    "Développement d'une application mobile pour la gestion des déchets",
    "Agence web : sites internet, référencement, hébergement",
    "حفر الآبار وتجهيزها بالمضخات الشمسية",
    "Solar pumping and water treatment for farms",
    "Audit de sécurité informatique et formation",
]


def _all_right(scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    order = np.argsort(-scores, kind="stable")[:TOP]
    order = order[scores[order] > 0]
    return order, scores[order]


@given(st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.25, 0.5, 0.9]), min_size=1, max_size=60))
def test_the_true_best_differ_by_nothing(scores: list[float]) -> None:
    known = np.array(scores)
    assert worst_difference(_all_right(known), known) == 0.0


def test_profiles_of_equal_scores_may_stand_for_each_other() -> None:
    scores = np.full(TOP + 5, 0.5)
    ids = np.arange(5, TOP + 5)
    assert worst_difference((ids, scores[ids]), scores) == 0.0


def test_a_wrong_score_is_seen() -> None:
    scores = np.linspace(0.1, 0.9, 40)
    ids, given = _all_right(scores)
    assert worst_difference((ids, given + 2e-5), scores) > 1e-5


def test_a_worse_profile_in_place_of_a_better_one_is_seen() -> None:
    scores = np.linspace(0.1, 0.9, 40)
    ids, _ = _all_right(scores)
    ids[-1] = 0
    assert worst_difference((ids, scores[ids]), scores) > 0.1


@pytest.mark.parametrize("ids", [[39, 38], [39, 39, *range(38, 20, -1)], list(range(39, 18, -1))])
def test_too_few_too_many_or_one_twice_is_a_mismatch(ids: list[int]) -> None:
    scores = np.linspace(0.1, 0.9, 40)
    with pytest.raises(Mismatch):
        worst_difference((np.array(ids), scores[ids]), scores)


def test_the_oracle_is_tf_idf_over_our_analysis() -> None:
    oracle = Oracle()
    oracle.fit(TEXTS)
    own = [oracle.scores(text) for text in TEXTS]
    for number, scores in enumerate(own):
        assert scores[number] == pytest.approx(1.0)
    both = "application mobile"
    assert compared([both], [[0]], [[float(oracle.scores(both)[0])]], oracle) == pytest.approx(0.0)


def test_words_that_no_profile_has_are_dropped_before_the_norm() -> None:
    oracle = Oracle()
    oracle.fit(TEXTS)
    assert oracle.scores("référencement xylophonique") == pytest.approx(oracle.scores("référencement"))


def test_a_score_off_by_more_than_the_tolerance_fails_the_comparison() -> None:
    oracle = Oracle()
    oracle.fit(TEXTS)
    right = float(oracle.scores("référencement")[1])
    for wrong in (right + 1e-4, float("nan")):
        with pytest.raises(Mismatch, match="query 0"):
            compared(["référencement"], [[1]], [[wrong]], oracle)
