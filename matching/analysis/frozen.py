"""The lexicon and the trades as arrays that the kernels read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeVar

import numpy as np

from matching import scope
from matching.analysis.symbols import Names
from matching.analysis.wordlists import lists_of
from matching.extraction import ASIDE_WEIGHT, DETAIL_WEIGHT, LOOSE_WEIGHT
from matching.kernels.counting import Lent, LentBy, Supply
from matching.kernels.loosely import Loose
from matching.kernels.packing import Packed, Reader, packed
from matching.kernels.phrases import CONTEXTS, FORMS, HEADS, Forest, Pointing, Rates
from matching.kernels.readings import Lists
from matching.kernels.telling import Telling
from matching.kernels.tokens import Markers
from matching.lexicon import Lexicon
from matching.modes import Modes, default_modes
from matching.text import MAX_TOKENS
from matching.trades import OTHER_INTENT, SECTOR_CONCEPT_FACTOR, SECTOR_FACTOR, Trades
from matching.trie import Node
from matching.vectorizer import F64, I32

Value = TypeVar("Value")


@dataclass(frozen=True)
class Frozen:
    """What the kernels know of a lexicon with its trades, and the names of its symbols."""

    names: Names
    telling: Telling
    known: Packed
    lists: Lists


def freeze(lexicon: Lexicon, trades: Trades) -> Frozen:
    """The arrays of a lexicon. Concepts, then intents, then trades are the first symbols."""
    ids = [each.id for group in (lexicon.concepts, lexicon.intents, trades.trades) for each in group]
    names = Names(ids)
    tries = {FORMS: lexicon.forms, CONTEXTS: lexicon.context_forms, HEADS: lexicon.heads}
    numbers = max(len(lexicon.concepts), len(lexicon.intents))
    forest = _forest([tries[n].root for n in sorted(tries)], names, numbers)
    acronyms = {names.add(key): [(n, 1.0) for n in numbers] for key, numbers in lexicon.acronyms.items()}
    cues = {names.add(key): pairs for key, pairs in lexicon.pointing.items()}
    size = len(names)
    acronym_ptr, acronym_concept, _ = _pairs(acronyms.get(n, ()) for n in range(size))
    pointing = Pointing(acronym_ptr, acronym_concept, *_pairs(cues.get(n, ()) for n in range(size)))
    reader = Reader(
        _markers(names), forest, pointing, _loose(lexicon, names), Rates(ASIDE_WEIGHT, DETAIL_WEIGHT), LOOSE_WEIGHT,
        MAX_TOKENS,
    )  # fmt: skip
    lent_by = LentBy(Lent(*_pairs(lexicon.ancestors)), Lent(*_pairs(lexicon.neighbours)))
    return Frozen(
        names, _telling(default_modes(), names), packed(reader, lent_by, _supply(lexicon, trades)), lists_of(names)
    )


def _pairs(lists: Iterable[Sequence[tuple[int, float]]]) -> tuple[I32, I32, F64]:
    """Lists of numbers with weights, end to end, with the pointers to them."""
    ptr, numbers, weights = [0], list[int](), list[float]()
    for pairs in lists:
        numbers.extend(number for number, _ in pairs)
        weights.extend(weight for _, weight in pairs)
        ptr.append(len(numbers))
    return np.array(ptr, np.int32), np.array(numbers, np.int32), np.array(weights, np.float64)


def _supply(lexicon: Lexicon, trades: Trades) -> Supply:
    wanted = np.array([[intent.id in trade.intents for intent in lexicon.intents] for trade in trades.trades], np.uint8)
    return Supply(
        *_pairs(trades.links),
        np.array([trade.sector for trade in trades.trades], np.uint8),
        np.array(trades.of_sectors, np.uint8),
        wanted.reshape(len(trades.trades), len(lexicon.intents)),
        np.array([SECTOR_FACTOR, SECTOR_CONCEPT_FACTOR, OTHER_INTENT]),
    )


def _loose(lexicon: Lexicon, names: Names) -> Loose:
    """The forms that may stand loosely, by their anchors."""
    anchored = {names.add(anchor): forms for anchor, forms in lexicon.loose_forms.anchored.items()}
    forms = [form for anchor in sorted(anchored) for form in anchored[anchor]]
    others = [[names.add(word) for word in form.others] for form in forms]
    return Loose(
        _pointers([len(anchored.get(n, ())) for n in range(len(names))]),
        _pointers([len(each) for each in others]),
        np.array(list(chain(*others)), np.int32),
        np.array([form.span for form in forms], np.int32),
        np.array([form.number for form in forms], np.int32),
        np.array([form.needs_context for form in forms], np.uint8),
        len(lexicon.concepts),
    )


def _markers(names: Names) -> Markers:
    """The markers of asides, by their first words."""
    phrases = [(first, *rest) for first, rests in scope.MARKERS.items() for rest in rests]
    return Markers(*_by_first_word(phrases, names)[:3])


def _telling(modes: Modes, names: Names) -> Telling:
    """The phrases of modes, by their first words, the longest first."""
    ptr, word_ptr, words, order = _by_first_word(sorted(modes.phrases, key=len, reverse=True), names)
    numbers = [modes.ids.index(modes.phrases[phrase]) for phrase in order]
    return Telling(ptr, word_ptr, words, np.array(numbers, np.int32), len(modes.ids))


def _by_first_word(phrases: Iterable[tuple[str, ...]], names: Names) -> tuple[I32, I32, I32, list[tuple[str, ...]]]:
    """Pointers by the symbol of the first word, pointers to the further words of each phrase and these, and the phrases
    in that order; those of one first word stay in the order given.
    """
    by_first: dict[int, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        by_first.setdefault(names.add(phrase[0]), []).append(phrase)
    order = [phrase for first in sorted(by_first) for phrase in by_first[first]]
    further = [names.add(word) for phrase in order for word in phrase[1:]]
    lengths = [len(by_first.get(n, ())) for n in range(len(names))]
    return (
        _pointers(lengths), _pointers([len(phrase) - 1 for phrase in order]), np.array(further, np.int32), order
    )  # fmt: skip


def _pointers(lengths: Sequence[int]) -> I32:
    return np.cumsum([0, *lengths], dtype=np.int32)


def _forest(roots: Sequence[Node], names: Names, numbers: int) -> Forest:
    """All tries with their nodes numbered together; node 0 is none."""
    nodes = [Node(), *roots]
    table, children, ends = [(0, 0, 0, 0)], list[tuple[int, int]](), list[tuple[int, bool]]()
    for node in islice(nodes, 1, None):  # children join the list while it is gone through
        before = len(children), len(ends)
        for symbol, child in sorted((names.add(key), child) for key, child in node.next.items() if key is not None):
            children.append((symbol, len(nodes)))
            nodes.append(child)
        ends.extend(node.ends)
        table.append((before[0], len(children), before[1], len(ends)))
    root = np.zeros((len(roots), len(names)), np.int32)
    for n in range(len(roots)):
        for symbol, first in children[table[n + 1][0] : table[n + 1][1]]:
            root[n, symbol] = first
    return Forest(root, _array(table, 4), _array(children, 2), _array(ends, 2), numbers)


def _array(rows: Sequence[Sequence[int]], width: int) -> I32:
    return np.array(rows, np.int32).reshape(-1, width)
