"""Text in, findings out: every rule over every clause, what two say of one passage once, and a bounded number."""

from __future__ import annotations

from collections import Counter

from matching.requirements.document import Document, Hit, trimmed
from matching.requirements.findings import Finding, Kind
from matching.requirements.rules.triggers import rules_for

MAX_OF_A_KIND = 200
"""More findings of one kind than this are a hostile text's, and left out."""


def read_text(text: str, *, country: str | None = None) -> tuple[Finding, ...]:
    """The requirements that a text tells, in the order of their places.

    ``country``: ISO 3166 code where it is known: it tells the zone of hours and the currency of sums written without
    one. Where it is not told, the text's own signs count (docs/requirements.md).
    """
    document = Document(text, country)
    hits: list[Hit] = []
    counted: Counter[Kind] = Counter()
    for clause in document.clauses:
        for rule in rules_for(clause):
            for hit in rule(clause, document):
                if counted[hit.kind] < MAX_OF_A_KIND:
                    counted[hit.kind] += 1
                    hits.append(hit)
    return tuple(_finding(text, document, hit) for hit in _once(hits))


def _once(hits: list[Hit]) -> list[Hit]:
    """Without those that say the same of an overlapping passage; the surest stays."""
    kept: dict[Kind, list[Hit]] = {}
    for hit in sorted(hits, key=lambda hit: (-hit.confidence, hit.end - hit.start)):
        same = kept.setdefault(hit.kind, [])
        if not any(hit.value == other.value and hit.start < other.end and other.start < hit.end for other in same):
            same.append(hit)
    return sorted((hit for some in kept.values() for hit in some), key=lambda hit: (hit.start, hit.end, hit.kind))


def _finding(text: str, document: Document, hit: Hit) -> Finding:
    start, end = document.folded.source(*trimmed(document.folded.text, hit.start, hit.end))
    return Finding(hit.kind, hit.value, text[start:end], start, end, hit.confidence)
