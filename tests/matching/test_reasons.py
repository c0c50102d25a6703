"""Reasons made for many pairs at once are those that a plain reading of each pair gives, to the bit and the letter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from app.files.to_matching import startup_doc, tender_doc
from app.kit.clock import utc_now
from app.sample import sample_startups, sample_tenders
from matching import Matcher
from matching.analysis.analyser import default_analyser
from matching.analysis.places import Places
from matching.documents import Passage, startup_passages, tender_passages
from matching.looking import KeptPlaces
from matching.reasons import MAX_REASONS
from matching.related import Lending
from matching.text import analyse
from matching.trades import default_trades
from matching.types import Gates, MatchResult, Reason, Span, StartupDoc, StartupLesson, TenderDoc, TenderLesson
from tests.matching.test_matcher import STARTUPS as FEW_STARTUPS
from tests.matching.test_matcher import TENDERS as FEW_TENDERS

TENDERS = [*FEW_TENDERS, *(tender_doc(record) for record in sample_tenders(utc_now()))]
STARTUPS = [*FEW_STARTUPS, *(startup_doc(record) for record in sample_startups())]
ANYWHERE = Gates(same_country=False)
ONE_BY_ONE = {"text.term": "w", "text.concept": "c", "text.trade": "t"}
MOST = 5


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    return matcher


class Plain:
    """Where features stand in a document, read word by word in Python."""

    def __init__(self, passages: Sequence[Passage], hint: str | None, matcher: Matcher, *, asked: bool) -> None:
        self._lexicon, self._trades = matcher._lexicon, default_trades()
        self._lent: Lending = self._lexicon.neighbours if asked else self._lexicon.ancestors
        read = [(passage, analyse(passage.text, hint)) for passage in passages if passage.text]
        contexts = {number for _, tokens in read for number in self._lexicon.contexts(tokens)}
        self.words: list[tuple[str, Span]] = []
        self.concepts: list[tuple[int, Span]] = []
        loosely: list[tuple[int, Span]] = []
        for passage, tokens in read:
            mentions = self._lexicon.mentions(tokens, contexts)
            self.words += [
                ("w:" + token.key, span(passage, token.start, token.end)) for token in tokens if not token.weak
            ]
            for mention in mentions:
                place = span(passage, tokens[mention.start].start, tokens[mention.end - 1].end)
                self.concepts.append((mention.concept, place))
            if not asked:
                continue
            for token in tokens:
                place = span(passage, token.start, token.end)
                self.concepts += [(number, place) for number, _ in self._lexicon.cues(token)]
            told = {mention.concept for mention in mentions}
            for mention in self._lexicon.loose_mentions(tokens, contexts):
                if mention.concept not in told:
                    place = span(passage, tokens[mention.start].start, tokens[mention.end - 1].end)
                    loosely.append((mention.concept, place))
        self.concepts += loosely

    def of(self, key: str) -> tuple[Span, ...]:
        """The places of a word, a concept or a trade."""
        if key[0] == "w":
            found = [place for word, place in self.words if word == key]
        else:
            found = [place for number, place in self.concepts if key in self._speaks_for(number)]
        return tuple(dict.fromkeys(found))[:MOST]

    def _speaks_for(self, number: int) -> Iterator[str]:
        for each in (number, *(other for other, _ in self._lent[number])):
            yield "c:" + self._lexicon.concepts[each].id
            # A trade stands where its concepts stand, with all that lend them weight.
            yield from ("t:" + self._trades.trades[trade].id for trade, _ in self._trades.links[each])


def span(passage: Passage, start: int, end: int) -> Span:
    return Span(passage.field, start, end, passage.item, passage.text[start:end])


def plainly(matcher: Matcher, tender: TenderDoc, startup: StartupDoc) -> list[tuple[float, str, str, float]]:
    """Every reason of a pair but its base: minus its strength, its code, its key, its contribution; in their order."""
    moment = matcher._moment()
    hits = moment.pair(tender, startup)
    (left, left_values), (right, right_values) = hits.items[0].rows
    ids, at_left, at_right = np.intersect1d(left, right, assume_unique=True, return_indices=True)
    values = left_values[at_left].astype(np.float64) * right_values[at_right].astype(np.float64)
    products = [(moment.term(number), value) for number, value in zip(ids.tolist(), values.tolist(), strict=True)]
    found = []
    for weighted in matcher.algorithm.signals:
        contribution = float(matcher.algorithm.contributions(weighted, hits.signals)[0])
        letter = ONE_BY_ONE.get(weighted.code)
        if letter is None:
            found += [(-abs(contribution), weighted.code, "", contribution)] if contribution else []
            continue
        shared = [(key, value) for key, value in products if key[0] == letter]
        cosine = math.fsum(value for _, value in shared)
        scale = contribution / cosine if cosine else 0.0
        found += [(-abs(scale * value), weighted.code, key, scale * value) for key, value in shared]
    return sorted(found)


def assert_plain(matcher: Matcher, item: MatchResult, tender: TenderDoc, startup: StartupDoc) -> None:
    expected = plainly(matcher, tender, startup)
    base, *reasons = item.reasons
    assert base.code == "base"
    if len(expected) > MAX_REASONS:
        rest = reasons.pop()
        assert rest.facts == {"count": len(expected) - MAX_REASONS}
        assert rest == Reason("rest", sum(each[3] for each in expected[MAX_REASONS:]), facts=rest.facts)
    lot = next((lot for lot in tender.lots if lot.id == item.lot_id), None)
    in_tender = Plain(tender_passages(tender, lot), tender.language, matcher, asked=True)
    hint = startup.languages[0] if startup.languages else None
    in_startup = Plain(startup_passages(startup), hint, matcher, asked=False)
    for reason, (_, code, key, contribution) in zip(reasons, expected[:MAX_REASONS], strict=True):
        assert (reason.code, reason.contribution) == (code, contribution)
        if key:
            assert reason.term == key[2:]
            assert (reason.in_tender, reason.in_startup) == (in_tender.of(key), in_startup.of(key)), key


def test_reasons_of_a_tender_are_plain(matcher: Matcher) -> None:
    startups = {startup.id: startup for startup in STARTUPS}
    for tender in TENDERS[:25]:
        for item in matcher.startups_for(tender, k=6, gates=ANYWHERE).items:
            assert_plain(matcher, item, tender, startups[item.startup_id])


def test_reasons_of_a_startup_are_plain_and_those_of_its_tender(matcher: Matcher) -> None:
    tenders = {tender.id: tender for tender in TENDERS}
    for startup in STARTUPS[:10]:
        for item in matcher.tenders_for(startup, k=4, gates=ANYWHERE).items:
            assert_plain(matcher, item, tenders[item.tender_id], startup)
            back = matcher.startups_for(
                tenders[item.tender_id], k=1, gates=Gates(same_country=False, only=frozenset({startup.id}))
            )
            assert back.items == (item,)


def test_what_was_learned_is_told_beside_the_labels(matcher: Matcher) -> None:
    tender, startup = FEW_TENDERS[0], FEW_STARTUPS[0]
    taught = Matcher()
    taught.load(tenders=[tender], startups=[STARTUPS[5], startup])
    asked = TenderDoc("t-new", tender.title, country="MA", lessons=(StartupLesson(startup, kept=True),))
    asking = StartupDoc("s-new", startup.name, startup.description, lessons=(TenderLesson(tender, kept=True),))
    reasons = taught.explain(asked, asking).reasons
    both = [reason for reason in reasons if {"tender_learned", "startup_learned"} <= set(reason.facts)]
    assert both
    assert any("label_fr" in reason.facts for reason in both)
    plain = taught.explain(tender, startup).reasons  # labels are kept between answers, what was learned is not
    assert not any("tender_learned" in reason.facts or "startup_learned" in reason.facts for reason in plain)


class TestKeptPlaces:
    def test_a_document_is_read_once_while_it_is_kept(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("matching.looking.PLACES_KEPT", 2)
        one, two, three = STARTUPS[:3]
        read: list[str] = []

        def look(asked: Sequence[tuple[StartupDoc, int]]) -> list[Places]:
            read.extend(doc.id for doc, _ in asked)
            return default_analyser().startup_places([doc for doc, _ in asked])

        kept = KeptPlaces[StartupDoc](look)
        first, second, again = kept.of([(one, 0), (two, 0), (one, 0)])
        assert first is again
        assert [places.passages[0].text for places in (first, second)] == [one.name, two.name]
        kept.of([(one, 0), (three, 0)])
        assert read == [one.id, two.id, three.id]
        assert kept.of([(one, 0)]) == [first]
        assert len(read) == 3
        kept.of([(two, 0)])
        assert read[3:] == [two.id]

    def test_a_changed_document_of_the_same_id_is_read_again(self, matcher: Matcher) -> None:
        for words in ("Portail web", "Réseau web", "Logiciel web"):
            startup = StartupDoc("s", "S", words)
            found = matcher.explain(TenderDoc("t", words), startup).reasons
            assert {place.text for reason in found for place in reason.in_startup} >= set(words.split())
