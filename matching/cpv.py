"""The official CPV table: what each code is called, and what its label says of a document that carries the code.

A code is a buyer's answer to the question what is bought, in the words of the vocabulary. Where the table is at hand,
they are read like words of the document, at half weight, which the languages of the table share: both sides then say
the same of the same code, whatever language they write. Levels above the code say nothing here, the hierarchy has its
own channel.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from matching.documents import cpv_digits
from matching.lexicon import LANGS, Lexicon
from matching.stemming import Lang
from matching.text import analyse
from matching.types import Side

LABEL_WEIGHT: Final = 0.5
"""What a word or a concept of a code's labels counts, all languages together, against 1 for one written in the text."""

MAX_SAID: Final = 50_000
"""Codes whose labels are kept read; the table has 9,454."""

_DIGITS: Final = 8
_LEAST_DIGITS: Final = 2


@dataclass(frozen=True, slots=True)
class CpvTable:
    """Labels by code of eight digits, then by language, none of them empty. Tables are equal if their versions are."""

    version: str
    labels: Mapping[str, Mapping[Lang, str]] = field(compare=False, repr=False)

    @classmethod
    def of(cls, labels: Mapping[str, Mapping[Lang, str]]) -> CpvTable:
        """A table with the digest of its content as version."""
        digest = hashlib.sha256()
        for code in sorted(labels):
            for lang in sorted(labels[code]):
                digest.update(f"{code}\x00{lang}\x00{labels[code][lang]}\n".encode("utf-8", "surrogatepass"))
        return cls(digest.hexdigest()[:12], labels)

    @property
    def languages(self) -> tuple[Lang, ...]:
        """The languages in which any code has a label."""
        return tuple(lang for lang in LANGS if any(lang in labels for labels in self.labels.values()))

    def of_code(self, code: str) -> Mapping[Lang, str]:
        """The labels of a code as a document writes it: with a check digit or without, a division as two digits."""
        digits = cpv_digits(code)
        return self.labels.get(digits.ljust(_DIGITS, "0"), {}) if len(digits) >= _LEAST_DIGITS else {}

    def facts(self, code: str, name: str = "label") -> dict[str, str]:
        """``<name>_fr``, ``_ar`` and ``_en`` of a code; a language that the table lacks has the label of another."""
        labels = self.of_code(code)
        known = [labels[lang] for lang in LANGS if lang in labels]
        return {f"{name}_{lang}": labels.get(lang, known[0]) for lang in LANGS} if known else {}


class Said(NamedTuple):
    """What a label says: keys of words, and numbers of concepts without those above, each with its count."""

    words: tuple[tuple[str, float], ...]
    concepts: tuple[tuple[int, float], ...]


NOTHING: Final = Said((), ())


class CpvLabels:
    """Reads labels, each once. Without a table no code says anything. Safe to share between threads."""

    def __init__(self, table: CpvTable | None, lexicon: Lexicon) -> None:
        self._table = table
        self._lexicon = lexicon
        self._said: dict[str, Said] = {}

    def said(self, code: str) -> Said:
        """What a code's own label says."""
        if self._table is None:
            return NOTHING
        found = self._said.get(code)
        if found is None:
            if len(self._said) >= MAX_SAID:
                self._said.clear()
            found = self._said[code] = self._read(self._table.of_code(code))
        return found

    def facts(self, key: str, codes: Iterable[str], side: Side) -> dict[str, str]:
        """``<side>_cpv`` and its ``<side>_cpv_label_<lang>``: the first of a side's codes whose label gives a word or a
        concept, or a concept that lends it weight there.
        """
        if self._table is None:
            return {}
        code = next((code for code in codes if self._gives(self.said(code), key, side)), None)
        name = f"{side.value}_cpv"
        return {} if code is None else {name: cpv_digits(code), **self._table.facts(code, f"{name}_label")}

    def shared(self, code: str) -> dict[str, str]:
        """``label_<lang>`` of a code or of the level above that a shorter one stands for."""
        return self._table.facts(code) if self._table is not None else {}

    def _read(self, labels: Mapping[Lang, str]) -> Said:
        words: dict[str, float] = {}
        concepts: dict[int, float] = {}
        weight = LABEL_WEIGHT / max(1, len(labels))
        for lang, label in labels.items():
            tokens = analyse(label, lang)
            for token in tokens:
                if not token.weak:
                    words["w:" + token.key] = words.get("w:" + token.key, 0.0) + weight
            for mention in self._lexicon.mentions(tokens):
                concepts[mention.concept] = concepts.get(mention.concept, 0.0) + weight
        return Said(tuple(words.items()), tuple(concepts.items()))

    def _gives(self, said: Said, key: str, side: Side) -> bool:
        if key.startswith("w:"):
            return any(word == key for word, _ in said.words)
        wanted = self._lexicon.number.get(key[2:]) if key.startswith("c:") else None
        lent = self._lexicon.neighbours if side is Side.TENDER else self._lexicon.ancestors
        return any(wanted == number or any(wanted == n for n, _ in lent[number]) for number, _ in said.concepts)
