"""Documents in which some parts have become something else, for parsers that must bear it."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just([]), st.just({}), st.just([[{}]]),
    st.just({"#text": {"#text": "x"}}), st.just("\x00"), st.just("9" * 400), st.just("26-1"), st.just("2026-02-30T25:00"),
)  # fmt: skip


def mutated(value: Any, chance: random.Random, junk: Any, depth: int = 0) -> Any:
    """A document in which some parts are something else; texts that hold JSON are mutated inside."""
    if chance.random() < 0.03 and depth:
        return junk
    if isinstance(value, dict):
        return {key: mutated(part, chance, junk, depth + 1) for key, part in value.items() if chance.random() > 0.01}
    if isinstance(value, list):
        return [mutated(part, chance, junk, depth + 1) for part in value]
    if isinstance(value, str) and value[:1] == "{":
        inner = mutated(json.loads(value), chance, junk, depth + 1)
        return json.dumps(inner) if chance.random() > 0.02 else value[: len(value) // 2]
    return value
