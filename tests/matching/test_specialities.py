"""What regions are known for: the data, and a signal that is weak and explained."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pytest

from matching import Matcher, registry
from matching.errors import LexiconError
from matching.lexicon import default_lexicon
from matching.model import Weights
from matching.places import region_of
from matching.specialities import Specialities, default_specialities, home_of, load_specialities
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc

AGADIR = StartupDoc("agadir", "A", "Agriculture de précision, capteurs pour l'irrigation", city="Agadir", country="MA")
FES = dataclasses.replace(AGADIR, id="fes", city="Fès")
NOWHERE = dataclasses.replace(AGADIR, id="nowhere", city=None)


def test_every_region_of_a_listed_country_has_specialities() -> None:
    regions = {region_of("MA", city) for city in ("Tanger", "Oujda", "Fès", "Rabat", "Khouribga", "Casablanca")}
    assert regions <= set(default_specialities().regions)
    assert len(default_specialities().regions) == 12 + 13


class TestHome:
    def test_the_city_comes_before_past_wins(self) -> None:
        wins = (ReferenceDoc("Serres", place="Tanger"),)
        assert home_of(dataclasses.replace(AGADIR, references=wins)) == ("Agadir", "ma-09")

    def test_without_a_city_the_region_it_has_won_most_in(self) -> None:
        wins = tuple(ReferenceDoc("Serres", place=place) for place in ("Fès", "Tanger", "Larache"))
        assert home_of(dataclasses.replace(NOWHERE, references=wins)) == ("Tanger", "ma-01")

    def test_unknown_places_have_no_region(self) -> None:
        assert home_of(NOWHERE) is None
        assert default_specialities().number_of(dataclasses.replace(AGADIR, city="Atlantis")) is None


class TestWhatATenderIsAbout:
    @pytest.fixture
    def known(self) -> Specialities:
        return Specialities(default_lexicon(), {"a": ["agriculture"], "b": ["tourism"], "c": []})

    @pytest.mark.parametrize(
        ("concepts", "regions"),
        [
            ({}, 0),
            ({"agriculture": 1.0}, 0b01),
            ({"greenhouses": 1.0}, 0b01),
            ({"agriculture": 1.0, "tourism": 0.9}, 0b11),
            ({"agriculture": 1.0, "tourism": 0.2}, 0b01),
            ({"software": 1.0}, 0),
        ],
    )
    def test_the_foremost_concepts_count_with_what_is_broader(
        self, known: Specialities, concepts: Mapping[str, float], regions: int
    ) -> None:
        assert "agriculture" in default_lexicon().concepts[default_lexicon().number["greenhouses"]].broader
        assert known.regions_for(concepts) == regions


class TestSignal:
    def matcher(self) -> Matcher:
        model = registry.get_model()
        signals = {**model.signals, "region.speciality": Weights(0.5, 0.5)}
        matcher = Matcher(dataclasses.replace(model, signals=signals).algorithm())
        matcher.load(startups=[AGADIR, FES, NOWHERE], tenders=[])
        return matcher

    def test_a_startup_of_a_known_region_is_a_little_ahead_and_told_why(self) -> None:
        tender = TenderDoc("T", "Système d'irrigation agricole connectée", country="MA")
        results = {item.startup_id: item for item in self.matcher().startups_for(tender, k=3).items}
        assert results["agadir"].score > results["nowhere"].score
        (reason,) = [each for each in results["agadir"].reasons if each.code == "region.speciality"]
        assert 0 < reason.contribution <= 0.5
        assert reason.facts["place"] == "Agadir"
        assert reason.term == "agriculture"
        assert "region.speciality" not in {each.code for each in results["nowhere"].reasons}

    def test_lots_are_asked_for_what_the_whole_tender_is_about(self) -> None:
        lots = (LotDoc("1", "Irrigation agricole"), LotDoc("2", "Capteurs agricoles"))
        tender = TenderDoc("T", "Irrigation agricole", lots=lots, country="MA")
        results = {item.startup_id: item for item in self.matcher().startups_for(tender, k=3).items}
        assert results["agadir"].score > results["nowhere"].score


def test_an_unknown_concept_is_told_with_its_region(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "specialities.toml"
    path.write_text('[MA]\nma-01 = ["alchemy"]\n', encoding="utf-8")
    with pytest.raises(LexiconError, match=r"MA\.ma-01: unknown concept 'alchemy'"):
        load_specialities(path, default_lexicon())
