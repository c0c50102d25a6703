"""Changes that do the very same, told as one: a reference of this trade or of that."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from app.kit.i18n import Lang, either
from app.openness.openings import named, sentence_of
from app.openness.schemas_openings import CohortOpeningOut, OpeningOut
from matching.openness.effort import ChangeKind

Opening = TypeVar("Opening", OpeningOut, CohortOpeningOut)

_OF_TRADES: Final = frozenset({ChangeKind.REFERENCE, ChangeKind.PARTNER_REFERENCES})


@dataclass(frozen=True, slots=True)
class Alternatives(Generic[Opening]):
    """One change, or several of which any one does the same as ``opening``; ``sentence`` names them all."""

    opening: Opening
    sentence: str


def alternatives(openings: Sequence[Opening], lang: Lang) -> list[Alternatives[Opening]]:
    """The changes in their order, those of references that do the same joined with the first of them."""
    alike: dict[Hashable, list[Opening]] = {}
    for number, one in enumerate(openings):
        alike.setdefault(_does(one) if one.kind in _OF_TRADES else number, []).append(one)
    return [Alternatives(several[0], _sentence(several, lang)) for several in alike.values()]


def _does(one: OpeningOut | CohortOpeningOut) -> Hashable:
    """Which calls it opens; for a cohort how many to whom, as it does not tell which."""
    if isinstance(one, CohortOpeningOut):
        return one.kind, frozenset((each.startup_id, each.opens) for each in one.startups)
    amount = one.amount and (one.amount.amount, one.amount.currency)
    return one.kind, one.opens, one.unblocks, one.loses, amount, frozenset(call.tender_id for call in one.tenders)


def _sentence(several: Sequence[Opening], lang: Lang) -> str:
    kind = several[0].kind
    return sentence_of(kind, either([named(kind, one.what, lang) for one in several], lang), lang)
