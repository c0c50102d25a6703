"""Why a record was refused, column by column, in the reader's language.

The readers of files tell it in English, each fault as ``column: what is wrong``; here the common ones are known again
by their sentence. One that is not known is shown as it was told.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.kit.i18n import Lang, translate

_COLUMN: Final = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*): (.+)", re.DOTALL)
_MORE: Final = re.compile(r"and (?P<count>\d+) more")
_KNOWN: Final = tuple(
    (key, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for key, pattern in (
        ("missing", "field required"),
        ("text", "input should be a valid string"),
        ("list", "input should be a valid (?:tuple|list|array)"),
        ("object", "input should be a valid dictionary or (?:instance|object).*"),
        ("whole", "is not a whole number|input should be a valid integer.*"),
        ("empty", "(?:string|value) should have at least 1 .*"),
        ("long", r"(?:string|value|tuple|data) should have at most (?P<limit>\d+) .*"),
        ("long", r"has more than (?P<limit>\d+) items"),
        ("below", r"input should be greater than (?:or equal to )?(?P<limit>-?\d+)"),
        ("above", r"input should be less than (?:or equal to )?(?P<limit>-?\d+)"),
        ("amount", "is not (?:an|a finite) amount"),
        ("ambiguous", "can be read as thousands or as a fraction.*"),
        ("country", "is not a country's ISO 3166 code.*"),
        ("pattern", "string should match pattern.*"),
        ("link", "(?:input should be a valid url|is not (?:a|an) .*(?:url|link|address)).*"),
        ("cpv", "a cpv code has 8 digits.*"),
        ("day", "is not (?:a|an ISO 8601) date.*"),
        ("zone", "(?:has no zone|is a time without a zone).*"),
        ("years", "lies outside the years.*"),
        ("twice", "is given twice.*"),
        ("columns", "(?:is neither a JSON list nor numbered columns|begins like a JSON list).*"),
        ("yes-no", "is neither yes nor no"),
        ("cell", "the cell holds the error .*"),
        ("nul", "holds a NUL character"),
        ("duplicate", ".* stands earlier in the file"),
    )
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a record: its column, if it is about one; in words, or ``None`` and as it was told in English."""

    column: str | None
    words: str | None
    told: str


def faults(reason: str, lang: Lang) -> Sequence[Fault]:
    """The faults of a refusal's reason."""
    return [_fault(part, lang) for part in re.split(r"; (?=[A-Za-z_]\w*(?:\.\w+)*: |and \d+ more$)", reason)]


def _fault(told: str, lang: Lang) -> Fault:
    if more := _MORE.fullmatch(told):
        return Fault(None, translate("web.progress.fault.more", lang, count=int(more["count"])), told)
    found = _COLUMN.fullmatch(told)
    if found is None:
        return Fault(None, None, told)
    column, what = found[1], found[2]
    for key, pattern in _KNOWN:
        if met := pattern.fullmatch(what):
            limits = {name: int(value) for name, value in met.groupdict().items()}
            return Fault(column, translate(f"web.progress.fault.{key}", lang, **limits), what)
    return Fault(column, None, what)
