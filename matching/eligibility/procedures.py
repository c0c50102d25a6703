"""What a publisher calls its procedure, as one that rules know: words of three languages, codes of TED and OCDS."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from matching.eligibility.facts import Procedure
from matching.text import fold

_WORD: Final = re.compile(r"[^\W_]+")
_LONGEST: Final = 500

# The first that is found counts: what narrows a procedure down stands before what it is a kind of. Words are folded.
_WORDS: Final[tuple[tuple[Procedure | None, str], ...]] = (
    (None, r"consultation architecturale|منافسه معماريه|استشاره معماريه|enchere|مزايده|ami\b|manifestation d interet"),
    (Procedure.PURCHASE_ORDER, r"bons? de commande|avis d achat|purchase orders?|سند(?:ات)? (?:ال)?طلب"),
    (Procedure.UNSOLICITED, r"offre spontanee|unsolicited|عرض تلقائي"),
    (Procedure.CONTEST, r"concours|design contest|مباراه"),
    (Procedure.DIALOGUE, r"dialogue competitif|competitive dialogue|comp dial|حوار تنافسي"),
    (Procedure.PRESELECTION, r"preselection|prequalification|انتقاء (?:ال)?مسبق|انتقاء اولي"),
    (Procedure.NEGOTIATED, r"negocie\w*|negotiated|neg w call|neg wo call|limited|gre a gre|تفاوضي\w*"),
    (Procedure.SIMPLIFIED, r"appels? d offres.* simplifies?|aoos|طلب(?:ات)? (?:ال)?عروض.* (?:ال)?مبسطه?"),
    (Procedure.RESTRICTED, r"restreinte?s?|restricted|selective|طلب(?:ات)? (?:ال)?عروض.* محدوده?"),
    (
        Procedure.OPEN,
        r"(?:appels? d offres|procedure) ouverte?s?|\bouvert|open|aoo|aoi|طلب(?:ات)? (?:ال)?عروض.* مفتوحه?",
    ),
)
_PATTERNS: Final = tuple((procedure, re.compile(rf"(?<!\w)(?:{words})(?!\w)")) for procedure, words in _WORDS)
_INTERNATIONAL: Final = re.compile(r"(?<!\w)(?:internation\w+|aoi|دولي\w*)(?!\w)")


@lru_cache(maxsize=4_096)
def procedure_of(written: str | None) -> Procedure | None:
    """The procedure that words or a code name; ``None`` where they name none that rules know."""
    words = _words(written)
    return next((procedure for procedure, pattern in _PATTERNS if pattern.search(words)), None)


def says_international(written: str | None) -> bool | None:
    """Whether it is called international; ``None`` where that is not said."""
    return True if _INTERNATIONAL.search(_words(written)) else None


def _words(written: str | None) -> str:
    return " ".join(fold(word) for word in _WORD.findall((written or "")[:_LONGEST]))
