"""The lexicon's loader and its matching, on a small fixture; and that the files that ship load and are consistent."""

from __future__ import annotations

from pathlib import Path

import pytest

from matching.errors import LexiconError
from matching.lexicon import BROADER_FACTOR, Lexicon, default_lexicon, load_lexicon
from matching.text import analyse

FIXTURE = """
[[concept]]
id = "software"
fr = ["logiciel", "développement informatique"]
ar = ["البرمجيات"]
en = ["software"]
cpv = ["48", "722"]

[[concept]]
id = "gis"
broader = ["software"]
fr = ["système d'information géographique", "cartographie numérique"]
ar = ["نظام المعلومات الجغرافية"]
en = ["geographic information system"]
acronyms = ["SIG", "GIS"]
cpv = ["38221"]

[[concept]]
id = "video_production"
fr = ["production audiovisuelle", "vidéo"]
en = ["video production"]
ambiguous = ["vidéo"]
context = ["montage", "tournage", "تصوير"]
"""
INTENTS = """
[[intent]]
id = "maintain"
fr = ["maintenance", "entretien"]
ar = ["صيانة"]
en = ["maintenance"]
"""


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    (tmp_path / "a.toml").write_text(FIXTURE, "utf-8")
    (tmp_path / "intents.toml").write_text(INTENTS, "utf-8")
    (tmp_path / "notes.md").write_text("not a lexicon")
    return load_lexicon(tmp_path)


def found(lexicon: Lexicon, text: str) -> list[str]:
    return [lexicon.concepts[m.concept].id for m in lexicon.mentions(analyse(text))]


@pytest.mark.parametrize(
    ("text", "concepts"),
    [
        ("Mise en place d’un système d'information géographique", ["gis"]),
        ("SYSTEMES D'INFORMATION GEOGRAPHIQUES", ["gis"]),
        ("the geographic information systems of the city", ["gis"]),
        ("geographic information system", ["gis"]),
        ("تطوير نظام المعلومات الجغرافية والبرمجيات", ["gis", "software"]),
        ("Acquisition d'un SIG et de logiciels", ["gis", "software"]),
        ("acquisition d'un sig", []),
        ("développement de solutions informatiques", ["software"]),
        ("développement, informatique", []),
        ("للبرمجيات وبالبرمجيات", ["software", "software"]),
        ("logicielle", ["software"]),
        ("développement informatique", ["software"]),
        ("caméras vidéo de surveillance", []),
        ("Vidéo : tournage et montage", ["video_production"]),
    ],
)
def test_concepts_are_found_by_their_stems_longest_first(lexicon: Lexicon, text: str, concepts: list[str]) -> None:
    assert found(lexicon, text) == concepts


def test_a_mention_knows_its_words(lexicon: Lexicon) -> None:
    text = "Un système d'information géographique communal"
    tokens = analyse(text)
    (mention,) = lexicon.mentions(tokens)
    assert text[tokens[mention.start].start : tokens[mention.end - 1].end] == "système d'information géographique"


def test_a_context_may_stand_in_another_field_or_script(lexicon: Lexicon) -> None:
    assert lexicon.mentions(analyse("vidéo"), lexicon.contexts(analyse("تصوير"))) != []


def test_intents_cpv_and_broader_concepts(lexicon: Lexicon) -> None:
    assert [lexicon.intents[m.concept].id for m in lexicon.intents_of(analyse("Entretien et صيانة"))] == [
        "maintain"
    ] * 2
    assert [lexicon.concepts[n].id for n in lexicon.of_cpv("38221000")] == ["gis"]
    assert [lexicon.concepts[n].id for n in lexicon.of_cpv("72200000")] == ["software"]
    assert lexicon.of_cpv("45000000") == lexicon.of_cpv("") == []
    assert lexicon.ancestors[lexicon.number["gis"]] == ((lexicon.number["software"], BROADER_FACTOR),)


def test_labels_fall_back_on_what_there_is(lexicon: Lexicon) -> None:
    video = lexicon.concepts[lexicon.number["video_production"]]
    assert (video.label("en"), video.label("ar")) == ("video production", "production audiovisuelle")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[concept]]\nid = "Bad Id"\nfr = ["x"]', "snake_case"),
        ('[[concept]]\nid = "x"\nfr = "x"', "'x'.*fr must be a list"),
        ('[[concept]]\nid = "x"\nfr = [""]', "'x'.*fr must be a list"),
        ('[[concept]]\nid = "x"\nfr = ["x"]\nsynonyms = ["y"]', "'x'.*unknown key 'synonyms'"),
        ('[[concept]]\nid = "x"', "'x'.*no form"),
        ('[[concept]]\nid = "x"\nfr = ["x"]\ncpv = ["4a"]', "'x'.*cpv '4a'"),
        ('[[concept]]\nid = "x"\nfr = ["x"]\nbroader = ["nowhere"]', "'x'.*unknown broader 'nowhere'"),
        ('[[concept]]\nid = "x"\nfr = ["x"]\nbroader = ["x"]', "'x'.*back to itself"),
        (
            '[[concept]]\nid = "x"\nfr = ["a"]\nbroader = ["y"]\n[[concept]]\nid = "y"\nfr = ["b"]\nbroader = ["x"]',
            "itself",
        ),
        ('[[concept]]\nid = "x"\nfr = ["a"]\n[[concept]]\nid = "x"\nfr = ["b"]', "'x' is already in"),
        ('[[thing]]\nid = "x"', "unknown table 'thing'"),
        ("[[concept", "b.toml"),
    ],
)
def test_a_mistake_names_the_file_and_the_concept(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "b.toml").write_text(text, "utf-8")
    with pytest.raises(LexiconError, match=says) as error:
        load_lexicon(tmp_path)
    assert str(error.value).startswith("b.toml")


def test_the_lexicon_that_ships_loads_and_every_label_finds_its_concept() -> None:
    lexicon = default_lexicon()
    lost = []
    for number, concept in enumerate(lexicon.concepts):
        for lang in ("fr", "ar", "en"):
            for form in concept.forms[lang][:1]:
                tokens = analyse(form, lang)
                everywhere = set(range(len(lexicon.concepts)))
                if number not in {m.concept for m in lexicon.mentions(tokens, everywhere)}:
                    lost.append(f"{concept.id}: {form}")
    assert lost == []
