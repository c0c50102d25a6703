"""The capability lexicon: what startups sell and buyers buy, in French, Arabic and English.

Data files (``data/lexicon/*.toml``) hold ``[[concept]]`` tables with ``id``, ``broader``, ``cpv``, ``fr``, ``ar``,
``en`` and, where needed, ``acronyms``, ``ambiguous`` and ``context``; ``intents.toml`` holds ``[[intent]]`` tables
with ``id``, ``fr``, ``ar``, ``en``. Forms are matched by their light keys, longest first, never across punctuation.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final, NamedTuple

from matching.errors import LexiconError
from matching.stemming import Lang, light
from matching.text import Token, analyse

LANGS: Final[tuple[Lang, ...]] = ("fr", "ar", "en")
INTENTS_FILE: Final = "intents.toml"
BROADER_FACTOR: Final = 0.5
"""A concept lends half its weight to the one above it, a quarter to the next."""

BROADER_LEVELS: Final = 2
_LISTS: Final = ("broader", "cpv", "fr", "ar", "en", "acronyms", "ambiguous", "context")
_INTENT_LISTS: Final = ("fr", "ar", "en")
_CPV_DIGITS = range(2, 9)


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


@dataclass(slots=True)
class _Node:
    next: dict[str | None, _Node] = field(default_factory=dict)
    ends: list[tuple[int, bool]] = field(default_factory=list)  # (number, needs context)


class _Trie:
    """Forms as sequences of stems."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, form: str, number: int, *, lang: Lang, needs_context: bool = False) -> None:
        # A Latin form is found in a sentence read as French and in one read as English: both stems lead to it.
        for hint in ("fr", "en") if lang != "ar" else ("ar",):
            tokens = analyse_form(form, hint)
            keys = [token.form for token in tokens]
            if keys:
                self._insert(keys, number, needs_context=needs_context)

    def _insert(self, keys: Sequence[str], number: int, *, needs_context: bool) -> None:
        node = self._root
        for key in keys:
            node = node.next.setdefault(key, _Node())
        if (number, not needs_context) in node.ends:  # an unambiguous form beats an ambiguous twin
            node.ends.remove((number, True)) if not needs_context else None
            if needs_context:
                return
        if (number, needs_context) not in node.ends:
            node.ends.append((number, needs_context))

    def longest(self, tokens: Sequence[Token], at: int, allowed: set[int] | None) -> tuple[list[int], int]:
        """Numbers whose longest form begins at a token, with the end; ``allowed`` are those whose context stands."""
        node, best, end = self._root, list[int](), at
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

    def begins(self, token: Token) -> bool:
        """Whether any form begins with this word: most words don't, and are passed over quickly."""
        return token.form in self._root.next or token.second in self._root.next

    def every(self, tokens: Sequence[Token]) -> Iterator[int]:
        """Numbers of every form that stands anywhere."""
        for at, token in enumerate(tokens):
            if self.begins(token):
                yield from self.longest(tokens, at, None)[0]


def analyse_form(form: str, lang: str) -> list[Token]:
    """The tokens of a lexicon form, read in one language; every word of it counts but function words."""
    wanted: Lang = "en" if lang == "en" else "fr"
    return [
        token if token.lang == "ar" or token.acronym else token._replace(form=light(token.folded, wanted), lang=wanted)
        for token in analyse(form, lang)
    ]


class Lexicon:
    """Concepts and intents, ready to be found in tokens. Immutable after construction, safe to share."""

    def __init__(self, concepts: Sequence[Concept], intents: Sequence[Intent] = (), version: str = "") -> None:
        self.concepts = tuple(concepts)
        self.intents = tuple(intents)
        self.version = version
        self.number = {concept.id: n for n, concept in enumerate(self.concepts)}
        self._forms, self._contexts, self._heads = _Trie(), _Trie(), _Trie()
        self._acronyms: dict[str, list[int]] = {}
        self._by_cpv: dict[str, list[int]] = {}
        for n, concept in enumerate(self.concepts):
            self._add(n, concept)
        for n, intent in enumerate(self.intents):
            for lang in LANGS:
                for form in intent.forms.get(lang, ()):
                    self._heads.add(form, n, lang=lang)
        self.ancestors: tuple[tuple[tuple[int, float], ...], ...] = tuple(
            tuple(self._climb(n)) for n in range(len(self.concepts))
        )

    def _add(self, n: int, concept: Concept) -> None:
        for lang in LANGS:
            for form in concept.forms.get(lang, ()):
                self._forms.add(form, n, lang=lang, needs_context=form in concept.ambiguous)
        for form in concept.context:
            self._contexts.add(form, n, lang=_lang_of(form))
        for acronym in concept.acronyms:
            self._acronyms.setdefault(acronym, []).append(n)
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
        return set(self._contexts.every(tokens))

    def mentions(self, tokens: Sequence[Token], contexts: set[int] | None = None) -> list[Mention]:
        """Concepts in a text, the longest form at each word; a form that ends inside an earlier one isn't counted.

        Forms may overlap: "développement d'une application" must not hide the "application mobile" it runs into.
        """
        allowed = self.contexts(tokens) if contexts is None else contexts
        found: list[Mention] = []
        covered = 0
        for at, token in enumerate(tokens):
            acronym = token.acronym
            if acronym is None and not self._forms.begins(token):
                continue
            numbers, end = self._forms.longest(tokens, at, allowed)
            if acronym is not None and end <= at + 1 and acronym in self._acronyms:
                numbers, end = sorted({*numbers, *self._acronyms[acronym]}), at + 1
            if end > covered:
                found.extend(Mention(number, at, end) for number in numbers)
                covered = end
        return found

    def intents_of(self, tokens: Sequence[Token]) -> list[Mention]:
        """Intent heads in a text, in order; ``concept`` is then the intent's number."""
        found: list[Mention] = []
        at = 0
        while at < len(tokens):
            if not self._heads.begins(tokens[at]):
                at += 1
                continue
            numbers, end = self._heads.longest(tokens, at, None)
            found.extend(Mention(number, at, end) for number in numbers)
            at = max(end, at + 1)
        return found

    def of_cpv(self, code: str) -> list[int]:
        """Concepts of the longest listed prefix of a CPV code."""
        for length in range(min(len(code), 8), 1, -1):
            if code[:length] in self._by_cpv:
                return self._by_cpv[code[:length]]
        return []


def _lang_of(form: str) -> Lang:
    return "ar" if any("\u0600" <= char <= "\u06ff" for char in form) else "fr"


def load_lexicon(folder: Traversable, *, partial: bool = False) -> Lexicon:
    """Read every ``*.toml`` of a folder. Raises ``LexiconError`` naming the file and the concept.

    ``partial`` forgives links to concepts of files that aren't there.
    """
    concepts: list[Concept] = []
    intents: list[Intent] = []
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
        for table in _tables(file.name, tables, "concept"):
            concept = _concept(file.name, table)
            if concept.id in origin:
                raise LexiconError(f"{file.name}: concept {concept.id!r} is already in {origin[concept.id]}")
            origin[concept.id] = file.name
            concepts.append(concept)
    if partial:
        concepts = [replace(c, broader=tuple(b for b in c.broader if b in origin)) for c in concepts]
    _check_links(concepts, origin)
    return Lexicon(concepts, intents, digest.hexdigest()[:12])


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon that ships, read once."""
    return load_lexicon(files("matching") / "data" / "lexicon")


def _tables(file: str, tables: Mapping[str, object], kind: str) -> Iterable[Mapping[str, object]]:
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


def _check_links(concepts: Sequence[Concept], origin: Mapping[str, str]) -> None:
    by_id = {concept.id: concept for concept in concepts}
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
