"""What a list shows of a match and of a call that was found: its own words, with those marked that made it one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from app.kit.i18n import Lang
from app.matches.cards import TenderTexts
from app.matches.schemas import MatchOut, ReasonOut
from app.tenders.place_names import place_in
from app.tenders.schemas import TenderSummary
from app.tenders.words import Words, found_in
from app.web.marking import Piece, pieces, spans_in
from app.web.opportunities.snippets import passage
from app.web.reasons import gathered, telling

SHOWN_REASONS: Final = 3
_MARKED_REASONS: Final = 8
_SEARCHED_CHARACTERS: Final = 5_000
_NOTHING: Final = TenderTexts("", "", {})


@dataclass(frozen=True, slots=True)
class Card:
    """A call in a list. ``passage``: what its description says of it, empty where there is none."""

    tender: TenderSummary
    title: Sequence[Piece]
    passage: Sequence[Piece]
    region: str | None

    @property
    def amount(self) -> Decimal | None:
        """The value, where it is known."""
        return None if self.tender.value is None else Decimal(str(self.tender.value.amount))

    @property
    def currency(self) -> str | None:
        """What the value is in."""
        return None if self.tender.value is None else self.tender.value.currency


@dataclass(frozen=True, slots=True)
class MatchCard(Card):
    """A match in a list. ``reasons``: the weightiest, gathered; ``lot``: the title of the lot that fits best."""

    match: MatchOut
    reasons: Sequence[ReasonOut]
    lot: Sequence[Piece]


def match_cards(matches: Sequence[MatchOut], texts: Mapping[UUID, TenderTexts], lang: Lang) -> list[MatchCard]:
    """Matches as a list shows them."""
    return [_match_card(match, texts.get(match.tender.id, _NOTHING), lang) for match in matches]


def _match_card(match: MatchOut, texts: TenderTexts, lang: Lang) -> MatchCard:
    weightiest = [reason for reason in telling(match.reasons) if reason.contribution > 0][:_MARKED_REASONS]
    places = [place for reason in weightiest for place in reason.in_tender]
    title, lot = match.tender.title, texts.lots.get(match.lot_id or "", "")
    return MatchCard(
        tender=match.tender,
        title=pieces(title, spans_in(title, "title", places)),
        passage=passage(texts.description, spans_in(texts.description, "description", places)),
        region=_region(match.tender, lang),
        match=match,
        reasons=gathered(weightiest, lang)[:SHOWN_REASONS],
        lot=pieces(lot, spans_in(lot, "lot.title", places)),
    )


def found_cards(
    found: Sequence[TenderSummary], texts: Mapping[UUID, TenderTexts], words: Words | None, lang: Lang
) -> list[Card]:
    """Calls as the search shows them, with the words that were found marked. For a thread: it looks through texts."""
    return [_found_card(tender, texts.get(tender.id, _NOTHING), words, lang) for tender in found]


def _found_card(tender: TenderSummary, texts: TenderTexts, words: Words | None, lang: Lang) -> Card:
    said = texts.description[:_SEARCHED_CHARACTERS]
    return Card(
        tender=tender,
        title=pieces(tender.title, found_in(words, tender.title) if words else []),
        passage=passage(said, found_in(words, said) if words else []),
        region=_region(tender, lang),
    )


def _region(tender: TenderSummary, lang: Lang) -> str | None:
    named = tender.region or tender.place
    return None if named is None else place_in(named, lang)
