"""Text to tokens, for French, Arabic and English, code-switched or not.

One rule decides everything: words are cut in the *raw* text, then each word is normalised alone, so that every token
knows where it stands without a second table. Accents are folded before stemming on purpose: half of all notices are
written in unaccented capitals, and "SECURITE" must meet "sécurité".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

from matching.scope import asides
from matching.stemming import Lang, bare, light, stem
from matching.stopwords import BOILERPLATE, FUNCTION_WORDS

ANALYSIS_VERSION: Final = "10"
"""Raised whenever the same text gives other tokens: saved indexes of another version are not read."""

MAX_CHARS: Final = 200_000
"""Characters of one text that are read; what follows is ignored, so that a 2 MB field costs no more than this."""

MAX_TOKENS: Final = 20_000
"""Tokens of one text that are kept."""

_MAX_KEY: Final = 40
_MAX_ACRONYM: Final = 6
_CACHE_LIMIT: Final = 400_000
MAX_WORD: Final = 200
"""Longer words are no words: they aren't read, nor kept for ever where they are folded."""

# Marks, tatweel, joiners and direction marks are inside a word: normalising removes them, cutting there would split it.
INNER_MARKS: Final = (
    "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
)
_WORD = (
    rf"(?:[A-Z]\.){{2,}}[A-Z]?|[cC](?:\+\+|#)|\.(?:NET|Net|net)\b|"
    rf"(?:[eEmM]-(?=[^\W\d_]{{3}}))?[^\W_][^\W_{INNER_MARKS}]*(?:[{INNER_MARKS}]+[^\W_{INNER_MARKS}]*)*"
)
SENTENCE_ENDS: Final = r".!?;؛؟\n\r|•"
BREAKS: Final = r':,،()\[\]{}«»"/'
DASHES: Final = "-–—"
_SCAN = re.compile(rf"{_WORD}|([{SENTENCE_ENDS}])|([{BREAKS}]|\s[{DASHES}]\s)")
_SENTENCE_END: Final = 1
_ARABIC_FOLD = str.maketrans(
    {
        "أ": "ا",
        "إ": "ا",
        "آ": "ا",
        "ٱ": "ا",
        "ى": "ي",
        "ی": "ي",
        "ة": "ه",
        "ؤ": "و",
        "ئ": "ي",
        "ء": "",
        "ـ": "",
        "ک": "ك",
        "گ": "ك",
        "ڤ": "ف",
        "پ": "ب",
        "œ": "oe",
        "æ": "ae",
        "ø": "o",
        "ł": "l",
    },
)


class Token(NamedTuple):
    """A word that may score: ``key`` is its stem, ``start``/``end`` its place in the raw text; ``form`` is the lighter
    key that the lexicon reads, ``second`` another reading of it (an Arabic word without a proclitic).

    ``breaks`` tells that punctuation stands before it, so that no phrase runs across; ``acronym`` holds the word as
    written when it is in capitals among words that aren't. ``weak`` words are boilerplate: they are part of a phrase
    ("e-procurement") but say nothing alone, and never score as words. ``aside`` words name a beneficiary, a place or a
    programme (see ``matching.scope``).
    """

    key: str
    folded: str
    lang: Lang
    start: int
    end: int
    breaks: bool
    acronym: str | None
    weak: bool
    form: str
    second: str | None
    aside: bool


_folded: dict[str, str] = {}
_words: dict[str, Word] = {}


def fold(word: str) -> str:
    """Lower case, NFKC, no accents, vowel marks, tatweel or invisible marks; Arabic letters and digits unified."""
    known = _folded.get(word)
    if known is not None:
        return known
    if len(word) > MAX_WORD:
        # Unicode's ordering of marks takes the square of their number, and holds the interpreter's lock meanwhile.
        return _fold("".join(char for char in word if unicodedata.category(char)[0] != "M"))
    if len(_folded) > _CACHE_LIMIT:
        _folded.clear()
    _folded[word] = result = _fold(word)
    return result


def _fold(word: str) -> str:
    if word.isascii() and word.isalnum():
        return word.lower()
    text = unicodedata.normalize("NFKC", word).casefold().translate(_ARABIC_FOLD)
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category[0] not in "MC":
            kept.append(char)
    return "".join(kept).translate(_ARABIC_FOLD)


def is_arabic(word: str) -> bool:
    """Whether the first letter is of the Arabic script."""
    return "\u0600" <= word[:1] <= "\u06ff" or "\ufb50" <= word[:1] <= "\ufeff"


_Reading: TypeAlias = tuple[str, str, bool, bool]  # key, form, boilerplate, function word


class Word:
    """What is known of a surface form, worked out once: votes for a language, and its key in each."""

    __slots__ = (
        "acronym", "arabic", "cased", "english", "folded", "french", "long", "readings", "second", "upper",
    )  # fmt: skip

    def __init__(self, surface: str) -> None:
        folded = fold(surface)
        if "." in surface and surface[0] != ".":
            folded = folded.replace(".", "")
        folded = folded.replace("-", "")  # e-commerce is ecommerce; only a prefix of one letter keeps its hyphen
        self.folded = folded
        self.arabic = is_arabic(folded)
        self.french = folded in FUNCTION_WORDS["fr"]
        self.english = folded in FUNCTION_WORDS["en"]
        self.cased = len(surface) > 1 and surface.upper() != surface.lower()
        self.upper = self.cased and surface.isupper()
        self.long = len(surface) > _MAX_ACRONYM
        keeps = 2 <= len(folded) <= _MAX_KEY and not folded.isdecimal()
        short_capitals = (
            surface[0].isascii() and surface[0] != "." and len(folded) <= _MAX_ACRONYM and surface.isupper()
        )
        self.acronym = surface.replace(".", "") if keeps and short_capitals else None
        langs: tuple[Lang, ...] = ("ar",) if self.arabic else ("fr", "en")
        self.readings: dict[Lang, _Reading] = {}
        if keeps:
            for lang in langs:
                stop, weak = folded in FUNCTION_WORDS[lang], folded in BOILERPLATE[lang]
                self.readings[lang] = (stem(folded, lang), light(folded, lang), weak, stop)
        self.second = bare(folded) if self.arabic and keeps else None


def _word(surface: str) -> Word:
    known = _words.get(surface)
    if known is None:
        if len(_words) > _CACHE_LIMIT:
            _words.clear()
        known = _words[surface] = Word(surface)
    return known


Sentence: TypeAlias = list[tuple[Word, int, int, bool]]


def _vote(words: Iterable[Word], default: Lang) -> Lang:
    french = english = 0
    for word in words:
        french += word.french
        english += word.english
    if french == english:
        return default
    return "fr" if french > english else "en"


def analyse(text: str, hint: str | None = None) -> list[Token]:
    """The tokens of a text, in order; never raises, whatever the text.

    The language is decided for each sentence (by script, then by function words), falling back on the whole text and
    then on ``hint``. Function words, one-letter words, bare numbers and words of over 40 characters are left out.
    """
    sentences = _sentences(text[:MAX_CHARS])
    default: Lang = "en" if hint == "en" else "fr"
    if len(sentences) > 1:
        default = _vote((entry[0] for sentence in sentences for entry in sentence), default)
    tokens: list[Token] = []
    for sentence in sentences:
        _tokens(sentence, _vote((entry[0] for entry in sentence), default), tokens)
        if len(tokens) >= MAX_TOKENS:
            return tokens[:MAX_TOKENS]
    return tokens


def _sentences(text: str) -> list[Sentence]:
    sentences: list[Sentence] = []
    current: Sentence = []
    breaks = False
    for match in _SCAN.finditer(text):
        kind = match.lastindex
        if kind is None:
            start, end = match.span()
            if end - start > MAX_WORD:
                breaks = True
                continue
            current.append((_word(text[start:end]), start, end, breaks))
            breaks = False
            continue
        breaks = True
        if kind == _SENTENCE_END and current:
            sentences.append(current)
            current = []
    if current:
        sentences.append(current)
    return sentences


def folded_words(text: str) -> Iterator[tuple[str, int, int]]:
    """Every word of a text, folded, function words among them, with its place."""
    for sentence in _sentences(text[:MAX_CHARS]):
        for word, start, end, _ in sentence:
            yield word.folded, start, end


def _is_shouting(sentence: Sentence) -> bool:
    """A sentence mostly in capitals: there, capitals don't make an acronym."""
    capitals = sum(word.upper for word, *_ in sentence)
    if not capitals:
        return False
    cased = sum(word.cased for word, *_ in sentence)
    return capitals * 2 > cased and (cased > 2 or any(word.upper and word.long for word, *_ in sentence))


def _tokens(sentence: Sentence, latin: Lang, tokens: list[Token]) -> None:
    """Append the tokens of a sentence; a break before a dropped word is a break before the next one kept."""
    shouting = _is_shouting(sentence)
    pending = False
    beside = asides([word.folded for word, *_ in sentence], [breaks for *_, breaks in sentence])
    for (word, start, end, breaks), aside in zip(sentence, beside, strict=True):
        if breaks:
            pending = True
        reading = word.readings.get("ar" if word.arabic else latin)
        if reading is None:
            continue
        key, form, weak, stop = reading
        acronym = word.acronym
        if stop and (acronym is None or shouting):
            continue
        if acronym is not None and not shouting:
            key = form = word.folded
            weak = False
        lang: Lang = "ar" if word.arabic else latin
        broken = pending and bool(tokens)
        tokens.append(Token(key, word.folded, lang, start, end, broken, acronym, weak, form, word.second, aside))
        pending = False
