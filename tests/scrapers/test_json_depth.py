"""The gauge agrees with a parser about depth, however the bytes are cut."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrapers.json_depth import MAX_DEPTH, DepthGauge, UnreasonableJson

VALUES = st.recursive(
    st.text(alphabet='[]{}"\\a,:é\n') | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(alphabet='[{"\\'), inner, max_size=3),
    max_leaves=12,
)


def feed(text: bytes, size: int) -> None:
    gauge = DepthGauge()
    for start in range(0, len(text), size):
        gauge.feed(text[start : start + size])


@given(VALUES, st.integers(1, 9), st.booleans())
def test_brackets_inside_strings_never_count(value: object, size: int, ascii_: bool) -> None:
    inner = json.dumps(value, ensure_ascii=ascii_).encode()
    outer = MAX_DEPTH - deepest(value)
    feed(b"[" * outer + inner + b"]" * outer, size)
    with pytest.raises(UnreasonableJson):
        feed(b"[" * (outer + 1) + inner + b"]" * (outer + 1), size)


@pytest.mark.parametrize("size", [7, 65_536])
def test_a_text_without_end_is_refused_wherever_it_is_cut(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scrapers.json_depth.MAX_TEXT", 1_000)
    feed(b'["' + b'a\\"' * 200 + b'", "' + b"b" * 900 + b'"]', size)
    with pytest.raises(UnreasonableJson, match="holds a text"):
        feed(b'["' + b'a\\"' * 400 + b'"]', size)


def deepest(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(deepest, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(deepest, value), default=0)
    return 0
