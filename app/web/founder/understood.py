"""What the ranker understood of a profile, as its owner reads it: subjects, trades' codes, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.kit.i18n import Lang
from app.matches.schemas import ProfileTermOut

TERMS: Final = 60
_WORDS: Final = 24


@dataclass(frozen=True, slots=True)
class Meant:
    """One thing that was understood. ``forms``: the words of the profile behind it; ``share``: of the heaviest."""

    words: str
    forms: str
    share: float
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """All of it, each list with the heaviest first."""

    concepts: list[Meant]
    codes: list[Meant]
    words: list[Meant]

    @property
    def nothing(self) -> bool:
        """Whether the ranker found nothing to go by."""
        return not (self.concepts or self.codes or self.words)


def understood(terms: Iterable[ProfileTermOut], lang: Lang) -> Understood:
    """The coordinates of a profile in the reader's language."""
    found = list(terms)
    codes = [term.term for term in found if term.kind == "cpv"]
    most = max((term.weight for term in found), default=1.0) or 1.0
    said = Understood([], [], [])
    for term in found:
        forms = list(dict.fromkeys(" ".join(span.text.split()) for span in term.sources))[:3]
        label = term.labels.get(lang)
        share = max(0.0, min(1.0, term.weight / most))
        match term.kind:
            case "concept":
                said.concepts.append(Meant(label or term.term, ", ".join(forms), share))
            case "cpv" if not any(other != term.term and other.startswith(term.term) for other in codes):
                said.codes.append(Meant(label or term.term, ", ".join(forms), share, term.term))
            case "term" if len(said.words) < _WORDS:
                said.words.append(Meant(forms[0] if forms else term.term, "", share))
    return said
