"""Which earlier notices a BOAMP notice names. A correction or an annulment is a notice with an id of its own.

The columns hold ids, lists, or nested JSON with dates in it: the tail of "2014-10-15" looks like an id, and 86 % of the
linked notices would get one that does not exist. Only what stands as a whole under a key of an id counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from scrapers.errors import SourceChanged
from scrapers.json_text import loads
from scrapers.loose_json import aslist, named, text

_ID = re.compile(r"(\d{2})[-_](\d{1,6})", re.ASCII)
_KEYS = frozenset({"id", "idweb", "idannonce", "annoncelie"})
_OLD = 90
"""Two digits of a year from here on are of the last century; BOAMP's ids begin long after."""


def notice_id(written: object) -> str | None:
    """An id as the journal writes it ("26-91551"), or with the underscore of its file names."""
    found = _ID.fullmatch(text(written))
    return f"{found[1]}-{found[2]}" if found else None


def linked_ids(record: Mapping[str, object], own: str, told: Iterable[str] = ()) -> tuple[tuple[str, ...], str | None]:
    """All earlier notices that are named, oldest first, and the one that this notice is about (None: not certain).

    ``told`` are ids of the inner document. The notice that is named as linked wins over the history of earlier ones,
    which may hold a pre-information too and decides only where it names one notice.
    """
    direct = _ids(record.get("annonce_lie"), own)
    inner = _sorted({found for one in told if (found := notice_id(one))} - {own})
    history = _ids(record.get("annonces_anterieures"), own)
    subject = next((ids[0] for ids in (direct, inner) if ids), None) or (history[0] if len(history) == 1 else None)
    return _sorted({*direct, *inner, *history}), subject


def _ids(column: object, own: str) -> tuple[str, ...]:
    found: set[str] = set()
    for one in aslist(column):
        held = one
        if isinstance(one, str) and one.lstrip()[:1] in {"{", "["}:
            try:
                held = loads(one.encode("utf-8", "replace"))
            except SourceChanged:
                continue
        leaves = [*aslist(held), *named(held, _KEYS)]
        found.update(ident for leaf in leaves if (ident := notice_id(leaf)))
    return _sorted(found - {own})


def _sorted(ids: Iterable[str]) -> tuple[str, ...]:
    """By year and number: as numbers, not as texts."""
    return tuple(sorted(ids, key=_age))


def _age(ident: str) -> tuple[int, int]:
    year, _, number = ident.partition("-")
    return (int(year) - 100 if int(year) >= _OLD else int(year)), int(number)
