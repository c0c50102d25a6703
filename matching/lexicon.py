"""The capability lexicon: what startups sell and buyers buy, in French, Arabic and English.

Data files (``data/lexicon/*.toml``) hold ``[[concept]]`` tables with ``id``, ``broader``, ``cpv``, ``fr``, ``ar``,
``en`` and, where needed, ``acronyms``, ``ambiguous`` and ``context``; ``intents.toml`` holds ``[[intent]]`` tables
with ``id``, ``fr``, ``ar``, ``en``; ``related.toml`` links concepts (see ``matching.related``). Forms are matched by
their light keys, longest first, never across punctuation.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final, NamedTuple

from matching.errors import LexiconError
from matching.loose import LooseForms
from matching.related import RELATED_FILE, Lending, read_links, with_related
from matching.stemming import Lang
from matching.text import Token
from matching.trie import Trie

LANGS: Final[tuple[Lang, ...]] = ("fr", "ar", "en")
INTENTS_FILE: Final = "intents.toml"
BROADER_FACTOR: Final = 0.4
"""A concept lends this share of its weight to the one above it, the square of it to the next."""

BROADER_LEVELS: Final = 2
CUE_SHARE: Final = 0.25
"""A word points at a concept if at least this share of the forms with it are that concept's."""

MAX_CUES: Final = 4
_LISTS: Final = ("broader", "cpv", "fr", "ar", "en", "acronyms", "ambiguous", "context")
_INTENT_LISTS: Final = ("fr", "ar", "en")
_CPV_DIGITS = range(2, 9)
_UNRELATED: Final[Mapping[frozenset[str], float]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Concept:
    """A capability with its surface forms; the first form of a language is its label there."""

    id: str
    forms: Mapping[Lang, tuple[str, ...]]
    broader: tuple[str, ...] = ()
    cpv: tuple[str, ...] = ()
    acronyms: tuple[str, ...] = ()
    ambiguous: frozenset[str] = frozenset()
    context: tuple[str, ...] = ()

    def label(self, lang: Lang) -> str:
        """The label in a language, else in any other, else the id."""
        for candidate in (lang, *LANGS):
            if self.forms.get(candidate):
                return self.forms[candidate][0]
        return self.acronyms[0] if self.acronyms else self.id


@dataclass(frozen=True, slots=True)
class Intent:
    """What a buyer wants done about a subject: develop, maintain, train, study, supply, build ..."""

    id: str
    forms: Mapping[Lang, tuple[str, ...]]


class Mention(NamedTuple):
    """A concept standing at tokens ``start`` to ``end`` (exclusive)."""

    concept: int
    start: int
    end: int


class Lexicon:
    """Concepts and intents, ready to be found in tokens. Immutable after construction, safe to share."""

    def __init__(
        self,
        concepts: Sequence[Concept],
        intents: Sequence[Intent] = (),
        version: str = "",
        related: Mapping[frozenset[str], float] = _UNRELATED,
    ) -> None:
        self.concepts = tuple(concepts)
        self.intents = tuple(intents)
        self.version = version
        self.number = {concept.id: n for n, concept in enumerate(self.concepts)}
        self.forms, self.context_forms, self.heads = Trie(), Trie(), Trie()
        self.acronyms: dict[str, list[int]] = {}
        self._by_cpv: dict[str, list[int]] = {}
        words: dict[str, Counter[int]] = {}
        for n, concept in enumerate(self.concepts):
            self._add(n, concept, words)
        self.loose_forms = LooseForms(self.forms.forms())
        self.pointing = {form: cues for form, counts in words.items() if (cues := _cues(counts))}
        for n, intent in enumerate(self.intents):
            for lang in LANGS:
                for form in intent.forms.get(lang, ()):
                    self.heads.add(form, n, lang=lang)
        self.ancestors: Lending = tuple(tuple(self._climb(n)) for n in range(len(self.concepts)))
        self.neighbours = with_related(self.ancestors, related, self.number)
        """Ancestors and related concepts: what a mention in a tender speaks for besides its own concept."""

    def _add(self, n: int, concept: Concept, words: dict[str, Counter[int]]) -> None:
        for lang in LANGS:
            for form in concept.forms.get(lang, ()):
                ambiguous = form in concept.ambiguous
                keys = self.forms.add(form, n, lang=lang, needs_context=ambiguous)
                if ambiguous and len(form.split()) == 1:
                    continue  # a word of several senses points nowhere by itself
                for key in keys:
                    words.setdefault(key, Counter())[n] += 1
        for form in concept.context:
            self.context_forms.add(form, n, lang=_lang_of(form))
        for acronym in concept.acronyms:
            self.acronyms.setdefault(acronym, []).append(n)
        for prefix in concept.cpv:
            self._by_cpv.setdefault(prefix, []).append(n)

    def _climb(self, n: int) -> Iterator[tuple[int, float]]:
        level, factor, seen = {n}, 1.0, {n}
        for _ in range(BROADER_LEVELS):
            factor *= BROADER_FACTOR
            level = {self.number[b] for child in level for b in self.concepts[child].broader} - seen
            seen |= level
            for above in sorted(level):
                yield above, factor

    def contexts(self, tokens: Sequence[Token]) -> set[int]:
        """Concepts whose context stands in the text, so that their ambiguous forms count."""
        return set(self.context_forms.every(tokens))

    def mentions(self, tokens: Sequence[Token], contexts: set[int] | None = None) -> list[Mention]:
        """Concepts in a text, the longest form at each word; a form that ends inside an earlier one isn't counted.

        Forms may overlap: "développement d'une application" must not hide the "application mobile" it runs into.
        """
        allowed = self.contexts(tokens) if contexts is None else contexts
        found: list[Mention] = []
        covered = 0
        starts = self.forms.starts(tokens)
        acronyms = [at for at, token in enumerate(tokens) if token.acronym in self.acronyms]
        for at in sorted({*starts, *acronyms}) if acronyms else starts:
            acronym = tokens[at].acronym
            numbers, end = self.forms.longest(tokens, at, allowed)
            if acronym is not None and end <= at + 1 and acronym in self.acronyms:
                numbers, end = sorted({*numbers, *self.acronyms[acronym]}), at + 1
            if end > covered:
                found.extend(Mention(number, at, end) for number in numbers)
                covered = end
        return found

    def loose_mentions(self, tokens: Sequence[Token], contexts: set[int]) -> list[Mention]:
        """Concepts one of whose forms stands loosely in a text (see ``matching.loose``), each once."""
        found: dict[int, Mention] = {}
        for number, start, end in self.loose_forms.find(tokens, contexts):
            found.setdefault(number, Mention(number, start, end))
        return list(found.values())

    def cues(self, token: Token) -> tuple[tuple[int, float], ...]:
        """Concepts a single word points at, with the share of the lexicon's forms with this word that are theirs.

        A buyer's wording is often a part of a form ("audit de sécurité des applications" for "audit de sécurité"):
        a word that stands in the forms of few concepts speaks for them.
        """
        return () if token.weak else self.pointing.get(token.form, ())

    def intents_of(self, tokens: Sequence[Token]) -> list[Mention]:
        """Intent heads in a text, in order; ``concept`` is then the intent's number."""
        found: list[Mention] = []
        covered = 0
        for at in self.heads.starts(tokens):
            if at >= covered:
                numbers, covered = self.heads.longest(tokens, at, None)
                found.extend(Mention(number, at, covered) for number in numbers)
        return found

    def of_cpv(self, code: str) -> list[int]:
        """Concepts of the longest listed prefix of a CPV code."""
        for length in range(min(len(code), 8), 1, -1):
            if code[:length] in self._by_cpv:
                return self._by_cpv[code[:length]]
        return []


def _cues(counts: Counter[int]) -> tuple[tuple[int, float], ...]:
    total = counts.total()
    shares = ((n, count / total) for n, count in counts.most_common(MAX_CUES))
    return tuple((n, share) for n, share in shares if share >= CUE_SHARE)


def _lang_of(form: str) -> Lang:
    return "ar" if any("\u0600" <= char <= "\u06ff" for char in form) else "fr"


def load_lexicon(folder: Traversable) -> Lexicon:
    """Read every ``*.toml`` of a folder. Raises ``LexiconError`` naming the file and the concept."""
    concepts: list[Concept] = []
    intents: list[Intent] = []
    related: Sequence[Mapping[str, object]] = ()
    origin: dict[str, str] = {}
    digest = hashlib.sha256()
    for file in sorted((f for f in folder.iterdir() if f.name.endswith(".toml")), key=lambda f: f.name):
        raw = file.read_bytes()
        digest.update(raw)
        try:
            tables = tomllib.loads(raw.decode("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LexiconError(f"{file.name}: {error}") from error
        if file.name == INTENTS_FILE:
            intents.extend(_intent(file.name, table) for table in _tables(file.name, tables, "intent"))
            continue
        if file.name == RELATED_FILE:
            related = _tables(file.name, tables, "related")
            continue
        for table in _tables(file.name, tables, "concept"):
            concept = _concept(file.name, table)
            if concept.id in origin:
                raise LexiconError(f"{file.name}: concept {concept.id!r} is already in {origin[concept.id]}")
            origin[concept.id] = file.name
            concepts.append(concept)
    above = _above(concepts, origin)
    return Lexicon(concepts, intents, digest.hexdigest()[:12], read_links(related, above))


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships, read once."""
    return load_lexicon(files("matching") / "data" / "lexicon")


def _tables(file: str, tables: Mapping[str, object], kind: str) -> Sequence[Mapping[str, object]]:
    unknown = set(tables) - {kind}
    if unknown:
        raise LexiconError(f"{file}: unknown table {min(unknown)!r}, expected [[{kind}]]")
    rows = tables.get(kind, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LexiconError(f"{file}: {kind} must be written as [[{kind}]]")
    return rows


def _identity(file: str, table: Mapping[str, object], allowed: Iterable[str]) -> tuple[str, dict[str, tuple[str, ...]]]:
    name = table.get("id")
    if not isinstance(name, str) or not name.replace("_", "").isalnum() or not name.isascii() or name != name.lower():
        raise LexiconError(f"{file}: concept {name!r}: id must be snake_case")
    unknown = set(table) - {"id", *allowed}
    if unknown:
        raise LexiconError(f"{file}: concept {name!r}: unknown key {min(unknown)!r}")
    lists: dict[str, tuple[str, ...]] = {}
    for key in allowed:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise LexiconError(f"{file}: concept {name!r}: {key} must be a list of texts")
        lists[key] = tuple(value)
    return name, lists


def _concept(file: str, table: Mapping[str, object]) -> Concept:
    name, lists = _identity(file, table, _LISTS)
    if not any(lists[key] for key in ("fr", "ar", "en", "acronyms")):
        raise LexiconError(f"{file}: concept {name!r}: no form in any language")
    for code in lists["cpv"]:
        if not code.isdecimal() or len(code) not in _CPV_DIGITS:
            raise LexiconError(f"{file}: concept {name!r}: cpv {code!r} is not 2 to 8 digits")
    forms = {lang: lists[lang] for lang in LANGS}
    loose = set(lists["ambiguous"]) - {form for lang in LANGS for form in forms[lang]}
    if loose:
        # An ambiguous form may be listed there alone: it is then a form of its own script.
        forms = {
            lang: forms[lang]
            + tuple(sorted(f for f in loose if (_lang_of(f) == "ar") == (lang == "ar") and lang != "en"))
            for lang in LANGS
        }
    return Concept(
        id=name, forms=forms, broader=lists["broader"], cpv=lists["cpv"], acronyms=lists["acronyms"],
        ambiguous=frozenset(lists["ambiguous"]), context=lists["context"],
    )  # fmt: skip


def _intent(file: str, table: Mapping[str, object]) -> Intent:
    name, lists = _identity(file, table, _INTENT_LISTS)
    return Intent(id=name, forms={lang: lists[lang] for lang in LANGS})


def _above(concepts: Sequence[Concept], origin: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    """All that lies above each concept, at any level. Raises ``LexiconError`` for a link to nowhere or to itself."""
    by_id = {concept.id: concept for concept in concepts}
    above: dict[str, frozenset[str]] = {}
    for concept in concepts:
        for broader in concept.broader:
            if broader not in by_id:
                raise LexiconError(f"{origin[concept.id]}: concept {concept.id!r}: unknown broader {broader!r}")
        trail, level = {concept.id}, set(concept.broader)
        while level:
            if concept.id in level:
                raise LexiconError(f"{origin[concept.id]}: concept {concept.id!r}: broader leads back to itself")
            trail |= level
            level = {b for child in level for b in by_id[child].broader if b in by_id} - (trail - {concept.id})
        above[concept.id] = frozenset(trail - {concept.id})
    return above
