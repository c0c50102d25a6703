"""Changes that open the very same calls, told as one: a reference of this trade or of that."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from app.kit.i18n import Lang, either
from app.openness.openings import named, sentence_of
from app.openness.schemas_openings import OpeningOut
from matching.openness.effort import ChangeKind

_OF_TRADES: Final = frozenset({ChangeKind.REFERENCE, ChangeKind.PARTNER_REFERENCES})


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One change, or several of which any one does the same as ``opening``; ``sentence`` names them all."""

    opening: OpeningOut
    sentence: str


def alternatives(openings: Sequence[OpeningOut], lang: Lang) -> list[Alternatives]:
    """The changes in their order, those of references that do the same joined with the first of them."""
    alike: dict[Hashable, list[OpeningOut]] = {}
    for number, one in enumerate(openings):
        alike.setdefault(_does(one) if one.kind in _OF_TRADES else number, []).append(one)
    return [Alternatives(several[0], _sentence(several, lang)) for several in alike.values()]


def _does(one: OpeningOut) -> Hashable:
    amount = one.amount and (one.amount.amount, one.amount.currency)
    calls = frozenset(call.tender_id for call in one.tenders)
    return one.kind, one.opens, one.unblocks, one.loses, amount, calls


def _sentence(several: Sequence[OpeningOut], lang: Lang) -> str:
    kind = several[0].kind
    return sentence_of(kind, either([named(kind, one.what, lang) for one in several], lang), lang)
