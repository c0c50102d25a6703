"""The reasons of a match as they are kept, in words for whoever may read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from pydantic import JsonValue

from app.kit.i18n import Fact, Lang, say_reason

KeptReason = Mapping[str, JsonValue]
"""``code``, ``term``, ``facts``, ``in_tender``, ``in_startup``, ``contribution``."""


def for_others(reason: KeptReason) -> dict[str, JsonValue]:
    """A reason without what tells that a startup learned something from its own decisions: that is its secret, from
    buyers and from the incubator that once registered it.
    """
    facts = cast("Mapping[str, JsonValue]", reason["facts"])
    return {**reason, "facts": {name: fact for name, fact in facts.items() if name != "startup_learned"}}


def sentence_of(reason: KeptReason, lang: Lang) -> str:
    """What a reason says."""
    facts = cast("Mapping[str, Fact]", reason["facts"])
    written = cast("list[dict[str, JsonValue]]", reason["in_tender"] or reason["in_startup"])
    # A term is a stem ("fuit"): people are shown the word as a text has it.
    term = written[0]["text"] if written else reason["term"]
    return say_reason(str(reason["code"]), cast("str | None", term), facts, lang)
