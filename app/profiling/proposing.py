"""What a startup says of itself, as fields of its profile, each with the passages that say it. Pure work."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from app.db.base import JsonObject
from app.profiling.places import regions_in
from matching.lexicon import default_lexicon
from matching.text import analyse
from matching.trades import default_trades
from scrapers.redaction import cleaned_text

MAX_DESCRIPTION: Final = 1_500
MAX_CONCEPTS: Final = 20
MAX_SECTORS: Final = 3
MAX_REGIONS: Final = 12
QUOTES: Final = 3
_LEAST_PARAGRAPH = 60
"""Shorter ones are headings, menus and captions: they name subjects, and don't describe."""
_QUOTE_MARGIN = 80
_LEAST_LANGUAGE_SHARE = 0.1
_LEAST_TRADE_SHARE = 0.15
_LEAST_MENTIONS = 2
_SENTENCE_END = re.compile(r"(?<=[.!?؟])\s")


class Passage(NamedTuple):
    """A paragraph, and where it stands: an address, or a page of a deck."""

    place: str
    text: str


@dataclass(slots=True)
class Draft:
    """The fields that were found, and the passages behind them."""

    proposed: JsonObject = field(default_factory=dict)
    evidence: list[JsonObject] = field(default_factory=list)

    def support(self, name: str, value: str, passage: Passage, quote: str) -> None:
        """Note a passage behind a value of a field."""
        self.evidence.append({"field": name, "value": value, "place": passage.place, "quote": quote})


def propose(passages: Sequence[Passage]) -> Draft:
    """The draft of a profile. Nothing is said that no passage says; contact persons are cut out first."""
    cleaned = [Passage(one.place, cleaned_text(one.text)) for one in passages]
    unique = list({one.text: one for one in reversed(cleaned)}.values())[::-1]
    draft = Draft()
    _describe(draft, unique)
    concepts, languages = _concepts(draft, unique)
    _sectors(draft, concepts)
    _regions(draft, unique)
    total = languages.total()
    spoken = [lang for lang, number in languages.most_common() if number >= _LEAST_LANGUAGE_SHARE * total]
    if spoken:
        draft.proposed["languages"] = list(spoken)
    return draft


def _describe(draft: Draft, passages: Iterable[Passage]) -> None:
    """The first paragraphs that are sentences, as they stand."""
    parts: list[str] = []
    left = MAX_DESCRIPTION
    for passage in passages:
        if len(passage.text) < _LEAST_PARAGRAPH:
            continue
        part = passage.text if len(passage.text) <= left else _whole_sentences(passage.text[:left])
        if not part:
            break
        parts.append(part)
        draft.support("description", part[:_LEAST_PARAGRAPH], passage, part)
        left -= len(part) + 2
        if left < _LEAST_PARAGRAPH:
            break
    if parts:
        draft.proposed["description"] = "\n\n".join(parts)


def _whole_sentences(text: str) -> str:
    ends = [found.start() for found in _SENTENCE_END.finditer(text)]
    return text[: ends[-1]].strip() if ends else ""


class _Found(NamedTuple):
    """How often a value was named, and where."""

    counts: Counter[int]
    places: dict[int, list[tuple[Passage, int, int]]]

    def add(self, key: int, passage: Passage, start: int, end: int) -> None:
        self.counts[key] += 1
        known = self.places.setdefault(key, [])
        if len(known) < QUOTES:
            known.append((passage, start, end))


def _concepts(draft: Draft, passages: Iterable[Passage]) -> tuple[_Found, Counter[str]]:
    """Subjects of the lexicon that the text names, by the analyser that matches tenders, and its languages."""
    lexicon = default_lexicon()
    found = _Found(Counter(), {})
    languages: Counter[str] = Counter()
    for passage in passages:
        tokens = analyse(passage.text)
        languages.update(token.lang for token in tokens)
        for mention in lexicon.mentions(tokens):
            found.add(mention.concept, passage, tokens[mention.start].start, tokens[mention.end - 1].end)
    named: list[str] = []
    for number, _ in found.counts.most_common(MAX_CONCEPTS):
        passage, start, end = found.places[number][0]
        word = passage.text[start:end].strip()[:200]
        if word.casefold() not in {one.casefold() for one in named}:
            named.append(word)
        _quote(draft, "technologies", word, found.places[number])
        draft.evidence[-1]["concept"] = lexicon.concepts[number].id
    if named:
        draft.proposed["technologies"] = list(named)
    return found, languages


def _sectors(draft: Draft, found: _Found) -> None:
    """Trades that live from the subjects named: each with a share of all mentions, and more than a chance one."""
    trades = default_trades()
    shares: Counter[int] = Counter()
    best: dict[int, int] = {}
    for concept, count in found.counts.most_common():
        for trade, weight in trades.links[concept]:
            shares[trade] += int(100 * weight * count)
            best.setdefault(trade, concept)
    total = sum(found.counts.values())
    kept = [
        (trade, best[trade])
        for trade, share in shares.most_common(MAX_SECTORS)
        if share >= 100 * max(_LEAST_TRADE_SHARE * total, _LEAST_MENTIONS)
    ]
    if kept:
        draft.proposed["sectors"] = [trades.trades[trade].labels["fr"] for trade, _ in kept]
    for trade, concept in kept:
        _quote(draft, "sectors", trades.trades[trade].labels["fr"], found.places[concept])


def _regions(draft: Draft, passages: Iterable[Passage]) -> None:
    names: list[str] = []
    found = _Found(Counter(), {})
    for passage in passages:
        for region, start, end in regions_in(passage.text):
            if region not in names:
                names.append(region)
            found.add(names.index(region), passage, start, end)
    kept = [number for number, _ in found.counts.most_common(MAX_REGIONS)]
    if kept:
        draft.proposed["regions"] = [names[number] for number in kept]
    for number in kept:
        _quote(draft, "regions", names[number], found.places[number])


def _quote(draft: Draft, name: str, value: str, places: Iterable[tuple[Passage, int, int]]) -> None:
    for passage, start, end in places:
        draft.support(name, value, passage, _around(passage.text, start, end))


def _around(text: str, start: int, end: int) -> str:
    """The words around a place, cut at blanks, verbatim."""
    left, right = max(0, start - _QUOTE_MARGIN), min(len(text), end + _QUOTE_MARGIN)
    if left:
        left = text.find(" ", left, start) + 1 or start
    if right < len(text):
        right = max(text.rfind(" ", end, right), end)
    return ("…" if left else "") + text[left:right].strip() + ("…" if right < len(text) else "")
