"""Phrases as sequences of light keys, found longest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from matching.stemming import Lang, light
from matching.text import Token, analyse

_READINGS: Final[Mapping[Lang, tuple[Lang, ...]]] = {"fr": ("fr", "en"), "en": ("fr", "en"), "ar": ("ar",)}


@dataclass(slots=True)
class Node:
    """A place in the trie: what may follow, and the numbers of the forms that end here."""

    next: dict[str | None, Node] = field(default_factory=dict)
    ends: list[tuple[int, bool]] = field(default_factory=list)  # (number, needs context)


class Trie:
    """Forms as sequences of light keys."""

    def __init__(self) -> None:
        self.root = Node()

    def add(self, form: str, number: int, *, lang: Lang, needs_context: bool = False) -> set[str]:
        """Put a form in; returns its words' keys."""
        tokens = analyse(form, lang)
        words: set[str] = set()
        # A Latin form is found in a sentence read as French and in one read as English: both keys lead to it.
        for wanted in _READINGS[lang]:
            keys = [_key(token, wanted) for token in tokens]
            words.update(key for key, token in zip(keys, tokens, strict=True) if not token.weak)
            if keys:
                self._insert(keys, number, needs_context=needs_context)
        return words

    def _insert(self, keys: Sequence[str], number: int, *, needs_context: bool) -> None:
        node = self.root
        for key in keys:
            node = node.next.setdefault(key, Node())
        if (number, False) in node.ends or (number, needs_context) in node.ends:
            return
        if not needs_context and (number, True) in node.ends:  # an unambiguous form beats an ambiguous twin
            node.ends.remove((number, True))
        node.ends.append((number, needs_context))

    def forms(self) -> Iterator[tuple[frozenset[str], int, bool]]:
        """Every form: the keys of its words, its number, whether it needs a context."""
        stack: list[tuple[Node, frozenset[str]]] = [(self.root, frozenset())]
        while stack:
            node, keys = stack.pop()
            for number, needs_context in node.ends:
                yield keys, number, needs_context
            stack.extend((child, keys | {key}) for key, child in node.next.items() if key is not None)

    def longest(self, tokens: Sequence[Token], at: int, allowed: set[int] | None) -> tuple[list[int], int]:
        """Numbers whose longest form begins at a token, with the end; ``allowed`` are those whose context stands."""
        node, best, end = self.root, list[int](), at
        position = at
        while position < len(tokens):
            if position > at and tokens[position].breaks:
                break
            token = tokens[position]
            following = node.next.get(token.form)
            if following is None and token.second is not None:
                following = node.next.get(token.second)
            if following is None:
                if position > at and token.weak:  # boilerplate inside a phrase is read over
                    position += 1
                    continue
                break
            node, position = following, position + 1
            found = [n for n, needs in node.ends if not needs or (allowed is not None and n in allowed)]
            if found:
                best, end = found, position
        return best, end

    def starts(self, tokens: Sequence[Token]) -> list[int]:
        """Where a form may begin: at most words none does."""
        first = self.root.next
        return [
            at
            for at, token in enumerate(tokens)
            if token.form in first or (token.second is not None and token.second in first)
        ]

    def every(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Numbers of every form that stands anywhere."""
        for at in self.starts(tokens):
            yield from self.longest(tokens, at, None)[0]


def _key(token: Token, lang: Lang) -> str:
    return token.form if token.lang == "ar" or token.acronym else light(token.folded, lang)
