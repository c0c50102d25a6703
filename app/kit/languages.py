"""Languages by their names in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from babel import Locale

from app.kit.i18n import Lang


def language_name(code: str, lang: Lang) -> str:
    """The name of an ISO 639 code; a code that has none as it is."""
    return str(_names(lang).get(code, code))


@cache
def _names(lang: Lang) -> Mapping[str, object]:
    names: Mapping[str, object] = Locale.parse(lang).languages
    return names
