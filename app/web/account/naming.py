"""Names that people give themselves and their organisations."""

from __future__ import annotations

import unicodedata
from typing import Annotated, TypeAlias

from pydantic import AfterValidator, Field


def _tidy(text: str) -> str:
    """On one line, without signs that nobody sees: a name stands beside others, and in letters."""
    kept = "".join(" " if unicodedata.category(char)[0] in "CZ" and char != "\u200c" else char for char in text)
    return " ".join(kept.split())


PersonName: TypeAlias = Annotated[str, AfterValidator(_tidy), Field(min_length=1, max_length=120)]
