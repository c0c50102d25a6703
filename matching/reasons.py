"""Why a pair has its score: the score taken apart into terms, concepts, codes, places and past wins, each with where
it stands in both texts. Texts are read again for the few pairs that are shown, instead of storing every place; what
many pairs need is measured and looked for together.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, repeat
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from matching import modes
from matching.analysis.analyser import analyser_of
from matching.analysis.places import MAX_SPANS, Places
from matching.cpv import CpvLabels, CpvTable
from matching.documents import cpv_digits, reference_order
from matching.features import CONCEPT, INTENT, PairSignals
from matching.feedback import Learned
from matching.lexicon import LANGS, Lexicon
from matching.looking import KeptPlaces, Looking, PlacesOf
from matching.scoring import Algorithm, Weighted
from matching.sharing import Shared
from matching.specialities import default_specialities, home_of
from matching.stemming import Lang
from matching.trades import Trades
from matching.types import EMPTY_FACTS, Facts, LotDoc, Reason, Side, Span, StartupDoc, TenderDoc

MAX_REASONS: Final = 12
"""Reasons of one result in a ranking; the others are added up as ``rest``."""

_MODES: Final = MappingProxyType({"mode.service": modes.SERVICE, "mode.product": modes.PRODUCT})
_reason: Final[Callable[[tuple[object, ...]], Reason]] = partial(tuple.__new__, Reason)
"""A reason of its six values, in half the time that ``Reason`` takes to look at its arguments."""

_LABELLED: Final = frozenset("ct")
_NO_LABELS: Final[Mapping[str, str]] = MappingProxyType({})
_ONE_BY_ONE: Final = frozenset({"text.term", "text.concept", "text.trade"})


@dataclass(frozen=True, slots=True)
class Explained:
    """A scored pair with what is needed to explain it; unit 0 is the whole tender, the others are its lots."""

    tender: TenderDoc
    unit: int
    startup: StartupDoc
    learned_by_tender: Mapping[str, Learned]
    learned_by_startup: Mapping[str, Learned]

    @property
    def lot(self) -> LotDoc | None:
        """The lot that made the score, if one did."""
        return self.tender.lots[self.unit - 1] if self.unit else None


_Draft: TypeAlias = tuple[float, str, str, float, int | None]
"""A reason before its labels and places are looked for, which only those that are shown need: minus its strength, its
code, the feature that it is about ("": all the pair shares in a channel), its contribution and its channel. Drafts sort
strongest first.
"""


class _Drafts(NamedTuple):
    """What is told of a pair: the drafts that are shown, and how many others there are, with their sum."""

    bias: float
    shown: Sequence[_Draft]
    others: int
    rest: float


class _Told(NamedTuple):
    """A pair being told: its number among its like, and where to look up the places on each side."""

    number: int
    pair: Explained
    in_tender: PlacesOf
    in_startup: PlacesOf
    startup: Places

    def spans(self, keys: Iterable[str]) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
        """The places of features on both sides."""
        return _of_all(self.in_tender, keys), _of_all(self.in_startup, keys)


class Explainer:
    """Makes the reasons of pairs."""

    def __init__(self, algorithm: Algorithm, lexicon: Lexicon, trades: Trades, cpv: CpvTable | None = None) -> None:
        self._trades = trades
        analyser = analyser_of(lexicon, trades, cpv)
        self._cpv = CpvLabels(cpv, lexicon)
        self._labels: dict[str, Mapping[str, str]] = {}
        self.algorithm = algorithm
        self.lexicon = lexicon
        self._startups = KeptPlaces[StartupDoc](lambda asked: analyser.startup_places([doc for doc, _ in asked]))
        self._tenders = KeptPlaces[TenderDoc](
            lambda asked: analyser.tender_places([(doc, doc.lots[unit - 1] if unit else None) for doc, unit in asked])
        )

    def startup_places(self, startup: StartupDoc) -> Places:
        """The places of a startup's features."""
        return self._startups.of([(startup, 0)])[0]

    def explain(
        self, pairs: Sequence[Explained], signals: PairSignals, shared: Shared, limit: int | None
    ) -> list[tuple[Reason, ...]]:
        """The reasons of each pair, strongest first after ``base``; beyond ``limit`` they are summed as ``rest``.

        ``signals`` and ``shared`` are of the same pairs. What is to be looked for in texts is looked for together.
        """
        drafts = self._drafts(signals, shared, limit)
        in_tenders = Looking(self._tenders, [(pair.tender, pair.unit) for pair in pairs])
        in_startups = Looking(self._startups, [(pair.startup, 0) for pair in pairs])
        for number, told in enumerate(drafts):
            keys = [key for _, _, key, _, _ in told.shown if key]
            for _, _, key, _, channel in told.shown:
                if not key and channel == INTENT:
                    keys += shared.keys(number, channel)
            in_tenders.ask(number, keys)
            in_startups.ask(number, keys)
        in_tenders.look()
        in_startups.look()
        return [
            self._reasons(
                _Told(n, pair, in_tenders.found(n), in_startups.found(n), in_startups.places[n]),
                drafts[n], signals, shared,
            )
            for n, pair in enumerate(pairs)
        ]  # fmt: skip

    def _drafts(self, signals: PairSignals, shared: Shared, limit: int | None) -> list[_Drafts]:
        weighted, found = self.algorithm.signals, list[_Drafts]()
        added = [self.algorithm.contributions(each, signals) for each in weighted]
        parts: list[list[float]] = np.column_stack([self.algorithm.biases(signals), *added]).tolist()
        for number, (bias, *contributions) in enumerate(parts):
            drafts: list[_Draft] = []
            for signal, contribution in zip(weighted, contributions, strict=True):
                if signal.code in _ONE_BY_ONE:
                    drafts += _each(signal, contribution, shared, number)
                elif contribution != 0.0:
                    drafts.append((-abs(contribution), signal.code, "", contribution, signal.channel))
            drafts.sort()
            others = [] if limit is None else drafts[limit:]
            rest = sum([contribution for _, _, _, contribution, _ in others])
            found.append(_Drafts(bias, drafts[:limit], len(others), rest))
        return found

    def _reasons(self, told: _Told, drafts: _Drafts, signals: PairSignals, shared: Shared) -> tuple[Reason, ...]:
        shown = [
            self._of_feature(draft, told) if draft[2] else self._of_channel(draft, told, signals, shared)
            for draft in drafts.shown
        ]
        base = Reason("base", drafts.bias)
        if not drafts.others:
            return (base, *shown)
        return (base, *shown, Reason("rest", drafts.rest, facts=_facts(count=drafts.others)))

    def _of_feature(self, draft: _Draft, told: _Told) -> Reason:
        (_, code, key, contribution, _), pair = draft, told.pair
        in_tender, in_startup = told.in_tender[key], told.in_startup[key]
        more: dict[str, str | int | float | bool | None] = {}
        if pair.learned_by_tender or pair.learned_by_startup:
            more |= _learned_facts(key, pair)
        # What no text says may come from the label of a code, which is then named instead of a place.
        if not in_tender:
            more |= self._cpv.facts(key, _codes(pair), Side.TENDER)
        if not in_startup:
            more |= self._cpv.facts(key, _codes_of(pair.startup), Side.STARTUP)
        facts = MappingProxyType({**self.labels(key), **more}) if more else self.labels(key)
        return _reason((code, contribution, key[2:], facts, in_tender, in_startup))

    def labels(self, key: str) -> Mapping[str, str]:
        """``label_fr``, ``label_ar`` and ``label_en`` of a concept's or a trade's key; nothing for other features."""
        if key[0] not in _LABELLED:
            return _NO_LABELS
        found = self._labels.get(key)
        if found is None:
            found = self._labels[key] = MappingProxyType({f"label_{lang}": self._label(key, lang) for lang in LANGS})
        return found

    def _label(self, key: str, lang: Lang) -> str:
        if key.startswith("c:"):
            return self.lexicon.concepts[self.lexicon.number[key[2:]]].label(lang)
        return self._trades.trades[self._trades.number[key[2:]]].labels[lang]

    def _of_channel(self, draft: _Draft, told: _Told, signals: PairSignals, shared: Shared) -> Reason:
        """The reason of a signal that counts as a whole."""
        (_, code, _, contribution, channel), pair = draft, told.pair
        keys = shared.keys(told.number, channel)
        spans_t, spans_s = told.spans(keys) if channel == INTENT else ((), ())
        term: str | None = None
        facts: Facts = EMPTY_FACTS
        if code == "cpv.shared":
            term = max((key[2:] for key in keys), key=lambda code: (len(code.rstrip("0")), code))
            facts = _facts(digits=len(term), code=_code_under(term, pair), **self._cpv.shared(term))
        elif code == "reference.similar":
            facts, spans_s = _reference(pair, signals, told.number)
        elif code in _MODES:
            spans_s = told.startup.of_mode(_MODES[code])
        elif code == "region.speciality":
            term, facts = self._speciality(pair, shared.keys(told.number, CONCEPT))
        elif code == "experience":
            facts = _facts(wins=int(signals.wins[told.number]))
        elif keys:
            term = " ".join(sorted(key[2:] for key in keys))
            facts = _place_facts(pair) if code == "place.same" else EMPTY_FACTS
        return _reason((code, contribution, term, facts, spans_t, spans_s))

    def _speciality(self, pair: Explained, concepts: Iterable[str]) -> tuple[str | None, Facts]:
        """The speciality that is shared, if it is one of those, and the place whose region is known for it."""
        home = home_of(pair.startup)
        named = default_specialities().named(home.region, [key[2:] for key in concepts]) if home else None
        labels = self.labels("c:" + named) if named else EMPTY_FACTS
        return named, MappingProxyType({**labels, "place": home.place if home else None})


def _each(weighted: Weighted, contribution: float, shared: Shared, number: int) -> list[_Draft]:
    """One reason for each shared word or concept: its share of the signal is its share of the cosine."""
    products = shared.products(number, weighted.channel)
    cosine = math.fsum(products)
    scale = contribution / cosine if cosine else 0.0
    added = [scale * product for product in products]
    keys, code, channel = shared.keys(number, weighted.channel), repeat(weighted.code), repeat(weighted.channel)
    return list(zip([-abs(value) for value in added], code, keys, added, channel, strict=False))


def _of_all(places: PlacesOf, keys: Iterable[str]) -> tuple[Span, ...]:
    return tuple([span for key in keys for span in places[key]][:MAX_SPANS])


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


def _reference(pair: Explained, signals: PairSignals, at: int) -> tuple[Facts, tuple[Span, ...]]:
    number = reference_order(pair.startup)[int(signals.reference_number[at])]
    reference = pair.startup.references[number]
    facts = _facts(
        title=reference.title,
        buyer=reference.buyer,
        date=reference.date.isoformat() if reference.date else None,
        similarity=float(signals.reference[at]),
    )
    return facts, (Span("references", 0, len(reference.title), number, reference.title),)
