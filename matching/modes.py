"""Modes: whether a startup works to order for many clients, or lives by one product of its own.

``data/modes.toml`` holds ``[[mode]]`` tables: ``id`` and the phrases ``fr``/``ar``/``en`` that tell it in a profile.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from matching.errors import LexiconError
from matching.lexicon import LANGS
from matching.stemming import light
from matching.text import folded_words, is_arabic
from matching.types import Span, StartupDoc

SERVICE: Final = "service"
PRODUCT: Final = "product"
MODES: Final = frozenset({SERVICE, PRODUCT})
PROSE: Final = ("name", "description")
"""Fields of a startup that tell its mode."""


class Mention(NamedTuple):
    """A mode told by the characters ``start`` to ``end`` (exclusive) of a text."""

    mode: str
    start: int
    end: int


class Modes:
    """The modes, ready to be found in texts. Immutable, safe to share.

    Phrases are compared word by word with their function words ("est une application" is a product, "application" may
    be anything), by light keys.
    """

    def __init__(self, forms: Mapping[str, Iterable[str]], version: str = "") -> None:
        self.ids = tuple(forms)
        self.version = version
        self.phrases: dict[tuple[str, ...], str] = {}
        for mode, phrases in forms.items():
            for phrase in phrases:
                self.phrases[tuple(key for key, _, _ in _words(phrase))] = mode
        self._longest: dict[str, int] = {}
        for keys in self.phrases:
            self._longest[keys[0]] = max(len(keys), self._longest.get(keys[0], 0))

    def of(self, text: str) -> list[Mention]:
        """What a text tells, the longest phrase at each word, none inside another."""
        words = list(_words(text))
        found: list[Mention] = []
        at = 0
        while at < len(words):
            longest = self._longest.get(words[at][0], 0)
            for length in range(min(longest, len(words) - at), 0, -1):
                mode = self.phrases.get(tuple(key for key, _, _ in words[at : at + length]))
                if mode is not None:
                    found.append(Mention(mode, words[at][1], words[at + length - 1][2]))
                    at += length - 1
                    break
            at += 1
        return found


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    for folded, start, end in folded_words(text):
        if folded:
            yield light(folded, "ar" if is_arabic(folded) else "fr"), start, end


def places(startup: StartupDoc, mode: str) -> tuple[Span, ...]:
    """Where a startup's name and description tell a mode."""
    modes = default_modes()
    return tuple(
        Span(field, mention.start, mention.end, text=text[mention.start : mention.end])
        for field, text in (("name", startup.name), ("description", startup.description))
        for mention in modes.of(text)
        if mention.mode == mode
    )


def service_share(startup: StartupDoc) -> float:
    """How far a startup works to order rather than by one product of its own: the share of its phrases that tell the
    first, with one of each added beforehand (Laplace), so that 0.5 is a profile that tells neither. Its sectors and
    technologies tell only in what it works, and don't count.
    """
    told = Counter(mention.mode for text in (startup.name, startup.description) for mention in default_modes().of(text))
    return (told[SERVICE] + 1) / (told[SERVICE] + told[PRODUCT] + 2)


def load_modes(file: Traversable) -> Modes:
    """Read a file of modes. Raises ``LexiconError`` naming the mode."""
    raw = file.read_bytes()
    try:
        tables = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LexiconError(f"{file.name}: {error}") from error
    forms: dict[str, list[str]] = {}
    for table in tables.get("mode", []):
        if set(table) != {"id", *LANGS}:
            raise LexiconError(f"{file.name}: mode {table.get('id')!r}: must have id, {', '.join(LANGS)}")
        forms[table["id"]] = [phrase for lang in LANGS for phrase in table[lang]]
    if set(forms) != MODES:
        raise LexiconError(f"{file.name}: must have the modes {', '.join(sorted(MODES))}")
    return Modes(forms, hashlib.sha256(raw).hexdigest()[:12])


@lru_cache(maxsize=1)
def default_modes() -> Modes:
    """The modes that ship."""
    return load_modes(files("matching") / "data" / "modes.toml")
