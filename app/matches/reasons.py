"""Reasons for people: the sentence of each code, in the language of the answer."""

from __future__ import annotations

from collections.abc import Iterable

from app.db.base import JsonObject
from app.kit.i18n import Lang
from app.kit.reasons import for_others, sentence_of
from app.matches.schemas import ReasonOut

__all__ = ["for_others", "told"]


def told(reasons: Iterable[JsonObject], lang: Lang) -> list[ReasonOut]:
    """Reasons as they are kept, each with its sentence."""
    return [ReasonOut.model_validate({**reason, "sentence": sentence_of(reason, lang)}) for reason in reasons]
