"""The table of surfaces: what is found there is what was put in."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.analysis.characters import character_classes
from matching.analysis.surfaces import Surfaces, Symbols
from matching.kernels import scanning
from matching.text import MAX_WORD


def scanned(text: str, surfaces: Surfaces) -> tuple[np.ndarray, np.ndarray]:
    """The characters of a text, and its records."""
    characters = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    ptr = np.array([0, characters.size])
    return characters, scanning.scan(characters, ptr, character_classes(), surfaces.table, MAX_WORD)[0]


def test_two_surfaces_of_one_hash_are_told_apart() -> None:
    surfaces = Surfaces(Symbols())
    characters, records = scanned("réseau", surfaces)
    surfaces.resolve(characters, "réseau", records)
    # Another word of the same length where the first one's letters are kept: its hash is found, its letters differ.
    surfaces.table.pool[:6] = np.frombuffer("lézard".encode("utf-32-le"), np.uint32)
    assert scanned("réseau", surfaces)[1][:, scanning.SURFACE].tolist() == [-1]


@given(st.lists(st.text(alphabet="abcdé ", min_size=1, max_size=40), min_size=1, max_size=8))
def test_each_surface_has_one_number_for_good(texts: list[str]) -> None:
    surfaces = Surfaces(Symbols())
    numbers: dict[str, int] = {}
    for text in texts:
        characters, records = scanned(text, surfaces)
        surfaces.resolve(characters, text, records)
        for record in records:
            word = text[record[scanning.START] : record[scanning.END]]
            assert numbers.setdefault(word, record[scanning.SURFACE]) == record[scanning.SURFACE]
    assert len(set(numbers.values())) == len(numbers)
    assert all((scanned(text, surfaces)[1][:, scanning.SURFACE] >= 0).all() for text in texts)


def test_symbols_keep_their_numbers_and_copies_grow_apart() -> None:
    symbols = Symbols(["reserved"])
    assert symbols.find("reserved") == -1  # names that no word has are never found
    assert [symbols.add("a"), symbols.add("b"), symbols.add("a")] == [1, 2, 1]
    twin = symbols.copy()
    assert twin.add("c") == 3
    assert symbols.find("c") == -1
    assert symbols.names == ["reserved", "a", "b"]
