"""Related concepts: how the file is read, and that a tender finds the startup that words it as a neighbouring trade."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from matching import Matcher
from matching.errors import LexiconError
from matching.lexicon import BROADER_FACTOR, Lexicon, default_lexicon, load_lexicon
from matching.related import RELATED_FACTOR
from matching.types import StartupDoc, TenderDoc

CONCEPTS = """
[[concept]]
id = "a"
en = ["alpha"]
[[concept]]
id = "b"
broader = ["a"]
en = ["beta"]
[[concept]]
id = "c"
broader = ["b"]
en = ["gamma"]
[[concept]]
id = "d"
en = ["delta"]
[[concept]]
id = "e"
en = ["epsilon"]
"""


def lexicon_of(folder: Path, related: str) -> Lexicon:
    (folder / "concepts.toml").write_text(CONCEPTS, "utf-8")
    (folder / "related.toml").write_text(related, "utf-8")
    return load_lexicon(folder)


def lent(lexicon: Lexicon, concept: str) -> dict[str, float]:
    return {lexicon.concepts[n].id: share for n, share in lexicon.neighbours[lexicon.number[concept]]}


def test_each_pair_of_a_group_lends_both_ways_and_no_further(tmp_path: Path) -> None:
    lexicon = lexicon_of(
        tmp_path,
        '[[related]]\nconcepts = ["b", "d"]\nstrength = 0.5\n[[related]]\nconcepts = ["d", "e"]\n',
    )
    assert lent(lexicon, "b") == {"a": BROADER_FACTOR, "d": pytest.approx(RELATED_FACTOR / 2)}
    assert lent(lexicon, "d") == {"b": pytest.approx(RELATED_FACTOR / 2), "e": RELATED_FACTOR}
    assert lent(lexicon, "e") == {"d": RELATED_FACTOR}
    assert lent(lexicon, "c") == {"b": BROADER_FACTOR, "a": pytest.approx(BROADER_FACTOR**2)}
    assert lexicon.ancestors[lexicon.number["d"]] == ()


def test_a_pair_in_two_groups_has_the_higher_strength(tmp_path: Path) -> None:
    groups = '[[related]]\nconcepts = ["b", "d"]\nstrength = 0.5\n[[related]]\nconcepts = ["b", "d", "e"]\n'
    assert lent(lexicon_of(tmp_path, groups), "b")["d"] == RELATED_FACTOR


def test_the_links_are_part_of_the_version(tmp_path: Path) -> None:
    one = lexicon_of(tmp_path, '[[related]]\nconcepts = ["b", "d"]\n')
    assert lexicon_of(tmp_path, '[[related]]\nconcepts = ["b", "e"]\n').version != one.version


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[[related]]\nconcepts = ["a", "nowhere"]', "unknown concept 'nowhere'"),
        ('[[related]]\nconcepts = ["d", "e", "d"]', "'d' is linked to itself"),
        ('[[related]]\nconcepts = ["d"]', "nothing to link it to"),
        ('[[related]]\nconcepts = ["c", "a"]', "'a' is above 'c'"),
        ('[[related]]\nconcepts = ["a", "d", "e"]\n[[related]]\nconcepts = ["e", "d"]', "already linked"),
        ('[[related]]\nconcepts = "a"', "list of ids"),
        ("[[related]]\nstrength = 1", "list of ids"),
        ('[[related]]\nconcepts = ["d", "e"]\nstrength = 0', "strength must be"),
        ('[[related]]\nconcepts = ["d", "e"]\nstrength = 1.5', "strength must be"),
        ('[[related]]\nconcepts = ["d", "e"]\nstrength = true', "strength must be"),
        ('[[related]]\nconcepts = ["d", "e"]\nweight = 1', "unknown key 'weight'"),
        ('[[concept]]\nid = "x"', "unknown table 'concept'"),
    ],
)
def test_a_mistake_names_the_file(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(LexiconError, match=says) as error:
        lexicon_of(tmp_path, text)
    assert str(error.value).startswith("related.toml")


def test_what_ships_is_symmetric_and_covers_most_concepts() -> None:
    lexicon = default_lexicon()
    beside = [
        {other for other, _ in lexicon.neighbours[n]} - {above for above, _ in lexicon.ancestors[n]}
        for n in range(len(lexicon.concepts))
    ]
    assert all(n in beside[other] for n, others in enumerate(beside) for other in others)
    assert sum(map(bool, beside)) > 0.8 * len(beside)


WORDED_AS_NEIGHBOURS = [
    ("fr", "Réalisation d'un levé topographique", "Nous cartographions par drone : prises de vue par drone.", "drones"),
    ("ar", "إنجاز بوابة إلكترونية", "نطور تطبيقات الويب للشركات", "web_application"),
    ("en", "Call centre outsourcing", "A CRM for sales people.", "crm"),
]


@pytest.mark.parametrize(("lang", "title", "description", "concept"), WORDED_AS_NEIGHBOURS)
def test_a_tender_finds_a_startup_of_a_related_concept(lang: str, title: str, description: str, concept: str) -> None:
    matcher = Matcher()
    startups = [
        StartupDoc(id="near", name="Near", description=description, languages=(lang,)),
        StartupDoc(id="far", name="Far", description="Poulets, œufs. دواجن. Poultry, eggs.", languages=(lang,)),
    ]
    tender = TenderDoc(id="t", title=title, language=lang)
    matcher.load(tenders=[tender], startups=startups)
    near = matcher.explain(tender, startups[0])
    assert near.score > matcher.explain(tender, startups[1]).score
    assert math.fsum(reason.contribution for reason in near.reasons) == pytest.approx(near.score, abs=1e-6)
    (named,) = (each for each in near.reasons if each.code == "text.concept" and each.term == concept)
    assert named.contribution > 0
    assert named.in_tender
    assert all(span.text in title for span in named.in_tender)
    assert named.in_startup
    assert all(span.text in description for span in named.in_startup)


def test_a_startup_lends_nothing_to_related_concepts() -> None:
    """Profiles stay as small as they are: the tender's side is enough for a pair to meet."""
    lexicon = default_lexicon()
    matcher = Matcher()
    startup = StartupDoc(id="s", name="S", description="A CRM for sales people.")
    tender = TenderDoc(id="t", title="CRM", language="en")
    matcher.load(tenders=[tender], startups=[startup])
    found = {reason.term for reason in matcher.explain(tender, startup).reasons if reason.code == "text.concept"}
    crm = lexicon.number["crm"]
    assert found <= {"crm", *(lexicon.concepts[n].id for n, _ in lexicon.ancestors[crm])}
