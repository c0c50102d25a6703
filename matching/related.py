"""Concepts beside each other: what the same suppliers usually deliver, or buyers word one for the other.

``data/lexicon/related.toml`` holds ``[[related]]`` tables with ``concepts`` (every pair of them is linked, both ways)
and, where the link is loose, ``strength`` (above 0, at most 1; 1 unless it is given). What lies above a concept is
said by its ``broader`` and mustn't be said here again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import Final, TypeAlias

from matching.errors import LexiconError

RELATED_FILE: Final = "related.toml"
RELATED_FACTOR: Final = 0.1
"""A concept of a tender lends this share of its weight to each one beside it, times the strength of the link.

Less than two levels up (0.16), as it is likely, not certain, that the supplier of one delivers the other. In
cross-validation on the development sets 0.1 was better than 0.05 in three languages, and than 0.15 in two of three.
"""

Lending: TypeAlias = tuple[tuple[tuple[int, float], ...], ...]
"""For each concept the others that it lends weight to, with the shares."""

_KEYS: Final = frozenset({"concepts", "strength"})


def read_links(
    tables: Iterable[Mapping[str, object]], above: Mapping[str, Collection[str]]
) -> Mapping[frozenset[str], float]:
    """The strength of each linked pair, the highest it is given; ``above`` says what lies above each concept.

    Raises ``LexiconError`` naming the file and the group.
    """
    found: dict[frozenset[str], float] = {}
    for table in tables:
        group, strength = _group(table, above), _strength(table)
        pairs = [frozenset(pair) for pair in combinations(group, 2)]
        if all(found.get(pair, 0.0) >= strength for pair in pairs):
            raise LexiconError(f"{RELATED_FILE}: {group}: already linked")
        for pair in pairs:
            found[pair] = max(strength, found.get(pair, 0.0))
    return found


def with_related(ancestors: Lending, links: Mapping[frozenset[str], float], number: Mapping[str, int]) -> Lending:
    """What concepts lend to those above and to those beside them: to each the larger share of both, and no further."""
    lent = [dict(above) for above in ancestors]
    for pair, strength in links.items():
        one, other = sorted(number[each] for each in pair)
        for lender, beside in ((one, other), (other, one)):
            lent[lender][beside] = max(lent[lender].get(beside, 0.0), RELATED_FACTOR * strength)
    return tuple(tuple(each.items()) for each in lent)


def _group(table: Mapping[str, object], above: Mapping[str, Collection[str]]) -> list[str]:
    unknown = set(table) - _KEYS
    if unknown:
        raise LexiconError(f"{RELATED_FILE}: unknown key {min(unknown)!r}")
    group = table.get("concepts")
    if not isinstance(group, list) or not group or not all(isinstance(each, str) for each in group):
        raise LexiconError(f"{RELATED_FILE}: concepts must be a list of ids, not {group!r}")
    if len(group) == 1:
        raise LexiconError(f"{RELATED_FILE}: {group}: nothing to link it to")
    for each in group:
        if each not in above:
            raise LexiconError(f"{RELATED_FILE}: {group}: unknown concept {each!r}")
        if group.count(each) > 1:
            raise LexiconError(f"{RELATED_FILE}: {group}: {each!r} is linked to itself")
        if over := set(group).intersection(above[each]):
            raise LexiconError(f"{RELATED_FILE}: {group}: {min(over)!r} is above {each!r}, which `broader` says")
    return group


def _strength(table: Mapping[str, object]) -> float:
    strength = table.get("strength", 1.0)
    if isinstance(strength, bool) or not isinstance(strength, int | float) or not 0.0 < strength <= 1.0:
        raise LexiconError(f"{RELATED_FILE}: strength must be above 0 and at most 1, not {strength!r}")
    return float(strength)
