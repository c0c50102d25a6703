"""The peers that rank by BM25 read any text that a tender may have."""

from __future__ import annotations

import pytest

from bench.engine_contract import TOP, Engine
from bench.engine_lexical import Bm25s, Tantivy

PROFILES = [f"solar pumping and water treatment number{n}" for n in range(TOP)] + ["audit de sécurité"] * TOP
ODD = (
    "a_b c__d 'e' \"f g\" (h) -i +j k:l m* NOT AND OR audit",
    'water: "pumping',
    "مضخات_شمسية solar",
    "solar\\ [x TO y] {z}",
)


@pytest.mark.parametrize("engine", [Bm25s, Tantivy])
@pytest.mark.parametrize("threads", [1, 2])
def test_odd_characters_are_no_operators(engine: type[Engine[object, object]], threads: int) -> None:
    found = engine()
    found.index(found.read(PROFILES))
    for text in ODD:
        ids, scores = found.best(found.question(text))
        assert ids.size == scores.size == TOP
        assert list(scores) == sorted(scores, reverse=True)
    assert found.batch(ODD, threads) == len(ODD) * TOP
    if isinstance(found, Tantivy):
        found.close()
