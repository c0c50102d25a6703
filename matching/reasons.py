"""Why a pair has its score: the score taken apart into terms, concepts, codes, places and past wins, each with where
it stands in both texts. Texts are read again for the few pairs that are shown, instead of storing every place.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from matching import modes
from matching.analysis.analyser import analyser_of
from matching.analysis.places import MAX_SPANS, Places
from matching.cpv import CpvLabels, CpvTable
from matching.documents import cpv_digits, reference_order
from matching.features import PairSignals
from matching.feedback import Learned
from matching.lexicon import LANGS, Lexicon
from matching.scoring import Algorithm, Weighted
from matching.specialities import default_specialities, home_of
from matching.trades import Trades
from matching.types import Facts, LotDoc, Reason, Side, Span, StartupDoc, TenderDoc

MAX_REASONS: Final = 12
"""Reasons of one result in a ranking; the others are added up as ``rest``."""

PLACES_KEPT: Final = 512
"""Startups whose places are kept between queries; one of 150 words takes about 20 kB."""

_MODES: Final = MappingProxyType({"mode.service": modes.SERVICE, "mode.product": modes.PRODUCT})
_ONE_BY_ONE: Final = frozenset({"text.term", "text.concept", "text.trade"})


class Product(NamedTuple):
    """What one shared feature adds to the cosine of its channel."""

    key: str
    channel: int
    value: float


@dataclass(frozen=True, slots=True)
class Explained:
    """A scored pair with what is needed to explain it; ``parts`` are what ``Explainer.parts`` says of it."""

    signals: PairSignals
    parts: Sequence[float]
    products: Sequence[Product]
    tender: TenderDoc
    lot: LotDoc | None
    startup: StartupDoc
    learned_by_tender: Mapping[str, Learned]
    learned_by_startup: Mapping[str, Learned]


class _Kept:
    """The places of startups that were looked at last, by the very same object: comparing whole profiles would cost
    more than it saves.
    """

    def __init__(self, look: Callable[[Sequence[StartupDoc]], list[Places]]) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._places: OrderedDict[int, tuple[StartupDoc, Places]] = OrderedDict()

    def of(self, startups: Sequence[StartupDoc]) -> list[Places]:
        """The places of each; those that aren't kept are looked for together."""
        with self._lock:
            known = {id(each): self._places[id(each)][1] for each in startups if id(each) in self._places}
        missing = [each for each in startups if id(each) not in known]
        fresh = {id(each): (each, places) for each, places in zip(missing, self._look(missing), strict=True)}
        with self._lock:
            self._places.update(fresh)
            for each in known:
                if each in self._places:
                    self._places.move_to_end(each)
            while len(self._places) > PLACES_KEPT:
                self._places.popitem(last=False)
        return [known[id(each)] if id(each) in known else fresh[id(each)][1] for each in startups]


class _Draft(NamedTuple):
    """A reason before its labels and places are looked for, which only those that are shown need. It is about a feature
    (``key``) or, where that is empty, about all the pair shares in a channel.
    """

    code: str
    contribution: float
    key: str
    channel: int | None


class Explainer:
    """Makes the reasons of pairs."""

    def __init__(self, algorithm: Algorithm, lexicon: Lexicon, trades: Trades, cpv: CpvTable | None = None) -> None:
        self._trades = trades
        self._analyser = analyser_of(lexicon, trades, cpv)
        self._cpv = CpvLabels(cpv, lexicon)
        self.algorithm = algorithm
        self.lexicon = lexicon
        self._startup_places = _Kept(self._analyser.startup_places)

    def tender_places(self, asked: Sequence[tuple[TenderDoc, LotDoc | None]]) -> list[Places]:
        """The places of the features of tenders, or of one lot of each."""
        return self._analyser.tender_places(asked)

    def startup_places(self, startups: Sequence[StartupDoc]) -> list[Places]:
        """The places of startups' features; kept for a while, as the best startups are found again and again."""
        return self._startup_places.of(startups)

    def parts(self, pairs: PairSignals) -> list[list[float]]:
        """For each pair the bias and what each signal adds to the score, in the algorithm's order."""
        added = [self.algorithm.contributions(weighted, pairs) for weighted in self.algorithm.signals]
        parts: list[list[float]] = np.column_stack([self.algorithm.biases(pairs), *added]).tolist()
        return parts

    def reasons(self, pair: Explained, in_tender: Places, in_startup: Places, limit: int | None) -> tuple[Reason, ...]:
        """The reasons of a pair, strongest first after ``base``; beyond ``limit`` they are summed as ``rest``."""
        found: list[_Draft] = []
        bias, *contributions = pair.parts
        for weighted, contribution in zip(self.algorithm.signals, contributions, strict=True):
            if weighted.code in _ONE_BY_ONE:
                found.extend(_each(weighted, contribution, pair.products))
            elif contribution != 0.0:
                found.append(_Draft(weighted.code, contribution, "", weighted.channel))
        found.sort(key=lambda draft: (-abs(draft.contribution), draft.code, draft.key))
        shown = [
            self._of_feature(draft, pair, in_tender, in_startup)
            if draft.key
            else self._of_channel(draft, pair, in_tender, in_startup)
            for draft in found[:limit]
        ]
        base = Reason("base", bias)
        if limit is None or len(found) <= limit:
            return (base, *shown)
        rest = sum(draft.contribution for draft in found[limit:])
        return (base, *shown, Reason("rest", rest, facts=_facts(count=len(found) - limit)))

    def _of_feature(self, draft: _Draft, pair: Explained, in_tender: Places, in_startup: Places) -> Reason:
        code, contribution, key, _ = draft
        asked, told = in_tender.of(key), in_startup.of(key)
        facts = {**self.labels(key), **_learned_facts(key, pair)}
        # What no text says may come from the label of a code, which is then named instead of a place.
        if not asked:
            facts |= self._cpv.facts(key, _codes(pair), Side.TENDER)
        if not told:
            facts |= self._cpv.facts(key, _codes_of(pair.startup), Side.STARTUP)
        return Reason(code, contribution, key[2:], MappingProxyType(facts), asked, told)

    def labels(self, key: str) -> Mapping[str, str]:
        """``label_fr``, ``label_ar`` and ``label_en`` of a concept's or a trade's key; nothing for other features."""
        if key.startswith("c:"):
            concept = self.lexicon.concepts[self.lexicon.number[key[2:]]]
            return MappingProxyType({f"label_{lang}": concept.label(lang) for lang in LANGS})
        if key.startswith("t:"):
            trade = self._trades.trades[self._trades.number[key[2:]]]
            return MappingProxyType({f"label_{lang}": trade.labels[lang] for lang in LANGS})
        return MappingProxyType({})

    def _of_channel(self, draft: _Draft, pair: Explained, in_tender: Places, in_startup: Places) -> Reason:
        """The reason of a signal that counts as a whole."""
        code, contribution, _, channel = draft
        keys = [product.key for product in pair.products if product.channel == channel]
        spans_t = tuple(span for key in keys for span in in_tender.of(key))[:MAX_SPANS]
        spans_s = tuple(span for key in keys for span in in_startup.of(key))[:MAX_SPANS]
        term: str | None = None
        facts: Mapping[str, str | int | float | bool | None] = _facts()
        if code == "cpv.shared":
            term = max((key[2:] for key in keys), key=lambda code: (len(code.rstrip("0")), code))
            facts = _facts(digits=len(term), code=_code_under(term, pair), **self._cpv.shared(term))
        elif code == "reference.similar":
            facts, spans_s = _reference(pair)
        elif code in _MODES:
            spans_s = in_startup.of_mode(_MODES[code])
        elif code == "region.speciality":
            term, facts = self._speciality(pair)
        elif code == "experience":
            facts = _facts(wins=int(pair.signals.wins[0]))
        elif keys:
            term = " ".join(sorted(key[2:] for key in keys))
            facts = _place_facts(pair) if code == "place.same" else _facts()
        return Reason(code, contribution, term, facts, spans_t, spans_s)

    def _speciality(self, pair: Explained) -> tuple[str | None, Facts]:
        """The speciality that is shared, if it is one of those, and the place whose region is known for it."""
        home = home_of(pair.startup)
        shared = [product.key[2:] for product in pair.products if product.key.startswith("c:")]
        named = default_specialities().named(home.region, shared) if home else None
        labels = self.labels("c:" + named) if named else _facts()
        return named, MappingProxyType({**labels, "place": home.place if home else None})


def _each(weighted: Weighted, contribution: float, products: Sequence[Product]) -> Iterable[_Draft]:
    """One reason for each shared word or concept: its share of the signal is its share of the cosine."""
    shared = [product for product in products if product.channel == weighted.channel]
    cosine = math.fsum(product.value for product in shared)
    scale = contribution / cosine if cosine else 0.0
    return [_Draft(weighted.code, scale * product.value, product.key, weighted.channel) for product in shared]


def _facts(**facts: str | float | bool | None) -> Facts:
    return MappingProxyType(facts)


def _learned_facts(key: str, pair: Explained) -> Facts:
    """``tender_learned`` and ``startup_learned``: what feedback did to a feature, on the side where it did."""
    sides = (("tender_learned", pair.learned_by_tender), ("startup_learned", pair.learned_by_startup))
    return {name: learned[key] for name, learned in sides if key in learned}


def _codes(pair: Explained) -> Sequence[str]:
    """The codes that count for the lot, or for the whole tender."""
    return pair.lot.cpv if pair.lot is not None and pair.lot.cpv else pair.tender.cpv


def _codes_of(startup: StartupDoc) -> Iterable[str]:
    """A startup's own codes, then those of its past wins."""
    return chain(startup.cpv, *(reference.cpv for reference in startup.references))


def _code_under(prefix: str, pair: Explained) -> str:
    codes = (cpv_digits(code) for code in _codes(pair))
    return next((code for code in codes if code.startswith(prefix.rstrip("0"))), prefix)


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
