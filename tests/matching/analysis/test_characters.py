"""The table of characters against what Python says of each of them."""

from __future__ import annotations

import re
import sys

import numpy as np

from matching.analysis.characters import character_classes
from matching.kernels import scanning


def test_every_character_is_what_the_regular_expression_of_the_specification_takes_it_for() -> None:
    classes = character_classes()
    every = [chr(code) for code in range(scanning.TABLED)]
    for kind, pattern in (
        (scanning.ALNUM, r"[^\W_]"), (scanning.LETTER, r"[^\W\d_]"), (scanning.WORD_CHARACTER, r"\w"),
        (scanning.SPACE, r"\s"),
    ):  # fmt: skip
        matches = re.compile(pattern).match
        assert np.array_equal(classes & kind != 0, [matches(character) is not None for character in every])


def test_no_character_beyond_the_table_has_a_class() -> None:
    inner = re.compile(r"[\w\s]")
    assert not any(inner.match(chr(code)) for code in range(scanning.TABLED, sys.maxunicode + 1))
