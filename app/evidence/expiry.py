"""What of a startup's evidence will not be valid any more on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from scrapers.evidence import EvidenceRecord, Expiring, PaperRecord

Listed: TypeAlias = Literal["documents", "certificates", "labels"]
_LISTS: tuple[Listed, ...] = get_args(Listed)


@dataclass(frozen=True, slots=True)
class Ending:
    """A piece of evidence: its list, its place there from 0, what it is, and its last day if that is known."""

    list: Listed
    position: int
    kind: str | None
    name: str | None
    issuer: str | None
    expires: dt.date | None


def ending_before(evidence: EvidenceRecord, day: dt.date) -> list[Ending]:
    """What is no longer valid on ``day``, what ends first first."""
    ended = (one for one in _dated(evidence) if one.expires is not None and one.expires < day)
    return sorted(ended, key=lambda one: (one.expires or day, one.list, one.position))


def undated(evidence: EvidenceRecord) -> list[Ending]:
    """What may or may not be valid: its last day is not told."""
    return [one for one in _dated(evidence) if one.expires is None]


def _dated(evidence: EvidenceRecord) -> Iterator[Ending]:
    for name in _LISTS:
        pieces: tuple[Expiring, ...] = getattr(evidence, name)
        for position, one in enumerate(pieces):
            kind = one.kind.value if isinstance(one, PaperRecord) else None
            yield Ending(name, position, kind, getattr(one, "name", None), one.issuer, one.expires)
