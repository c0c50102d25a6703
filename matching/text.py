"""Text to tokens, for French, Arabic and English, code-switched or not.

One rule decides everything: words are cut in the *raw* text, then each word is normalised alone, so that every token
knows where it stands without a second table. Accents are folded before stemming on purpose: half of all notices are
written in unaccented capitals, and "SECURITE" must meet "sécurité".
"""

from __future__ import annotations

import re
import threading
import unicodedata
from typing import Final, Literal, NamedTuple, TypeAlias

import Stemmer

from matching.stopwords import FUNCTION_WORDS, STOP_WORDS

Lang: TypeAlias = Literal["fr", "ar", "en"]

ANALYSIS_VERSION: Final = "1"
"""Raised whenever the same text gives other tokens: saved indexes of another version are not read."""

MAX_CHARS: Final = 200_000
"""Characters of one text that are read; what follows is ignored, so that a 2 MB field costs no more than this."""

MAX_TOKENS: Final = 20_000
"""Tokens of one text that are kept."""

_MAX_WORD: Final = 40
_MAX_ACRONYM: Final = 6
_CACHE_LIMIT: Final = 400_000

# Marks, tatweel, joiners and direction marks are inside a word: normalising removes them, cutting there would split it.
_INNER = "\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069"
_WORD = re.compile(
    rf"(?:[A-Z]\.){{2,}}[A-Z]?|[cC](?:\+\+|#)|\.(?:NET|Net|net)\b|[^\W_][^\W_{_INNER}]*(?:[{_INNER}]+[^\W_]*)*",
)
_BREAK = re.compile(r"[.!?;:,،؛؟\n\r|•()\[\]{}«»\"/]|\s[-–—]\s")
_SENTENCE = re.compile(r"[.!?;؛؟\n\r|•]")
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
_ARABIC_PREFIXES = ("وبال", "وال", "بال", "كال", "فال", "ولل", "لل", "ال")


class Token(NamedTuple):
    """A word that may score: ``key`` is its stem, ``start``/``end`` its place in the raw text.

    ``breaks`` tells that punctuation stands before it, so that no phrase runs across; ``acronym`` holds the word as
    written when it is in capitals among words that aren't.
    """

    key: str
    folded: str
    lang: Lang
    start: int
    end: int
    breaks: bool
    acronym: str | None


class _Stemmers(threading.local):
    """PyStemmer objects keep state between calls: each thread has its own."""

    def __init__(self) -> None:
        self.by_lang: dict[Lang, Stemmer.Stemmer] = {
            "fr": Stemmer.Stemmer("french"),
            "en": Stemmer.Stemmer("english"),
            "ar": Stemmer.Stemmer("arabic"),
        }


_stemmers = _Stemmers()
_folded: dict[str, str] = {}
_stems: dict[tuple[str, str], str] = {}


def fold(word: str) -> str:
    """Lower case, NFKC, no accents, vowel marks, tatweel or invisible marks; Arabic letters and digits unified."""
    known = _folded.get(word)
    if known is not None:
        return known
    text = unicodedata.normalize("NFKC", word).casefold().translate(_ARABIC_FOLD)
    kept: list[str] = []
    for char in unicodedata.normalize("NFKD", text):
        category = unicodedata.category(char)
        if category == "Nd":
            kept.append(str(unicodedata.digit(char)))
        elif category[0] not in "MC":
            kept.append(char)
    result = "".join(kept).translate(_ARABIC_FOLD)
    if len(_folded) > _CACHE_LIMIT:
        _folded.clear()
    _folded[word] = result
    return result


def stem(folded: str, lang: Lang) -> str:
    """The stem of a folded word; words of up to three letters and words with digits stay as they are."""
    if len(folded) <= 3 or not folded.isalpha():
        return folded
    known = _stems.get((lang, folded))
    if known is not None:
        return known
    result: str = _stem_arabic(folded) if lang == "ar" else _stemmers.by_lang[lang].stemWord(folded)
    if len(_stems) > _CACHE_LIMIT:
        _stems.clear()
    _stems[lang, folded] = result
    return result


def _stem_arabic(folded: str) -> str:
    """Articles with their proclitics go first (light10), then Snowball removes the suffixes.

    A lone و is stripped only where four letters remain: shorter words begin with it by themselves.
    """
    word = folded
    for prefix in _ARABIC_PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            word = word[len(prefix) :]
            break
    else:
        if word.startswith("و") and len(word) >= 5:
            word = word[1:]
    stemmed: str = _stemmers.by_lang["ar"].stemWord(word)
    return stemmed.translate(_ARABIC_FOLD) if len(stemmed) >= 2 else word


def is_arabic(word: str) -> bool:
    """Whether the first letter is of the Arabic script."""
    return "\u0600" <= word[:1] <= "\u06ff" or "\ufb50" <= word[:1] <= "\ufeff"


def latin_language(text: str, hint: str | None = None) -> Lang:
    """French or English, by the function words of the text; without any, the hint, else French."""
    words = [fold(match.group()) for match in _WORD.finditer(text[:4_000])]
    return _vote(words, "en" if hint == "en" else "fr")


def _vote(words: list[str], default: Lang) -> Lang:
    french = sum(word in FUNCTION_WORDS["fr"] for word in words)
    english = sum(word in FUNCTION_WORDS["en"] for word in words)
    if french == english:
        return default
    return "fr" if french > english else "en"


def analyse(text: str, hint: str | None = None) -> list[Token]:
    """The tokens of a text that may score, in order; never raises, whatever the text.

    The language is decided for each sentence (by script, then by function words), falling back on the whole text and
    then on ``hint``. Stop words, one-letter words, bare numbers and words of over 40 characters are left out.
    """
    text = text[:MAX_CHARS]
    sentences = _sentences(text)
    if not sentences:
        return []
    default: Lang = "en" if hint == "en" else "fr"
    if len(sentences) > 1:
        default = _vote([folded for words in sentences for _, folded in words[:200]], default)
    tokens: list[Token] = []
    last_end = 0
    for words in sentences:
        lang = _vote([folded for _, folded in words], default)
        shouting = _is_shouting([match.group() for match, _ in words])
        for match, folded in words:
            token = _token(match, folded, lang, shouting=shouting)
            if token is None:
                continue
            breaks = _BREAK.search(text, last_end, token.start) is not None
            last_end = token.end
            tokens.append(token._replace(breaks=breaks) if breaks else token)
            if len(tokens) >= MAX_TOKENS:
                return tokens
    return tokens


def _sentences(text: str) -> list[list[tuple[re.Match[str], str]]]:
    sentences: list[list[tuple[re.Match[str], str]]] = []
    current: list[tuple[re.Match[str], str]] = []
    last_end = 0
    for match in _WORD.finditer(text):
        if current and _SENTENCE.search(text, last_end, match.start()):
            sentences.append(current)
            current = []
        last_end = match.end()
        current.append((match, fold(match.group())))
    if current:
        sentences.append(current)
    return sentences


def _is_shouting(words: list[str]) -> bool:
    """A sentence mostly in capitals: there, capitals don't make an acronym."""
    cased = [word for word in words if len(word) > 1 and word.upper() != word.lower()]
    capitals = [word for word in cased if word.isupper()]
    return len(capitals) * 2 > len(cased) and (len(cased) > 2 or any(len(word) > _MAX_ACRONYM for word in capitals))


def _token(match: re.Match[str], folded: str, lang: Lang, *, shouting: bool) -> Token | None:
    surface = match.group()
    if "." in surface and surface[0] != ".":
        folded = folded.replace(".", "")
    if len(folded) < 2 or len(folded) > _MAX_WORD or folded.isdecimal():
        return None
    acronym = None
    if surface[0].isascii() and surface[0] != "." and len(folded) <= _MAX_ACRONYM and surface.isupper():
        acronym = surface.replace(".", "")
    if is_arabic(folded):
        lang = "ar"
    is_stop = folded in STOP_WORDS[lang]
    if is_stop and (acronym is None or shouting):
        return None
    if acronym is not None and not shouting:
        return Token(folded, folded, lang, match.start(), match.end(), breaks=False, acronym=acronym)
    return Token(stem(folded, lang), folded, lang, match.start(), match.end(), breaks=False, acronym=acronym)
