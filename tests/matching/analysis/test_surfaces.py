"""The table of surfaces: what is found there is what was put in, and what the specification says of it."""

from __future__ import annotations

import unicodedata
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.analysis import surfaces as module
from matching.analysis.characters import character_classes
from matching.analysis.letters import foldable_letters
from matching.analysis.strings import code_points
from matching.analysis.surfaces import Surfaces, row_of
from matching.analysis.symbols import Names, Symbols
from matching.analysis.wordlists import lists_of
from matching.broken_plurals import SINGULARS
from matching.kernels import scanning, tokens
from matching.kernels.folding import FOLDABLE, LETTERS, MAX_EXPANSION
from matching.stopwords import BOILERPLATE, FUNCTION_WORDS
from matching.text import MAX_WORD, fold


def new_surfaces() -> Surfaces:
    names = Names()
    lists = lists_of(names)
    return Surfaces(Symbols(names), lists)


def scanned(text: str, surfaces: Surfaces) -> tuple[np.ndarray, np.ndarray]:
    """The characters of a text, and its records."""
    characters = code_points(text)
    ptr = np.array([0, characters.size])
    return characters, scanning.scan(characters, ptr, character_classes(), surfaces.table, MAX_WORD)[0]


def test_two_surfaces_of_one_hash_are_told_apart() -> None:
    surfaces = new_surfaces()
    characters, records = scanned("reseau", surfaces)
    surfaces.resolve(characters, records)
    # Another word of the same length where the first one's letters are kept: its hash is found, its letters differ.
    surfaces.table.pool[:6] = code_points("lézard")
    assert scanned("reseau", surfaces)[1][:, scanning.SURFACE].tolist() == [-1]


@given(st.lists(st.text(alphabet="abcdé ABÉ\u0301²", min_size=1, max_size=40), min_size=1, max_size=8))
def test_each_surface_has_one_number_for_good(texts: list[str]) -> None:
    surfaces = new_surfaces()
    numbers: dict[str, int] = {}
    for text in texts:
        characters, records = scanned(text, surfaces)
        surfaces.resolve(characters, records)
        for record in records:
            word = text[record[scanning.START] : record[scanning.END]]
            assert numbers.setdefault(word, record[scanning.SURFACE]) == record[scanning.SURFACE]
    assert len(set(numbers.values())) == len(numbers)
    assert all((scanned(text, surfaces)[1][:, scanning.SURFACE] >= 0).all() for text in texts)


LISTED = sorted({word for lists in (FUNCTION_WORDS, BOILERPLATE) for words in lists.values() for word in words})
ENDINGS = [
    "",
    "s",
    "es",
    "aux",
    "eaux",
    "ies",
    "ches",
    "sses",
    "zes",
    "us",
    "is",
    "nelle",
    "lle",
    "een",
    "ations",
    "ness",
]
ARABIC = ["", "ال", "وال", "بال", "لل", "و", "ب", "ل", "وبال", "كال"]
ARABIC_ENDINGS = ["", "ها", "ات", "ين", "يه", "ية", "ه", "ي", "اتها"]
ARABIC_WORD = st.one_of(
    st.sampled_from(sorted({*SINGULARS, *SINGULARS.values()})),
    st.sampled_from(["وزارة", "وكالة", "وطني", "مكتب", "عام", "شركة"]),
    st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهويأإآةىئؤءـًَّ٠٣", min_size=1, max_size=9),
)  # fmt: skip
WORD = st.one_of(
    st.sampled_from(LISTED),
    st.builds(str.__add__, st.text(alphabet="abcdeéèilmnoœprstuxyzßIÉ", min_size=1, max_size=9), st.sampled_from(ENDINGS)),
    st.builds(lambda *parts: "".join(parts), st.sampled_from(ARABIC), ARABIC_WORD, st.sampled_from(ARABIC_ENDINGS)),
    st.text(alphabet=st.characters(max_codepoint=LETTERS), min_size=1, max_size=8),
    st.text(alphabet="aB4é٣ط", min_size=1, max_size=60),
)  # fmt: skip


@given(st.lists(st.tuples(WORD, st.sampled_from([str, str.upper, str.capitalize, str.lower])), min_size=1, max_size=20))
def test_compiled_rows_are_those_of_the_specification(made: list[tuple[str, type[str]]]) -> None:
    """All of a text at once, so that words meet those that fold like them, and again when all are known."""
    surfaces, text = new_surfaces(), " ".join(form(word) for word, form in made)
    for _ in range(2):
        characters, records = scanned(text, surfaces)
        surfaces.resolve(characters, records)
        for record in records.tolist():
            word = text[record[scanning.START] : record[scanning.END]]
            assert_same(surfaces.table.rows[record[scanning.SURFACE]].tolist(), word, surfaces.symbols)


def assert_same(found: list[int], word: str, symbols: Symbols) -> None:

    expected = row_of(word, symbols)
    for column in (tokens.FLAGS, tokens.ACRONYM, tokens.SECOND, *range(tokens.KEY, tokens.PLAIN)):
        assert found[column] == expected[column], (word, column)
    for column in (tokens.FOLDED, tokens.PLAIN):  # looked up, not added: what came since has a number now
        assert found[column] == expected[column] or (found[column] == -1 and expected[column] >= 0), (word, column)


def test_letters_fold_alone_beside_any_other() -> None:
    letters = foldable_letters()
    alone = [chr(code) for code in range(LETTERS) if letters.traits[code] & FOLDABLE]
    assert np.diff(letters.ptr).max() <= MAX_EXPANSION
    marks = [char for char in alone if unicodedata.category(char)[0] == "M"]
    assert len(alone) > 1_000
    assert len(marks) > 10
    for one, other in product(alone, [*marks, *"aeiosxyzlœøأإآٱىئؤءة٣4"]):
        assert fold(one + other) == fold(one) + fold(other)


@pytest.mark.parametrize("limit", ["MAX_SURFACES", "MAX_POOL"])
def test_a_table_is_full_at_its_limits(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, limit, 20)
    surfaces = new_surfaces()
    assert not surfaces.is_full
    characters, records = scanned(" ".join(f"mot{n}" for n in range(20)), surfaces)
    surfaces.resolve(characters, records)
    assert surfaces.is_full


def test_symbols_keep_their_numbers() -> None:
    names = Names(["reserved"])
    assert [names.add("a"), names.add("b"), names.add("a")] == [1, 2, 1]
    symbols = Symbols(names)
    assert symbols.find("reserved") == -1  # names that no word has are never found
    assert [symbols.add("b"), symbols.add("reserved"), symbols.add("reserved"), symbols.find("a")] == [2, 3, 3, 1]
    assert len(symbols) == 4
    assert len(names) == 3
    assert symbols.names(np.arange(4, dtype=np.int32)) == ["reserved", "a", "b", "reserved"]


def test_tables_grow_beyond_what_they_begin_with() -> None:
    surfaces = new_surfaces()
    words = [f"mot{n}é" for n in range(30_000)]
    for part in (words[:20_000], words[20_000:]):
        characters, records = scanned(" ".join(part), surfaces)
        surfaces.resolve(characters, records)
    assert len(surfaces) == 60_000  # each as it is written, and folded
    records = scanned(" ".join(words), surfaces)[1]
    found = surfaces.table.rows[records[:, scanning.SURFACE], tokens.KEY]
    assert surfaces.symbols.names(found) == [fold(word) for word in words]
