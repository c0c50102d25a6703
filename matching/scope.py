"""Asides: the part of a sentence that names a beneficiary, a place or a programme, not what is bought or sold.

"Acquisition d'un logiciel **au profit du ministère de l'Agriculture**" buys no agriculture. An aside begins with a
marker ("au profit", "on behalf of", "لفائدة") or with the name of an institution ("du ministère de", "de l'Agence
nationale", "المكتب الوطني"). It ends with the sentence, at a word that opens another thought ("dans", "pour", "في"),
where lots are listed, or at punctuation, unless an enumeration goes on ("de l'Agriculture, de la Pêche et des Eaux").
All words are folded, function words among them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

_MARKERS: Final = """
au profit|au benefice|en faveur|pour le compte|pour compte|a l intention|pour les besoins|pour le besoin|a l usage|
au sein|relevant de|relevant du|relevant des|relevants de|relevants du|dependant de|dependant du|dependant des|
sous la tutelle|dans le cadre|a l occasion|au niveau de|au niveau du|au niveau des|aupres de|aupres des|aupres du|
sis a|sise a|situe a|situee a|situes a|situees a|destine aux|destinee aux|destines aux|destinees aux|
a destination des|a destination du|
on behalf of|for the benefit of|for the account of|in favour of|for the needs of|for the use of|within the framework|
in the framework|as part of|under the authority of|under the supervision of|belonging to|reporting to|located in|
located at|on the occasion of|at the level of|for the staff of|
لفايده|لحساب|لصالح|التابع|التابعه|التابعين|التابعات|تابعه|في اطار|بمناسبه|علي مستوي|علي صعيد|الكاين|الكاينه|
لحاجيات|لحاجات|لاحتياجات|برسم|لدي
"""

_INSTITUTIONS: Final = """
ministere|prefecture|province|commune|wilaya|municipalite|faculte|universite|mairie|ville|departement|
ministry|municipality|university|faculty|department|
وزاره|عماله|اقليم|جماعه|ولايه|كليه|جامعه|بلديه
"""
"""Nouns that name an institution by themselves."""

_BODIES: Final = """
agence|office|institut|caisse|fonds|ecole|direction|delegation|academie|centre|societe|conseil|bibliotheque|
commissariat|observatoire|banque|laboratoire|etablissement|hopital|conservation|inspection|tresorerie|chambre|service|
agency|fund|institute|school|directorate|delegation|academy|center|council|library|bank|hospital|board|
inspectorate|treasury|chamber|authority|commission|
وكاله|مكتب|معهد|صندوق|مدرسه|مديريه|مندوبيه|اكاديميه|مركز|شركه|مجلس|مكتبه|مرصد|بنك|مختبر|موسسه|مستشفي|محافظه|مفتشيه|
خزينه|غرفه|مصلحه|هييه
"""
"""Nouns that name an institution beside one of ``_RANKS``: an agency may be one of communication."""

_RANKS: Final = """
national|nationale|regional|regionale|provincial|provinciale|prefectoral|prefectorale|royal|royale|superieur|superieure|
general|generale|communal|communale|marocain|marocaine|urbaine|haut|haute|
higher|high|moroccan|
وطني|وطنيه|جهوي|جهويه|اقليمي|اقليميه|ملكي|ملكيه|عالي|عليا|سامي|ساميه|عام|عامه|مغربي|مغربيه|حضريه|مركزي|مركزيه|جماعي
"""
INDEFINITE: Final = frozenset({"un", "une", "a", "an", "d"})
_ENDS: Final = """
lot|lots|dans|en|pour|afin|par|via|sur|in|to|through|by|about|علي|في|من|عبر|بواسطه|حول|الحصه|حصه|حصص|الحصص|بحصه
"""
CONTINUES: Final = frozenset({"de", "du", "des", "d", "et", "and", "of", "la", "le", "les", "l", "the"})
_AND: Final = "و"
ARTICLES: Final = ("وال", "بال", "لل", "ال")
PROCLITICS: Final = frozenset("لبو")


def _listed(text: str) -> list[str]:
    return [each for each in text.replace("\n", "").split("|") if each]


def _phrases(text: str) -> Mapping[str, tuple[tuple[str, ...], ...]]:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in _listed(text):
        first, *rest = phrase.split()
        table.setdefault(first, []).append(tuple(rest))
    return MappingProxyType({first: tuple(rests) for first, rests in table.items()})


MARKERS: Final = _phrases(_MARKERS)
"""What follows the first word of each marker."""

INSTITUTIONS: Final = frozenset(_listed(_INSTITUTIONS))
BODIES: Final = frozenset(_listed(_BODIES))
RANKS: Final = frozenset(_listed(_RANKS))
ENDS: Final = frozenset(_listed(_ENDS))


def asides(words: Sequence[str], breaks: Sequence[bool]) -> list[bool]:
    """Which of the folded words of a sentence stand in an aside; ``breaks`` tells before which punctuation stands.

    The first word of a sentence begins none by itself: a sentence has something to say before it steps aside.
    """
    found = [False] * len(words)
    inside = False
    for at, word in enumerate(words):
        if inside and (word in ENDS or (breaks[at] and not continues(word))):
            inside = False
        if not inside and at:
            inside = _marks(words, at) or _names(words, at)
        found[at] = inside
    return found


def _marks(words: Sequence[str], at: int) -> bool:
    rests = MARKERS.get(words[at])
    return rests is not None and any(tuple(words[at + 1 : at + 1 + len(rest)]) == rest for rest in rests)


def _names(words: Sequence[str], at: int) -> bool:
    """Whether the name of an institution begins here: "du ministère", "l'Agence nationale", not "d'une école"."""
    word = noun(words[at])
    if word in INSTITUTIONS:
        return words[at - 1] not in INDEFINITE
    if at + 1 == len(words) or not (word in BODIES or word in RANKS):
        return False
    following = words[at + 1]
    if is_any(following):
        return False
    pair = (word, noun(following))
    named = (pair[0] in BODIES and pair[1] in RANKS) or (pair[0] in RANKS and pair[1] in BODIES)
    return named and words[at - 1] not in INDEFINITE


def continues(word: str) -> bool:
    """Whether an aside that punctuation stands in goes on with this word."""
    return word in CONTINUES or word.startswith(_AND)


def is_any(word: str) -> bool:
    """Whether a word beside a noun tells that no one in particular is named: شركة مغربية is any Moroccan company."""
    return "ا" <= word[:1] <= "ي" and not word.startswith("ال")


def noun(word: str) -> str:
    """An Arabic word without article and proclitic; any other as it is."""
    if not "ا" <= word[:1] <= "ي":
        return word
    for article in ARTICLES:
        if word.startswith(article):
            return word[len(article) :]
    rest = word[1:]
    return rest if word[0] in PROCLITICS and (rest in INSTITUTIONS or rest in BODIES) else word
