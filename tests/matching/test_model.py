"""The file of weights: what is read back, what is refused, and that what ships is sound."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import Matcher, registry
from matching.errors import ModelError
from matching.features import SIGNALS
from matching.model import Model, Weights, model_text, parse_model, read_model
from matching.types import Grade, StartupDoc, TenderDoc

WEIGHT = st.floats(0, 50)


def table(**changes: Any) -> dict[str, Any]:
    return {**json.loads(model_text(registry.get_model())), **changes}


class TestReading:
    @given(
        st.dictionaries(st.sampled_from([kind.code for kind in SIGNALS if kind.sign > 0]), st.tuples(WEIGHT, WEIGHT))
    )
    def test_what_is_written_is_read_back_to_four_places(self, weights: dict[str, tuple[float, float]]) -> None:
        signals = {code: Weights(*each) for code, each in weights.items()}
        grades = {Grade.STRONG: 2.0, Grade.GOOD: 0.5, Grade.POSSIBLE: -1.0}
        model = Model("mine", "2026.11", Weights(-1.5, -2.0), signals, {"word": 1.0}, grades, {"who": ["me", 1]})
        read = parse_model(model_text(model))
        assert (read.name, read.version, read.bias, read.card) == (model.name, model.version, model.bias, model.card)
        assert {code: (each.told, each.won) for code, each in read.signals.items()} == {
            code: pytest.approx(each, abs=1e-4) for code, each in weights.items()
        }

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"format": 2}, "has format 2"),
            ({"more": 1}, "exactly"),
            ({"name": "Two Words"}, "name: must be"),
            ({"bias": {"told": 1}}, "bias: must have told and won"),
            ({"bias": {"told": "1", "won": 0}}, "bias: told must be a finite number"),
            ({"bias": {"told": float("nan"), "won": 0}}, "bias: told must be a finite number"),
            ({"signals": {"text.magic": {"told": 1, "won": 1}}}, "no signal 'text.magic'; there are: text.term"),
            ({"signals": {"text.term": {"told": -1, "won": 1}}}, "text.term: its weights must not be negative"),
            ({"signals": []}, "signals: must be an object"),
            ({"reference": {"smell": 1.0}}, "no channel 'smell'"),
            ({"grades": {"strong": 0, "good": 1, "possible": -1}}, "strong must be above good"),
            ({"grades": {"strong": 2, "good": 1}}, "possible must be a finite number"),
            ({"card": "good"}, "card: must be an object"),
        ],
    )
    def test_what_is_refused_says_where(self, changes: dict[str, Any], said: str, tmp_path: Path) -> None:
        path = tmp_path / "mine.json"
        path.write_text(json.dumps(table(**changes)), encoding="utf-8")
        with pytest.raises(ModelError, match=said) as refused:
            read_model(path)
        assert str(refused.value).startswith("mine.json: ")

    @pytest.mark.parametrize("text", ["", "[]", "{", "3", "\x00"])
    def test_what_is_no_model_at_all(self, text: str, tmp_path: Path) -> None:
        path = tmp_path / "mine.json"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(ModelError, match=r"^mine\.json: "):
            read_model(path)

    def test_a_missing_file(self, tmp_path: Path) -> None:
        with pytest.raises(ModelError, match="not readable"):
            read_model(tmp_path / "none.json")


def test_each_file_that_ships_has_the_name_of_its_model() -> None:
    assert [f"{model.name}-{model.version}" for model in registry.models()] == list(registry.SHIPPED)


def test_signals_have_one_code_each_and_tell_what_they_are() -> None:
    assert len({kind.code for kind in SIGNALS}) == len(SIGNALS)
    assert all(len(kind.signal.__doc__ or "") > 20 for kind in SIGNALS)


def test_a_matcher_scores_with_a_model_of_ones_own() -> None:
    tender = TenderDoc("T", "Développement d'un site web", country="MA")
    startup = StartupDoc("S", "Toile", "Agence de développement de sites web", country="MA")
    heavier = parse_model(json.dumps(table(version="mine", signals={"text.term": {"told": 9.0, "won": 9.0}})))
    matcher = Matcher(heavier.algorithm())
    matcher.load(tenders=[tender], startups=[startup])
    ranking = matcher.startups_for(tender, k=1)
    assert ranking.algorithm == "profile-mine"
    assert {reason.code for reason in ranking.items[0].reasons} == {"base", "text.term"}


def test_what_is_measured_is_what_is_scored() -> None:
    tenders = [TenderDoc("T", "Développement d'un site web", country="MA")]
    startups = [StartupDoc(f"S{n}", "Toile", text, country="MA") for n, text in enumerate(("Sites web", "Béton", ""))]
    matcher = Matcher()
    matcher.load(tenders=tenders, startups=startups)
    ids, signals = matcher.measure(tenders[0])
    scores = dict(zip(ids, matcher.algorithm.scores(signals), strict=True))
    assert scores == {
        item.startup_id: pytest.approx(item.score, abs=1e-9) for item in matcher.startups_for(tenders[0], k=9).items
    }
