"""The README in French and Arabic: the same commands as the English one, in the same order."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:make|docker|\.venv/bin/safqa)[^`]*)`")


def commands(name: str) -> tuple[list[str], set[str]]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return FENCED.findall(text), set(INLINE.findall(FENCED.sub("", text)))


@pytest.mark.parametrize("name", ["README.fr.md", "README.ar.md"])
def test_a_translation_says_the_same_commands(name: str) -> None:
    blocks, inline = commands(name)
    english_blocks, english_inline = commands("README.md")
    assert blocks == english_blocks
    assert len(blocks) >= 4
    assert inline - {"make run"} == english_inline - {"make run"}


@pytest.mark.parametrize("name", ["README.md", "README.fr.md", "README.ar.md"])
def test_each_leads_to_the_others(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    others = {"README.md", "README.fr.md", "README.ar.md"} - {name}
    assert all(f"]({other})" in text for other in others)
