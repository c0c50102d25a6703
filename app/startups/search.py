"""The words a person types, as PostgreSQL's full-text search takes them."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement, Text, bindparam, case, cast, func
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY

from matching.text import fold

# What is left is words, quotes around phrases, and a minus before what must not occur.
_NOISE = re.compile(r'(?!(?<!\S)-(?=["\w]))[^\w\s"]|_')


def search_query(typed: str) -> ColumnElement[object]:
    """The query of what was typed: words, ``"phrases"``, ``or``, ``-without``; the last word may be unfinished.

    Anything is understood somehow: no text is an error, and one without a word finds nothing.
    """
    wanted = fold_query(typed)
    simple = cast("simple", REGCONFIG)
    query = func.websearch_to_tsquery(simple, bindparam(None, wanted, Text))
    if not _is_unfinished(wanted):
        return query
    # A tsquery's text ends with the lexeme of the last word, which this turns into a prefix.
    unfinished = cast(cast(query, Text).concat(":*"), TSQUERY)
    return case((func.numnode(query) > 0, unfinished), else_=query)


def fold_query(typed: str) -> str:
    """The typed text folded like the searched one, its operators kept."""
    folded = " ".join(fold(word) for word in typed.split())
    return " ".join(_NOISE.sub(" ", folded).split())


def _is_unfinished(wanted: str) -> bool:
    last = wanted.rpartition(" ")[2]
    return bool(last) and last != "or" and last[0] not in '-"' and last[-1] != '"' and wanted.count('"') % 2 == 0
