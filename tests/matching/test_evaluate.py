"""The measures, against values worked out by hand and against scikit-learn."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import ndcg_score, roc_auc_score

from matching.errors import MatchingError
from matching.evaluate import auc, bootstrap, evaluate, load_qrels, ndcg, read_run, recall, reciprocal_rank

QRELS = {"t1": {"a": 3.0, "b": 1.0, "c": 0.0}, "t2": {"a": 2.0}, "N1": {}, "N2": {}, "vague": {"a": 0.5}}
RUN = """\
t1 Q0 b 1 2.0 safqa
t1 Q0 a 2 5.0 safqa
t1 Q0 z 3 4.0 safqa
t2 Q0 c 1 1.0 safqa
N1 Q0 a 1 0.5 safqa
N2 Q0 b 1 4.5 safqa
vague Q0 b 1 9.5 safqa
"""


def test_a_report_by_hand() -> None:
    report = evaluate(read_run(RUN.splitlines()), QRELS, relevant_from=1.5)
    assert report.queries == 2
    ideal = 7 + 1 / math.log2(3)
    assert report.ndcg.mean == pytest.approx((7 + 1 / 2) / ideal / 2)
    assert report.judged_ndcg.mean == pytest.approx(0.5)
    assert report.recall_10.mean == report.mrr.mean == 0.5
    assert report.auc == pytest.approx((1 + 1 + 1 + 0) / 4)
    assert report.unjudged == pytest.approx(2 / 4)


def test_a_query_without_an_answer_scores_nothing() -> None:
    report = evaluate({}, {"t": {"a": 3.0}})
    assert (report.ndcg.mean, report.mrr.mean) == (0.0, 0.0)
    assert math.isnan(report.auc)
    assert math.isnan(report.unjudged)


def test_nothing_judged_is_not_a_number() -> None:
    assert math.isnan(evaluate({}, {}).ndcg.mean)


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(-9, 9)), min_size=2, max_size=30, unique_by=lambda each: each[1]))
def test_ndcg_is_scikit_learns(pairs: list[tuple[float, float]]) -> None:
    grades = {str(n): grade for n, (grade, _) in enumerate(pairs)}
    order = sorted(grades, key=lambda n: -pairs[int(n)][1])
    gains = np.array([[2**grade - 1 for grade, _ in pairs]])
    expected = ndcg_score(gains, np.array([[score for _, score in pairs]]), k=10) if gains.any() else 0.0
    assert ndcg(order, grades) == pytest.approx(expected, abs=1e-9)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_auc_is_scikit_learns(above: list[int], below: list[int]) -> None:
    expected = roc_auc_score([1] * len(above) + [0] * len(below), above + below)
    assert auc(above, below) == pytest.approx(expected)


def test_recall_and_reciprocal_rank() -> None:
    assert recall(["x", "a", "b"], {"a", "b"}, 2) == 0.5
    assert reciprocal_rank(["x", "a"], {"a"}) == 0.5
    assert reciprocal_rank(["x"], {"a"}) == recall([], set(), 5) == 0.0


def test_the_interval_holds_the_mean_and_repeats() -> None:
    values = [0.1, 0.5, 0.9, 0.4] * 10
    interval = bootstrap(values)
    assert interval.low < interval.mean < interval.high
    assert bootstrap(values) == interval


def test_what_cannot_be_read_says_where(tmp_path: Path) -> None:
    with pytest.raises(MatchingError, match=r"qrels\.json"):
        load_qrels(tmp_path)
    (tmp_path / "qrels.json").write_text('{"t": {"a": "much"}}')
    with pytest.raises(MatchingError, match="much"):
        load_qrels(tmp_path)
    (tmp_path / "qrels.json").write_text('{"t": {"a": 2}}')
    assert load_qrels(tmp_path) == {"t": {"a": 2.0}}
    with pytest.raises(MatchingError, match="line 2"):
        read_run(["t Q0 a 1 2.0 safqa", "t Q0 a"])
