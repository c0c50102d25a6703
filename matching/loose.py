"""Loose phrases: the words of a form standing together, but in another order or with other words between them.

A buyer's "gestion du patrimoine et du stock" holds the form "gestion du stock", his "overhaul of the billing
application" the form "billing application overhaul". The words of a form must stand in one run of words (without
punctuation or aside), at most ``GAP`` other words among them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple, TypeAlias

from matching.text import Token

GAP: Final = 2
"""Words that may stand between those of a form."""

Form: TypeAlias = tuple[frozenset[str], int, bool]
"""The light keys of a form's words, its number, whether it needs a context."""


class _Anchored(NamedTuple):
    """A form under its rarest word: the other words, and how many words its place may span."""

    others: tuple[str, ...]
    span: int
    number: int
    needs_context: bool


class LooseForms:
    """Forms of several words, each kept under the word that the fewest forms have. Immutable, safe to share."""

    def __init__(self, forms: Iterable[Form]) -> None:
        several = sorted({form for form in forms if len(form[0]) > 1}, key=lambda form: (sorted(form[0]), *form[1:]))
        frequency = Counter(key for keys, _, _ in several for key in keys)
        anchored: dict[str, list[_Anchored]] = {}
        for keys, number, needs_context in several:
            anchor, *others = sorted(keys, key=lambda key: (frequency[key], key))
            anchored.setdefault(anchor, []).append(_Anchored(tuple(others), len(keys) + GAP, number, needs_context))
        self.anchored = {anchor: tuple(each) for anchor, each in anchored.items()}
        """The forms under each anchor."""

    def find(self, tokens: Sequence[Token], allowed: set[int]) -> Iterator[tuple[int, int, int]]:
        """(number, start, end) of the forms that stand loosely in a text; ``allowed`` are those whose context stands.

        Of a word that comes several times, the one nearest to the anchor counts, the earlier of two as near.
        """
        for start, end in _runs(tokens):
            places: dict[str, list[int]] = {}
            for at in range(start, end):
                for key in _keys(tokens[at]):
                    places.setdefault(key, []).append(at)
            for at in range(start, end):
                for key in _keys(tokens[at]):
                    for form in self.anchored.get(key, ()):
                        if form.needs_context and form.number not in allowed:
                            continue
                        found = _stretch(at, form, places)
                        if found is not None:
                            yield form.number, *found


def _keys(token: Token) -> tuple[str, ...]:
    return (token.form,) if token.second is None else (token.form, token.second)


def _runs(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    """Where words stand together: without punctuation between them, asides left out."""
    start = 0
    for at, token in enumerate(tokens):
        if token.breaks or token.aside:
            if at > start:
                yield start, at
            start = at + token.aside
    if len(tokens) > start:
        yield start, len(tokens)


def _stretch(at: int, form: _Anchored, places: dict[str, list[int]]) -> tuple[int, int] | None:
    """Start and end of the words of a form around its anchor, if all stand near enough."""
    first = last = at
    for key in form.others:
        standing = places.get(key)
        if standing is None:
            return None
        following = bisect_left(standing, at)
        nearest = min(standing[max(following - 1, 0) : following + 1], key=lambda place: abs(place - at))
        first, last = min(first, nearest), max(last, nearest)
    return (first, last + 1) if last + 1 - first <= form.span else None
