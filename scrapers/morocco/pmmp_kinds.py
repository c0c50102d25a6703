"""What PMMP announces: calls, and what became of them. Announcements have numbers of their own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from scrapers.markup import text_of

Kind = Literal["call", "information", "result", "minutes", "completion", "termination", "presentation", "unknown"]
"""A call; an advance notice; the final result; the minutes of the opening ("extrait de PV"); reports on contracts; an
announcement that the page does not tell more about.
"""

KIND_OF_SEARCH: Mapping[str, Kind] = MappingProxyType(
    {
        "2": "information", "4": "result", "5": "minutes", "6": "completion", "8": "termination", "9": "presentation",
    }
)  # fmt: skip
"""By the values of the search form's ``annonceType``."""

KIND_OF_PICTURE: Mapping[str, Kind] = MappingProxyType(
    {
        "picto-avis-info.gif": "information",
        "picto-avis-attribution.gif": "result",
        "picto-PV.gif": "minutes",
        "picto-rapport-achevement.gif": "completion",
        "picto-PP.png": "presentation",
    }
)
"""By the pictures of the list's legend."""

CALLS: frozenset[Kind | None] = frozenset({None, "call", "information"})
AWARDS: frozenset[Kind | None] = frozenset({"result", "minutes"})
SEARCH_OF_KIND: Mapping[Kind, str] = MappingProxyType({kind: value for value, kind in KIND_OF_SEARCH.items()})

_WORDS: tuple[tuple[str, Kind], ...] = (
    ("résultat", "result"), ("attribution", "result"), ("النتيجة", "result"), ("النتائج", "result"),
    ("extrait de pv", "minutes"), ("procès", "minutes"), ("محضر", "minutes"),
    ("achèvement", "completion"), ("résiliation", "termination"), ("présentation", "presentation"),
    ("information", "information"), ("consultation", "call"), ("استشارة", "call"),
)  # fmt: skip


def kind_of_label(written: str) -> Kind | None:
    """What the detail page's "Type d'annonce" says; None for a label that is not known."""
    label = text_of(written).casefold()
    return next((kind for word, kind in _WORDS if word in label), None)
