"""Reasons for people: the sentence of each code, in the language of the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from app.db.base import JsonObject
from app.kit.i18n import Fact, Lang, say_reason
from app.matches.schemas import ReasonOut


def told(reasons: Iterable[JsonObject], lang: Lang) -> list[ReasonOut]:
    """Reasons as they are kept, each with its sentence."""
    return [ReasonOut.model_validate({**reason, "sentence": _sentence(reason, lang)}) for reason in reasons]


def for_others(reason: JsonObject) -> JsonObject:
    """A reason without what tells that a startup learned something from its own decisions: that is its secret, from
    buyers and from the incubator that once registered it.
    """
    facts = cast("JsonObject", reason["facts"])
    return {**reason, "facts": {name: fact for name, fact in facts.items() if name != "startup_learned"}}


def _sentence(reason: JsonObject, lang: Lang) -> str:
    facts = cast("dict[str, Fact]", reason["facts"])
    written = cast("list[JsonObject]", reason["in_tender"] or reason["in_startup"])
    # A term is a stem ("fuit"): people are shown the word as a text has it.
    term = written[0]["text"] if written else reason["term"]
    return say_reason(str(reason["code"]), cast("str | None", term), facts, lang)
