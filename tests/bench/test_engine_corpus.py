"""The synthetic corpus is the same at each run, and is what its docstring says."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest

from bench.engine_corpus import PROFILES, TENDERS, Kind, make_chunk, texts
from matching.lexicon import default_lexicon
from matching.stopwords import FUNCTION_WORDS
from matching.text import analyse

COUNT = 600


@pytest.fixture(scope="module")
def profiles() -> list[str]:
    return make_chunk(PROFILES, 0, COUNT)


def _arabic(text: str) -> bool:
    letters = [char for char in text if char.isalpha()]
    return sum("\u0600" <= char <= "\u06ff" for char in letters) * 2 > len(letters)


def test_a_chunk_made_twice_is_the_same(profiles: list[str]) -> None:
    assert make_chunk(PROFILES, 0, COUNT) == profiles


def test_chunks_and_kinds_differ(profiles: list[str]) -> None:
    assert not set(profiles) & set(make_chunk(PROFILES, 1, COUNT))
    assert not set(profiles) & set(make_chunk(TENDERS, 0, COUNT))


def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.engine_corpus.CHUNK", 20)
    monkeypatch.setattr("bench.engine_corpus.make_chunk", lambda kind, chunk: make_chunk(kind, chunk, 20))
    larger = texts(TENDERS, 50, tmp_path)
    assert len(larger) == 50
    assert texts(TENDERS, 30, tmp_path) == larger[:30]
    assert len(list(tmp_path.iterdir())) == 3, "chunks that were made are read, not made again"


@pytest.mark.parametrize(("kind", "least", "most"), [(PROFILES, 80, 150), (TENDERS, 45, 75)])
def test_texts_are_as_long_as_told(kind: Kind, least: int, most: int) -> None:
    function_words = frozenset().union(*FUNCTION_WORDS.values())
    forms = [len(form.split()) for concept in default_lexicon().concepts for form in concept.forms["fr"]]
    for text in make_chunk(kind, 0, 100):
        said = [word for word in text.replace(".", " ").split() if word.casefold() not in function_words]
        # A form of the lexicon is drawn as one word and may have several.
        assert least * 0.9 <= len(said) <= most + 30 * max(statistics.mean(forms), 1.0)


def test_languages_are_mixed_as_told(profiles: list[str]) -> None:
    assert 0.14 < sum(map(_arabic, profiles)) / COUNT < 0.27


def test_every_text_is_one_line_of_sentences(profiles: list[str]) -> None:
    for text in profiles:
        assert "\n" not in text
        assert text.endswith(".")
        assert not text.startswith(".")
        assert 5 <= text.count(". ") <= 13


def test_profiles_name_concepts_of_the_lexicon(profiles: list[str]) -> None:
    lexicon = default_lexicon()
    named = [len(lexicon.mentions(analyse(text))) for text in profiles]
    assert 2.0 < statistics.mean(named) < 12.0
    assert sum(count > 0 for count in named) > 0.95 * COUNT


def test_words_are_many_and_rarely_repeated(profiles: list[str]) -> None:
    distinct = [len({token.key for token in analyse(text) if not token.weak}) for text in profiles]
    assert 100 < statistics.mean(distinct) < 130
