"""JSON made from XML by machines: a lone child is an object and several are a list, a text is bare or under ``#text``.

Paths go through objects and lists alike, and whatever has another shape than expected leads to nothing.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

Json = Mapping[str, object]
_BLANKS = re.compile(r"[ \t\u00a0\u2007\u2009\u202f]+")
_ODD = re.compile(r"[&\x00\t\r\n\u00a0\u2007\u2009\u202f]")
_AROUND_BREAKS = re.compile(r" ?(?:\r\n?|\n) ?")
_MANY_BREAKS = re.compile(r"\n{3,}")
_MOST_NODES = 50_000
"""A form holds a few thousand; whoever sends more is not walked to the end."""


def aslist(value: object) -> list[object]:
    """One or several of something as a list; None is nothing."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def at_all(value: object, *path: str) -> list[object]:
    """Everything under a path of keys, in order."""
    for position, key in enumerate(path):
        if isinstance(value, list):
            rest = path[position:]
            return [part for one in value if isinstance(one, dict) for part in at_all(one, *rest)]
        value = value.get(key) if isinstance(value, dict) else None
        if value is None:
            return []
    return aslist(value)


def objects(value: object, *path: str) -> list[dict[str, object]]:
    """The objects under a path."""
    return [one for one in at_all(value, *path) if isinstance(one, dict)]


def first_object(value: object, *path: str) -> dict[str, object]:
    """The first object under a path; an empty one where there is none."""
    for one in at_all(value, *path):
        if isinstance(one, dict):
            return one
    return {}


def text(value: object) -> str:
    """What a leaf says: entities resolved (they come doubled too), NFC, blanks single, breaks kept; else ""."""
    if isinstance(value, dict):
        value = value.get("#text")
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return ""
    written = value if isinstance(value, str) else str(value)
    if not _ODD.search(written) and "  " not in written:
        written = written.strip()
        return written if written.isascii() else unicodedata.normalize("NFC", written)
    if "&" in written:
        written = html.unescape(written)
        written = html.unescape(written) if "&" in written else written
    written = _BLANKS.sub(" ", written.replace("\x00", ""))
    if "\n" in written or "\r" in written:
        written = _MANY_BREAKS.sub("\n\n", _AROUND_BREAKS.sub("\n", written))
    written = written.strip()
    return written if written.isascii() else unicodedata.normalize("NFC", written)


def texts(value: object, *path: str) -> Iterator[str]:
    """What the leaves under a path say, empty ones left out."""
    for leaf in at_all(value, *path):
        if said := text(leaf):
            yield said


def first_text(value: object, *path: str) -> str:
    """What the first speaking leaf under a path says."""
    for leaf in at_all(value, *path):
        if said := text(leaf):
            return said
    return ""


def line(value: object, *path: str, most: int = 500) -> str:
    """The first text under a path as one line of at most so many characters."""
    said = first_text(value, *path) if path else text(value)
    return (" ".join(said.split()) if "\n" in said else said)[:most].strip()


@lru_cache(maxsize=4_096)
def folded(key: str) -> str:
    """A key without its case and underscores: forms spell ``NUM_LOT`` and ``numLot``."""
    return key.casefold().replace("_", "")


def named(value: object, names: Iterable[str]) -> Iterator[object]:
    """Everything that stands under one of some (folded) keys at any depth, in order; lists are opened."""
    wanted = frozenset(names)
    stack: list[object] = [value]
    left = _MOST_NODES
    while stack and left:
        left -= 1
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(reversed(one))
        elif isinstance(one, dict):
            for key, part in one.items():
                if folded(str(key)) in wanted:
                    yield from aslist(part)
            stack.extend(part for part in reversed(one.values()) if isinstance(part, dict | list))


def without_empty(fields: Json) -> dict[str, object]:
    """Fields that say something."""
    return {name: value for name, value in fields.items() if value is not None and value not in ("", [], {}, ())}
