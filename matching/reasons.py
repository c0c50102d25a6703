"""Why a pair has its score: the score taken apart into terms, concepts, codes, places and past wins, each with where
it stands in both texts. Texts are analysed again for the few pairs that are shown, instead of storing every place.
"""

from __future__ import annotations

import math
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from matching import modes
from matching.documents import Passage, cpv_digits, reference_order, startup_passages, tender_passages
from matching.features import PairSignals
from matching.feedback import Learned
from matching.lexicon import LANGS, Lexicon
from matching.scoring import Algorithm, Weighted
from matching.text import analyse
from matching.trades import Trades
from matching.types import Facts, LotDoc, Reason, Span, StartupDoc, TenderDoc

MAX_SPANS: Final = 5
"""Places shown for one reason in one text."""

MAX_REASONS: Final = 12
"""Reasons of one result in a ranking; the others are added up as ``rest``."""

PLACES_KEPT: Final = 512
"""Startups whose places are kept between queries; one of 150 words takes about 20 kB."""

_MODES: Final = MappingProxyType({"mode.service": modes.SERVICE, "mode.product": modes.PRODUCT})
_ONE_BY_ONE: Final = frozenset({"text.term", "text.concept", "text.trade"})


@dataclass(frozen=True, slots=True)
class Product:
    """What one shared feature adds to the cosine of its channel."""

    key: str
    channel: int
    value: float


class Places:
    """Where each feature stands in a document; only the ``wanted`` ones if given, ``cues`` (single words that
    point at a concept, loose phrases) too.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        lexicon: Lexicon,
        hint: str | None,
        wanted: Container[str] | None = None,
        *,
        cues: bool = False,
    ) -> None:
        self._spans: dict[str, list[Span]] = {}
        self._wanted = wanted
        analysed = [(passage, analyse(passage.text, hint)) for passage in passages if passage.text]
        contexts: set[int] = set()
        for _, tokens in analysed:
            contexts |= lexicon.contexts(tokens)
        for passage, tokens in analysed:
            for token in tokens:
                self._put("w:" + token.key, passage, token.start, token.end)
                for number, _ in lexicon.cues(token) if cues else ():
                    self._put("c:" + lexicon.concepts[number].id, passage, token.start, token.end)
            loose = lexicon.loose_mentions(tokens, contexts) if cues else ()
            for mention in (*lexicon.mentions(tokens, contexts), *loose):
                start, end = tokens[mention.start].start, tokens[mention.end - 1].end
                for number in (mention.concept, *(above for above, _ in lexicon.ancestors[mention.concept])):
                    self._put("c:" + lexicon.concepts[number].id, passage, start, end)
            for mention in lexicon.intents_of(tokens):
                start, end = tokens[mention.start].start, tokens[mention.end - 1].end
                self._put("i:" + lexicon.intents[mention.concept].id, passage, start, end)
        self._concepts = [key[2:] for key in self._spans if key.startswith("c:")]

    def _put(self, key: str, passage: Passage, start: int, end: int) -> None:
        if self._wanted is not None and key not in self._wanted:
            return
        spans = self._spans.setdefault(key, [])
        if len(spans) < MAX_SPANS:
            spans.append(Span(passage.field, start, end, passage.item, passage.text[start:end]))

    def of(self, key: str) -> tuple[Span, ...]:
        """The places of a feature, at most ``MAX_SPANS``."""
        return tuple(self._spans.get(key, ()))

    def of_concepts(self, concepts: Container[str]) -> tuple[Span, ...]:
        """The places of any of these concepts, each once, at most ``MAX_SPANS``."""
        found: dict[Span, None] = {}
        for concept in self._concepts:
            if concept in concepts:
                found.update(dict.fromkeys(self._spans["c:" + concept]))
        return tuple(found)[:MAX_SPANS]


def tender_places(
    tender: TenderDoc, lot: LotDoc | None, lexicon: Lexicon, wanted: Container[str] | None = None
) -> Places:
    """The places of a tender's or a lot's features."""
    return Places(tender_passages(tender, lot), lexicon, tender.language, wanted, cues=True)


def startup_places(startup: StartupDoc, lexicon: Lexicon) -> Places:
    """The places of a startup's features."""
    hint = startup.languages[0] if startup.languages else None
    return Places(startup_passages(startup), lexicon, hint)


@dataclass(frozen=True, slots=True)
class Explained:
    """A scored pair with what is needed to explain it."""

    signals: PairSignals
    products: Sequence[Product]
    tender: TenderDoc
    lot: LotDoc | None
    startup: StartupDoc
    learned_by_tender: Mapping[str, Learned]
    learned_by_startup: Mapping[str, Learned]


class _Same:
    """A startup as a cache key: the very same object, as comparing whole profiles would cost more than it saves."""

    __slots__ = ("startup",)

    def __init__(self, startup: StartupDoc) -> None:
        self.startup = startup

    def __hash__(self) -> int:
        return id(self.startup)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.startup is self.startup


class Explainer:
    """Makes the reasons of pairs; ``tender_places``/``startup_places`` of the query side are worked out once."""

    def __init__(self, algorithm: Algorithm, lexicon: Lexicon, trades: Trades) -> None:
        self._trades = trades
        self.algorithm = algorithm
        self.lexicon = lexicon
        self._startup_places = lru_cache(maxsize=PLACES_KEPT)(self._look_through)

    def startup_places(self, startup: StartupDoc) -> Places:
        """The places of a startup's features; kept for a while, as the best startups are found again and again."""
        return self._startup_places(_Same(startup))

    def _look_through(self, same: _Same) -> Places:
        return startup_places(same.startup, self.lexicon)

    def reasons(self, pair: Explained, in_tender: Places, in_startup: Places, limit: int | None) -> tuple[Reason, ...]:
        """The reasons of a pair, strongest first after ``base``; beyond ``limit`` they are summed as ``rest``."""
        found: list[Reason] = []
        for weighted in self.algorithm.signals:
            if weighted.code in _ONE_BY_ONE:
                found.extend(self._each(weighted, pair, in_tender, in_startup))
            else:
                found.extend(self._whole(weighted, pair, in_tender, in_startup))
        found.sort(key=lambda reason: (-abs(reason.contribution), reason.code, reason.term or ""))
        base = Reason("base", float(self.algorithm.biases(pair.signals)[0]))
        if limit is None or len(found) <= limit:
            return (base, *found)
        rest = sum(reason.contribution for reason in found[limit:])
        return (base, *found[:limit], Reason("rest", rest, facts=_facts(count=len(found) - limit)))

    def _each(self, weighted: Weighted, pair: Explained, in_tender: Places, in_startup: Places) -> Iterable[Reason]:
        """One reason for each shared word or concept: its share of the signal is its share of the cosine."""
        shared = [product for product in pair.products if product.channel == weighted.channel]
        cosine = math.fsum(product.value for product in shared)
        scale = float(self.algorithm.contributions(weighted, pair.signals)[0]) / cosine if cosine else 0.0
        for product in shared:
            name = product.key[2:]
            yield Reason(
                weighted.code,
                scale * product.value,
                term=name,
                facts=MappingProxyType({**self.labels(product.key), **_learned_facts(product.key, pair)}),
                in_tender=self._spans(product.key, in_tender),
                in_startup=self._spans(product.key, in_startup),
            )

    def _spans(self, key: str, places: Places) -> tuple[Span, ...]:
        """Where a feature stands; a trade stands where the concepts that lead to it do."""
        if key.startswith("t:"):
            return places.of_concepts(self._trades.concepts[self._trades.number[key[2:]]])
        return places.of(key)

    def wanted(self, products: Sequence[Product]) -> set[str]:
        """The features whose places explain these products."""
        keys = {product.key for product in products}
        for key in [key for key in keys if key.startswith("t:")]:
            keys.update("c:" + concept for concept in self._trades.concepts[self._trades.number[key[2:]]])
        return keys

    def labels(self, key: str) -> Mapping[str, str]:
        """``label_fr``, ``label_ar`` and ``label_en`` of a concept's or a trade's key; nothing for other features."""
        if key.startswith("c:"):
            concept = self.lexicon.concepts[self.lexicon.number[key[2:]]]
            return MappingProxyType({f"label_{lang}": concept.label(lang) for lang in LANGS})
        if key.startswith("t:"):
            trade = self._trades.trades[self._trades.number[key[2:]]]
            return MappingProxyType({f"label_{lang}": trade.labels[lang] for lang in LANGS})
        return MappingProxyType({})

    def _whole(self, weighted: Weighted, pair: Explained, in_tender: Places, in_startup: Places) -> Iterable[Reason]:
        """One reason for the signal as a whole; none where it says nothing."""
        contribution = float(self.algorithm.contributions(weighted, pair.signals)[0])
        if contribution == 0.0:
            return
        keys = [product.key for product in pair.products if product.channel == weighted.channel]
        spans_t = tuple(span for key in keys for span in in_tender.of(key))[:MAX_SPANS]
        spans_s = tuple(span for key in keys for span in in_startup.of(key))[:MAX_SPANS]
        term: str | None = None
        facts: Mapping[str, str | int | float | bool | None] = _facts()
        if weighted.code == "cpv.shared":
            term = max((key[2:] for key in keys), key=lambda code: (len(code.rstrip("0")), code))
            facts = _facts(digits=len(term), code=_code_under(term, pair))
        elif weighted.code == "reference.similar":
            facts, spans_s = _reference(pair)
        elif weighted.code in _MODES:
            spans_s = modes.places(pair.startup, _MODES[weighted.code])[:MAX_SPANS]
        elif weighted.code == "experience":
            facts = _facts(wins=int(pair.signals.wins[0]))
        elif keys:
            term = " ".join(sorted(key[2:] for key in keys))
            facts = _place_facts(pair) if weighted.code == "place.same" else _facts()
        yield Reason(weighted.code, contribution, term, facts, spans_t, spans_s)


def _facts(**facts: str | float | bool | None) -> Facts:
    return MappingProxyType(facts)


def _learned_facts(key: str, pair: Explained) -> Facts:
    """``tender_learned`` and ``startup_learned``: what feedback did to a feature, on the side where it did."""
    sides = (("tender_learned", pair.learned_by_tender), ("startup_learned", pair.learned_by_startup))
    return {name: learned[key] for name, learned in sides if key in learned}


def _code_under(prefix: str, pair: Explained) -> str:
    codes = pair.lot.cpv if pair.lot is not None and pair.lot.cpv else pair.tender.cpv
    return next((cpv_digits(code) for code in codes if cpv_digits(code).startswith(prefix.rstrip("0"))), prefix)


def _place_facts(pair: Explained) -> Facts:
    return _facts(tender=pair.tender.place, startup=pair.startup.city)


def _reference(pair: Explained) -> tuple[Facts, tuple[Span, ...]]:
    number = reference_order(pair.startup)[int(pair.signals.reference_number[0])]
    reference = pair.startup.references[number]
    facts = _facts(
        title=reference.title,
        buyer=reference.buyer,
        date=reference.date.isoformat() if reference.date else None,
        similarity=float(pair.signals.reference[0]),
    )
    return facts, (Span("references", 0, len(reference.title), number, reference.title),)
