"""Whether two notices of different portals tell of one call, by rules that name their evidence.

Three answers are possible, and most pairs get none of them: ``exact`` (an identifier of the procedure, or a
distinctive reference at the same buyer), ``strong`` (buyer, day of the deadline and title agree, and nothing
contradicts), and ``possible`` (worth a person's look, never joined by itself). Likeness of titles alone never joins:
two calls of one buyer differ by one digit of their number. What is unknown on either side equals nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from matching.stopwords import FUNCTION_WORDS
from matching.text import analyse, fold, folded_words

STRONG_TITLES: Final = 0.6
"""Least likeness of the titles (Jaccard, boilerplate left out) beside the same buyer and the same day."""
POSSIBLE_TITLES: Final = 0.5
REFERENCE_DAYS: Final = 180
"""Deadlines further apart belong to two calls, whatever their references say: numbering begins anew every year."""

_MANY_TITLE_CHARS: Final = 2_000
_MOST_WORDS: Final = 24
_LONG_NUMBER: Final = 7
_SHORTEST_NAME: Final = 4
_FUNCTION_WORDS: Final = frozenset().union(*FUNCTION_WORDS.values())
_LEGAL_FORMS: Final = frozenset({
    "sa", "sas", "sasu", "sarl", "sarlau", "snc", "sca", "scs", "spl", "sem", "epic", "epa", "eurl", "ltd", "limited",
    "plc", "llp", "llc", "inc", "corp", "gmbh", "ag", "kg", "bv", "nv", "spa", "srl", "oy", "ab", "as", "societe",
    "anonyme", "company",
})  # fmt: skip
_PROCEDURE_WORDS: Final = frozenset({
    "ao", "aoo", "aon", "aoi", "aor", "aooi", "aoon", "dao", "ami", "bc", "bdc", "mn", "mapa", "dc", "cc", "dp", "drp",
    "n", "no", "nr", "num", "ref", "lot", "rfp", "rfq", "rfi", "rft", "itb", "itt", "eoi", "lrfp", "lrfq", "litb",
    "tender", "call", "avis", "marche",
})  # fmt: skip
"""Letters that any buyer's reference may hold: with them and a year, a reference is still a bare sequence."""

_ALNUM = re.compile(r"[^\W\d_]+|\d+")
_NUMERAL = re.compile(r"\d+")
_ARTICLE: Final = "ال"


class Strength(StrEnum):
    """How sure it is that two notices are one call."""

    EXACT = "exact"
    STRONG = "strong"
    POSSIBLE = "possible"


class Stage(StrEnum):
    """What a notice tells of: only notices of one stage can be the same; others belong to one procedure at most."""

    PLANNED = "planned"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as it is compared.

    ``procedure_ids`` are identifiers that the publishers share, with their scheme ("ocid:ocds-x-1", "bt-04:<uuid>",
    "ted:123456-2026"): the notice's own and those it quotes. ``deadline`` is the day in the buyer's zone. ``lot`` is
    set where the notice is about one lot only. ``ended``: it says that the call was cancelled or withdrawn.
    """

    source: str
    id: str
    title: str
    country: str | None = None
    buyer_id: str | None = None
    buyer_name: str | None = None
    reference: str | None = None
    procedure_ids: frozenset[str] = frozenset()
    deadline: dt.date | None = None
    stage: Stage = Stage.CALL
    lot: str | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """That two notices (may) tell of one call. ``evidence``: what agreed, by the name of the field, as written."""

    strength: Strength
    rule: str
    evidence: Mapping[str, str]


def compare(one: Notice, other: Notice) -> Finding | None:
    """Tell whether two notices are one call; the order does not matter. ``None``: nothing says so, or something denies.

    Two notices of one source are never a pair: there, the source's own id decides.
    """
    if one.source == other.source or one.stage is not other.stage:
        return None
    if one.lot and other.lot and reference_key(one.lot) != reference_key(other.lot):
        return None
    by_id = _same_procedure(one, other)
    if by_id or _reissued(one, other):
        return by_id
    return _same_reference(one, other) or _same_appearance(one, other)


def blocking_keys(notice: Notice) -> frozenset[str]:
    """Keys of which two notices share at least one if :func:`compare` can find them to be a pair (same country)."""
    keys = {f"id {each}" for each in notice.procedure_ids}
    if notice.country is None:
        return frozenset(keys)
    reference = reference_key(notice.reference)
    if reference and is_distinctive(notice.reference):
        keys.add(f"reference {notice.country} {reference}")
    if notice.deadline is not None:
        keys.update(f"buyer {notice.country} {notice.deadline} {word}" for word in _buyer_words(notice))
    return frozenset(keys)


def reference_key(reference: str | None) -> str:
    """Cut a reference down to its letters and digits: no case, accents, marks, or zeros in front ("n 7 dsi 2026")."""
    if not reference:
        return ""
    return " ".join(part.lstrip("0") or "0" for part in _ALNUM.findall(fold(reference[:200])))


def is_distinctive(reference: str | None) -> bool:
    """Whether a reference means one call of one buyer: it has a number, and letters not merely those of a procedure.

    "2026-078", "07/2026" and "AO 12/2026" stand at many buyers; "RFP-9205896" does not, its number is long enough.
    """
    parts = reference_key(reference).split()
    numbers = [part for part in parts if part.isdigit()]
    letters = [part for part in parts if not part.isdigit()]
    own = sum(len(part) for part in letters if part not in _PROCEDURE_WORDS)
    return bool(numbers) and (own >= 2 or (bool(letters) and max(map(len, numbers)) >= _LONG_NUMBER))


def buyer_key(name: str | None) -> frozenset[str]:
    """The words of a buyer's name that tell it from others: folded, without articles, legal forms and initials."""
    if not name:
        return frozenset()
    words = (word.removeprefix(_ARTICLE) if len(word) > 4 else word for word, _, _ in folded_words(name[:500]))
    kept = (word for word in words if word not in _FUNCTION_WORDS and word not in _LEGAL_FORMS)
    return frozenset(word for word in kept if len(word) > 1 or word.isdigit())


def name_key(name: str | None) -> str:
    """The same words in one order, as a key to find an organisation by; empty where they tell too little of it."""
    key = " ".join(sorted(buyer_key(name)))
    return key if len(key) >= _SHORTEST_NAME else ""


def _reissued(one: Notice, other: Notice) -> bool:
    """A call that was cancelled and its repetition are two: one of them ended, and the days differ or are not known."""
    return one.ended is not other.ended and (one.deadline is None or one.deadline != other.deadline)


def _same_procedure(one: Notice, other: Notice) -> Finding | None:
    shared = sorted(one.procedure_ids & other.procedure_ids)
    return Finding(Strength.EXACT, "procedure-id", _seen(procedure_id=shared[0])) if shared else None


def _same_reference(one: Notice, other: Notice) -> Finding | None:
    if not _same_country(one, other) or not is_distinctive(one.reference) or not is_distinctive(other.reference):
        return None
    if reference_key(one.reference) != reference_key(other.reference):
        return None
    seen = _seen(reference=one.reference, country=one.country, buyer=_both(one.buyer_name, other.buyer_name))
    if not _compatible_buyers(one, other) or _days_apart(one, other) > REFERENCE_DAYS:
        return Finding(Strength.POSSIBLE, "reference-only", seen)
    return Finding(Strength.EXACT, "reference", seen)


def _same_appearance(one: Notice, other: Notice) -> Finding | None:
    """Same buyer, same day and titles alike: strong; with a contradiction, or a less certain buyer: possible."""
    if not _same_country(one, other):
        return None
    alike = _titles_alike(one.title, other.title)
    if alike < POSSIBLE_TITLES:
        return None
    same_buyer, same_day = _same_buyer(one, other), one.deadline is not None and one.deadline == other.deadline
    if not (same_day and _compatible_buyers(one, other)):
        return None
    seen = _seen(
        buyer=_both(one.buyer_name, other.buyer_name),
        deadline=str(one.deadline),
        title=_both(one.title[:200], other.title[:200]),
        likeness=f"{alike:.2f}",
        country=one.country,
    )
    if alike >= STRONG_TITLES and same_buyer and not _contradicting(one, other):
        return Finding(Strength.STRONG, "buyer-deadline-title", seen)
    return Finding(Strength.POSSIBLE, "buyer-deadline-title", seen)


def _contradicting(one: Notice, other: Notice) -> bool:
    """Numbers that both titles have and that differ (lots, phases, years), or references of one pattern that differ."""
    mine, theirs = _numerals(one.title), _numerals(other.title)
    if mine - theirs and theirs - mine:
        return True
    if (one.lot is None) is not (other.lot is None):
        return True
    first, second = reference_key(one.reference), reference_key(other.reference)
    return bool(first and second and first != second and _pattern(first) == _pattern(second))


def _pattern(reference: str) -> str:
    return _NUMERAL.sub("0", reference)


def _numerals(title: str) -> frozenset[str]:
    return frozenset(each.lstrip("0") or "0" for each in _NUMERAL.findall(fold(title[:_MANY_TITLE_CHARS])))


def _titles_alike(one: str, other: str) -> float:
    """Jaccard's share of common words, those of procurement's boilerplate left out; 0 where a title has no others."""
    mine, theirs = _title_words(one), _title_words(other)
    return len(mine & theirs) / len(mine | theirs) if mine and theirs else 0.0


def _title_words(title: str) -> frozenset[str]:
    return frozenset(token.key for token in analyse(title[:_MANY_TITLE_CHARS]) if not token.weak)


def _same_country(one: Notice, other: Notice) -> bool:
    return one.country is not None and one.country == other.country


def _same_buyer(one: Notice, other: Notice) -> bool:
    """The same id where both have one of a scheme, else the same words of their names."""
    told = _same_ids(one, other)
    if told is not None:
        return told
    mine = buyer_key(one.buyer_name)
    return bool(mine) and mine == buyer_key(other.buyer_name)


def _compatible_buyers(one: Notice, other: Notice) -> bool:
    """The same buyer, or a name whose words all stand in the other's ("ONEE", "ONEE - Branche Eau")."""
    told = _same_ids(one, other)
    if told is not None:
        return told
    mine, theirs = buyer_key(one.buyer_name), buyer_key(other.buyer_name)
    return bool(mine and theirs) and (mine <= theirs or theirs <= mine)


def _same_ids(one: Notice, other: Notice) -> bool | None:
    """Whether the buyers' ids agree, where both are of one scheme ("FR-SIRET:..."); ``None``: it can't be told."""
    mine, theirs = _scheme_and_id(one.buyer_id), _scheme_and_id(other.buyer_id)
    if mine is None or theirs is None or mine[0] != theirs[0]:
        return None
    return mine[1] == theirs[1]


def _scheme_and_id(buyer_id: str | None) -> tuple[str, str] | None:
    if not buyer_id or ":" not in buyer_id:
        return None
    scheme, _, code = buyer_id.partition(":")
    return (scheme.casefold(), reference_key(code)) if code else None


def _buyer_words(notice: Notice) -> Iterator[str]:
    scheme = _scheme_and_id(notice.buyer_id)
    if scheme is not None:
        yield "#".join(scheme)
    yield from sorted(buyer_key(notice.buyer_name), key=lambda word: (-len(word), word))[:_MOST_WORDS]


def _days_apart(one: Notice, other: Notice) -> int:
    if one.deadline is None or other.deadline is None:
        return 0
    return abs((one.deadline - other.deadline).days)


def _both(one: str | None, other: str | None) -> str | None:
    said = dict.fromkeys(each for each in (one, other) if each)
    return " = ".join(said) or None


def _seen(**fields: str | None) -> Mapping[str, str]:
    return MappingProxyType({name: value for name, value in fields.items() if value})


def pairs(notices: Iterable[Notice]) -> Iterator[tuple[Notice, Notice, Finding]]:
    """All findings among some notices, each pair once, compared only where they share a blocking key."""
    blocks: dict[str, list[Notice]] = {}
    for notice in notices:
        compared: set[int] = set()
        for key in sorted(blocking_keys(notice)):
            block = blocks.setdefault(key, [])
            for earlier in block:
                if id(earlier) not in compared:
                    compared.add(id(earlier))
                    finding = compare(earlier, notice)
                    if finding is not None:
                        yield earlier, notice, finding
            block.append(notice)
