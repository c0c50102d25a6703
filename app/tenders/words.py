"""What a person typed into the search, as words to look for: with their inflections, and in the other languages.

A query is words, "phrases", OR and -without. A word is found in any case, accentuation and spelling of alef, ya and
hamza (:func:`matching.text.fold`), in singular and plural, with Arabic articles and proclitics, and as the words of the
same meaning in French, Arabic and English: those of the lexicon's concept that it names, and everyday ones. The last
word may be unfinished. A phrase is looked for as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final, TypeAlias

from app.tenders.columns import WORD, fold_words
from app.tenders.everyday import keys_of, same_meaning
from matching.lexicon import LANGS, Concept, default_lexicon
from matching.stemming import SINGULAR_OF, bare, light
from matching.stopwords import FUNCTION_WORDS
from matching.text import analyse, fold, is_arabic

MOST_WORDS: Final = 20
"""Words of a query that are looked for."""

_MOST_FORMS: Final = 8
"""Forms of a concept that are looked for, per language: its most usual ones come first."""

_LEAST_PREFIX: Final = 2
_PIECE = re.compile(r'"|(?<!\S)-(?=[\w"])|[^\s"-]+')
_IDLE: Final = frozenset(
    ("de", "du", "des", "la", "le", "les", "l", "d", "en", "et", "au", "aux", "a", "un", "une", "pour", "par", "sur",
     "the", "of", "and", "for", "in", "to", "an", "في", "من", "علي", "الي", "عن", "و"),
)  # fmt: skip
"""Words that stand between others, folded: a query is about those."""

_ANYWHERE: Final = _IDLE.union(*FUNCTION_WORDS.values())
_PROCLITICS: Final = ("", "ال", "وال", "بال", "كال", "لل", "ولل", "و", "ب", "ل")
_ENDINGS: Final = ("", "ه", "ات", "ين", "ون", "ان", "ها", "ي", "يه")
_ARTICLED: Final = ("ال", "وال", "بال", "لل")
_SHORTEST: Final = 3
_Phrase: TypeAlias = tuple[frozenset[str], ...]
"""Words one after the other, each in any of its forms."""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that must (or, ``without``, must not) stand in a call.

    ``own``: all of these, in the forms of what was typed; ``phrase``: one after the other. ``same``: instead of them,
    any of these phrases, which mean the same. ``beginning``: instead of the last of ``own``, any word beginning so.
    """

    own: _Phrase
    phrase: bool = False
    without: bool = False
    same: tuple[_Phrase, ...] = ()
    beginning: str | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """A query: all terms of any of its ``choices``."""

    choices: tuple[tuple[Term, ...], ...]

    def __bool__(self) -> bool:
        """Whether there is anything to look for."""
        return any(not term.without for terms in self.choices for term in terms)

    @property
    def denies(self) -> bool:
        """Whether it says what may not stand in a call."""
        return any(term.without for terms in self.choices for term in terms)


def forms_of(words: Words) -> frozenset[str]:
    """Every form that is looked for as a whole word, but those that stand in any text."""
    return frozenset(
        form
        for terms in words.choices
        for term in terms
        for phrase in (term.own, *term.same)
        for forms in phrase
        for form in forms - _ANYWHERE
    )


def narrowed(words: Words, standing: Collection[str]) -> Words:
    """A query without the forms of ``forms_of`` that stand nowhere: of a word's hundred inflections a handful do, and
    each of the others costs an index as much.
    """
    kept = _ANYWHERE.union(standing)
    return Words(tuple(tuple(_narrowed(term, kept) for term in terms) for terms in words.choices))


def _narrowed(term: Term, kept: frozenset[str]) -> Term:
    own, *same = (tuple(forms & kept for forms in phrase) for phrase in (term.own, *term.same))
    return replace(term, own=own, same=tuple(phrase for phrase in same if all(phrase)))


@lru_cache(maxsize=512)
def read_words(asked: str) -> Words:
    """What a person typed, as words to look for; of one without any, none."""
    choices: list[tuple[Term, ...]] = []
    for pieces in _choices(_PIECE.findall(asked)):
        terms = tuple(_terms(pieces))
        if any(not term.without for term in terms):
            choices.append(terms)
    return Words(tuple(choices))


def found_in(words: Words, text: str) -> list[tuple[int, int]]:
    """Where the words of a query stand in a text: half-open spans of characters, in order."""
    singles, phrases, beginnings = _sought(words)
    places = [(fold(match[0]), *match.span()) for match in WORD.finditer(text)]
    found: list[tuple[int, int]] = []
    for at, (word, start, end) in enumerate(places):
        if word in singles or (beginnings and word.startswith(beginnings)):
            found.append((start, end))
        for phrase in phrases.get(word, ()):
            following = places[at : at + len(phrase)]
            if len(following) == len(phrase) and all(
                here[0] in forms for here, forms in zip(following, phrase, strict=True)
            ):
                found.append((start, following[-1][2]))
    return found


@lru_cache(maxsize=64)
def _sought(words: Words) -> tuple[frozenset[str], dict[str, list[_Phrase]], tuple[str, ...]]:
    """The single words, the phrases by each form of their first word, and the beginnings that are looked for."""
    singles: set[str] = set()
    phrases: dict[str, list[_Phrase]] = {}
    beginnings: list[str] = []
    for term in (term for terms in words.choices for term in terms if not term.without):
        whole = [term.own] if term.phrase else [(forms,) for forms in term.own]
        for phrase in (*whole, *term.same):
            if len(phrase) == 1:
                singles |= phrase[0]
            else:
                for first in phrase[0]:
                    phrases.setdefault(first, []).append(phrase)
        if term.beginning is not None:
            beginnings.append(term.beginning)
    return frozenset(singles), phrases, tuple(beginnings)


def _choices(pieces: Sequence[str]) -> Iterator[list[str]]:
    """The pieces between one OR and the next; inside quotes it is a word."""
    current: list[str] = []
    quoted = False
    for piece in pieces[: 4 * MOST_WORDS]:
        quoted ^= piece == '"'
        if piece.lower() == "or" and not quoted:
            yield current
            current = []
        else:
            current.append(piece)
    yield current


def _terms(pieces: Sequence[str]) -> Iterator[Term]:
    """The terms of pieces: runs of bare words, phrases in quotes (an open one ends with the query), what is denied."""
    run: list[str] = []
    without = False
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece == '"':
            end = next((n for n in range(at + 1, len(pieces)) if pieces[n] == '"'), len(pieces))
            yield from _of_run(run, unfinished=False)
            run = []
            inside = fold_words(" ".join(pieces[at + 1 : end]))[:MOST_WORDS]
            if inside:
                yield Term(tuple(frozenset({word}) for word in inside), phrase=True, without=without)
            without, at = False, end
        elif piece == "-":
            without = True
        elif without:
            yield from (Term((inflections(word),), without=True) for word in fold_words(piece)[:1])
            without = False
        else:
            run.append(piece)
        at += 1
    yield from _of_run(run, unfinished=True)


def _of_run(pieces: Sequence[str], *, unfinished: bool) -> Iterator[Term]:
    """The terms of bare words side by side: those that name a concept together are one."""
    text = " ".join(pieces)
    places = [(fold(match[0]), *match.span()) for match in WORD.finditer(text)][:MOST_WORDS]
    telling = [place for place in places if place[0] not in _IDLE] or places
    last = places[-1][2] if places else 0
    for mentioned, concept in _named(text, telling):
        same = () if concept is None else _phrases_of(concept)
        own = tuple(inflections(word) for word, _, _ in mentioned)
        if len(mentioned) == 1:
            same = (*same, *_everyday(mentioned[0][0]))
        word, _, end = mentioned[-1]
        open_end = unfinished and end == last and len(word) >= _LEAST_PREFIX
        yield Term(own, same=same, beginning=word if open_end else None)


_Place: TypeAlias = tuple[str, int, int]


def _named(text: str, places: Sequence[_Place]) -> Iterator[tuple[list[_Place], int | None]]:
    """The words in order, those of a form of the lexicon together, with its concept."""
    lexicon = default_lexicon()
    tokens = analyse(text)
    mentions = [
        (tokens[mention.start].start, tokens[mention.end - 1].end, mention.concept)
        for mention in lexicon.mentions(tokens)
    ]
    at = 0
    while at < len(places):
        start = places[at][1]
        named = next((mention for mention in mentions if mention[0] <= start < mention[1]), None)
        together = [place for place in places[at:] if named is not None and place[2] <= named[1]] or [places[at]]
        yield together, None if named is None or together[-1][2] > named[1] else named[2]
        at += len(together)


@lru_cache(maxsize=2_048)
def inflections(word: str) -> frozenset[str]:
    """A folded word in the other forms it is written in: number and gender; in Arabic articles and proclitics too."""
    found = _arabic(word) if is_arabic(word) else _latin(word)
    return frozenset({*(form for form in found if form not in _IDLE), word})


def _latin(word: str) -> Iterator[str]:
    if len(word) < _SHORTEST or not word.isalpha():
        return
    for base in keys_of(word):
        yield from (base, base + "s", base + "e", base + "es", base + "x")
        if base.endswith("al"):
            yield base[:-1] + "ux"
        if base.endswith("y"):
            yield base[:-1] + "ies"
        if base[-1] in "lnts":
            yield from (base + base[-1] + "e", base + base[-1] + "es")


def _arabic(word: str) -> Iterator[str]:
    if len(word) < _SHORTEST or not word.isalpha():
        return
    base = light(word, "ar")
    for stem in {base, *_plurals().get(base, ()), *([second] if (second := bare(word)) else [])}:
        if len(stem) < _SHORTEST:
            # Two letters are found with an article only: ماء folds to ما, which is also "what".
            yield from (article + stem for article in _ARTICLED)
            continue
        for ending in _ENDINGS:
            yield from (
                form for proclitic in _PROCLITICS if (form := proclitic + stem + ending) not in FUNCTION_WORDS["ar"]
            )


@cache
def _plurals() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for plural, singular in SINGULAR_OF.items():
        found.setdefault(singular, []).append(plural)
    return found


def _everyday(word: str) -> Iterator[_Phrase]:
    """Everyday words of the same meaning in every language."""
    same = same_meaning()
    others = dict.fromkeys(other for key in sorted(keys_of(word)) for other in same.get(key, ()))
    yield from ((inflections(other),) for other in others)


@lru_cache(maxsize=1_024)
def _phrases_of(number: int) -> tuple[_Phrase, ...]:
    """The usual forms of a concept in the three languages; of those that hold another one, the shorter."""
    concept: Concept = default_lexicon().concepts[number]
    forms = [
        tuple(fold_words(form))
        for lang in LANGS
        for form in [form for form in concept.forms.get(lang, ()) if form not in concept.ambiguous][:_MOST_FORMS]
    ]
    alone = {form[0] for form in forms if len(form) == 1}
    kept = [form for form in dict.fromkeys(forms) if form and (len(form) == 1 or not alone.intersection(form))]
    return tuple(tuple(_in_phrase(form)) for form in kept)


def _in_phrase(form: Sequence[str]) -> Iterable[frozenset[str]]:
    """The words of a form: one alone in all its inflections, those of a phrase in number and with an article."""
    if len(form) == 1:
        return [inflections(form[0])]
    return [_little(word) for word in form]


def _little(word: str) -> frozenset[str]:
    if is_arabic(word):
        plain = word.removeprefix("ال")
        return frozenset({word, *(article + plain for article in ("", *_ARTICLED))})
    return frozenset({word, *(light(word, "fr") + end for end in ("", "s", "x", "e", "es"))}) - {""}
