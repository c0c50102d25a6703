"""Documents to bags of features, counted by field weight."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from matching.cpv import CpvLabels, CpvTable
from matching.documents import (
    MAX_LOTS,
    Passage,
    cpv_digits,
    cpv_keys,
    reference_order,
    startup_passages,
    tender_passages,
    told_share,
)  # fmt: skip
from matching.lexicon import Lexicon
from matching.places import place_words
from matching.related import Lending
from matching.text import Token, analyse
from matching.trades import Trades
from matching.types import LotDoc, ReferenceDoc, StartupDoc, TenderDoc
from matching.vectorizer import Bag

CPV_CONCEPT_WEIGHT: Final = 0.7
"""What a concept known only through a CPV code counts, against 1 for one written in the text."""

CUE_WEIGHT: Final = 0.5
"""What a single word of a tender that points at a concept counts, against 1 for a whole form."""

LOOSE_WEIGHT: Final = 0.5
"""What a concept counts whose form stands in a tender only loosely (see ``matching.loose``)."""

ASIDE_WEIGHT: Final = 0.25
"""What a word or a concept counts in an aside: who benefits, where, in which programme (see ``matching.scope``)."""

DETAIL_WEIGHT: Final = 0.3
"""What an intent counts that a tender names after the first heads: "acquisition et installation de serveurs et
**formation** du personnel".
"""

_COMPARED_OF_WINS: Final = "wcp"


class Extractor:
    """Makes bags. Holds lexicon data only; safe to share between threads."""

    def __init__(self, lexicon: Lexicon, trades: Trades, cpv: CpvTable | None = None) -> None:
        """``cpv``: the table whose labels speak for codes; without one, codes speak by their hierarchy alone."""
        self.lexicon = lexicon
        self.trades = trades
        self.cpv = cpv
        self._labels = CpvLabels(cpv, lexicon)

    def closed_keys(self) -> list[str]:
        """Every concept, trade and intent: a query that names one which no document has must not seem a full match."""
        return [
            *("c:" + concept.id for concept in self.lexicon.concepts),
            *("t:" + trade.id for trade in self.trades.trades),
            *("i:" + intent.id for intent in self.lexicon.intents),
        ]

    def tender(self, tender: TenderDoc) -> list[Bag]:
        """The bag of the whole tender, then one for each lot."""
        lots = tender.lots[:MAX_LOTS]
        return [self._tender_unit(tender, None), *(self._tender_unit(tender, lot) for lot in lots)]

    def _tender_unit(self, tender: TenderDoc, lot: LotDoc | None) -> Bag:
        making = _Making(self.lexicon, self.trades, self.lexicon.neighbours, self._labels)
        making.texts(tender_passages(tender, lot), tender.language, cue_weight=CUE_WEIGHT)
        making.cpv(lot.cpv if lot is not None and lot.cpv else tender.cpv)
        making.words("l:", place_words(tender.country, tender.place))
        making.words("b:", _buyer_words(tender.buyer))
        return making.bag(self._asked_rates(making.intents))

    def startup(self, startup: StartupDoc) -> Bag:
        """The profile of a startup: its own words and those of its past wins."""
        making = _Making(self.lexicon, self.trades, self.lexicon.ancestors, self._labels)
        making.texts(startup_passages(startup), startup.languages[0] if startup.languages else None)
        making.cpv(startup.cpv)
        places = [startup.city, *startup.regions]
        for reference in startup.references:
            making.cpv(reference.cpv)
            places.append(reference.place)
            making.words("b:", _buyer_words(reference.buyer))
        making.words("l:", place_words(startup.country, *places))
        share = told_share(startup)
        for concept in making.concepts:
            making.concepts[concept] *= self.trades.told_concept(concept, share)
        return making.bag([self.trades.told(n, share) for n in range(len(self.trades.trades))])

    def _asked_rates(self, intents: set[str]) -> list[float]:
        """How far each trade is looked for by a buyer with these intents."""
        asked = frozenset(intents)
        return [self.trades.wanted(n, asked) for n in range(len(self.trades.trades))]

    def references(self, startup: StartupDoc) -> list[Bag]:
        """One bag for each past win, newest first where dated, at most ``MAX_REFERENCES``."""
        return [self._reference(startup.references[n]) for n in reference_order(startup)]

    def _reference(self, reference: ReferenceDoc) -> Bag:
        making = _Making(self.lexicon, self.trades, self.lexicon.ancestors, self._labels)
        making.texts([Passage("references", reference.title, 1.0)], None)
        making.cpv(reference.cpv)
        bag = making.bag(())
        return Bag({key: count for key, count in bag.features.items() if key[0] in _COMPARED_OF_WINS})


@dataclass(slots=True)
class _Making:
    """A bag being filled; ``lent`` says what a mention of each concept lends others.

    Related concepts are lent to by tenders alone: that is enough for a pair to meet, and profiles stay as small.
    """

    lexicon: Lexicon
    trades: Trades
    lent: Lending
    labels: CpvLabels
    features: dict[str, float] = field(default_factory=dict)
    concepts: dict[int, float] = field(default_factory=dict)
    intents: set[str] = field(default_factory=set)

    def texts(self, passages: Iterable[Passage], hint: str | None, cue_weight: float = 0.0) -> None:
        """Count what passages say; with ``cue_weight`` single words speak for the concepts they point at, and forms
        may stand loosely.
        """
        analysed = [(passage, analyse(passage.text, hint)) for passage in passages if passage.text]
        contexts: set[int] = set()
        for _, tokens in analysed:
            contexts |= self.lexicon.contexts(tokens)
        for passage, tokens in analysed:
            self._tokens(tokens, passage.weight)
            mentions = self.lexicon.mentions(tokens, contexts)
            for mention in mentions:
                aside = all(token.aside for token in tokens[mention.start : mention.end])
                self._concept(mention.concept, passage.weight * (ASIDE_WEIGHT if aside else 1.0))
            if cue_weight:
                self._cues(tokens, passage.weight * cue_weight)
                told = {mention.concept for mention in mentions}
                for mention in self.lexicon.loose_mentions(tokens, contexts):
                    if mention.concept not in told:
                        self._concept(mention.concept, passage.weight * LOOSE_WEIGHT)
            self._intents(tokens, passage.weight, asked=bool(cue_weight))

    def _intents(self, tokens: list[Token], weight: float, *, asked: bool) -> None:
        """Count what is to be done; of a tender (``asked``), what follows the first heads side by side is detail."""
        run_end: int | None = None
        for mention in self.lexicon.intents_of(tokens):
            if tokens[mention.start].aside:
                continue
            intent = self.lexicon.intents[mention.concept].id
            if asked and run_end is not None and mention.start > run_end:
                self._count("i:" + intent, weight * DETAIL_WEIGHT)
                continue
            run_end = mention.end
            self.intents.add(intent)
            self._count("i:" + intent, weight)

    def _cues(self, tokens: list[Token], weight: float) -> None:
        for token in tokens:
            counted = weight * ASIDE_WEIGHT if token.aside else weight
            for number, share in self.lexicon.cues(token):
                self._concept(number, share * counted)

    def cpv(self, codes: Iterable[str]) -> None:
        """Count CPV codes at every level, the concepts they stand for, and what their labels say."""
        for code in codes:
            for key in cpv_keys(code):
                self._count(key, 1.0)
            for number in self.lexicon.of_cpv(cpv_digits(code)):
                self._concept(number, CPV_CONCEPT_WEIGHT)
            said = self.labels.said(code)
            for word, count in said.words:
                self._count(word, count)
            for number, count in said.concepts:
                self._concept(number, count)

    def words(self, prefix: str, words: Iterable[str]) -> None:
        """Count plain words of a channel."""
        for word in words:
            self._count(prefix + word, 1.0)

    def bag(self, rates: Sequence[float]) -> Bag:
        """The features; ``rates`` says how far each trade counts, none of them if it is empty."""
        links = self.trades.links
        for number, count in self.concepts.items():
            self.features["c:" + self.lexicon.concepts[number].id] = count
            for trade, weight in links[number] if rates else ():
                self._count("t:" + self.trades.trades[trade].id, count * weight * rates[trade])
        return Bag(self.features)

    def _count(self, key: str, weight: float) -> None:
        self.features[key] = self.features.get(key, 0.0) + weight

    def _concept(self, number: int, weight: float) -> None:
        concepts = self.concepts
        concepts[number] = concepts.get(number, 0.0) + weight
        for other, factor in self.lent[number]:
            concepts[other] = concepts.get(other, 0.0) + weight * factor

    def _tokens(self, tokens: list[Token], weight: float) -> None:
        features = self.features
        for token in tokens:
            if not token.weak:
                key = "w:" + token.key
                features[key] = features.get(key, 0.0) + (weight * ASIDE_WEIGHT if token.aside else weight)


def _buyer_words(buyer: str | None) -> list[str]:
    return [token.key for token in analyse(buyer)] if buyer else []
