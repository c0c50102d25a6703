"""What is asked of a consortium, who could be in it, and what is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

NOTHING: Mapping[str, int] = MappingProxyType({})


class Together(StrEnum):
    """How the members of a consortium meet a need."""

    ANY = "any"
    """One member that holds it is enough: a certificate, a lot that somebody can carry out."""
    SUM = "sum"
    """What the members hold is added up: turnover, references, staff."""
    EVERY = "every"
    """Each member must hold it: what no partner can waive, such as being a cooperative in a call reserved for them."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing a call needs. ``amount``: for ``SUM`` only, what must come together, in whole units (dirhams, pieces).

    ``lot`` names the lot that the need belongs to; ``work``: the need is the carrying out of that lot.
    """

    id: str
    together: Together = Together.ANY
    amount: int = 0
    lot: str | None = None
    work: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A startup that could be a member.

    ``holds``: ids of the needs of ``ANY`` and ``EVERY`` that it meets; ``amounts``: what it brings to those of ``SUM``.
    ``relevance`` is in [0, 1]. ``strength`` tells who could lead: turnover in the call's trade, in whole dirhams.
    ``owner``: who owns it, where that is known; ``excludes``: ids of startups it will not work with; ``apart``: lots
    for which it already bids without this consortium.
    """

    id: str
    relevance: float
    holds: frozenset[str] = frozenset()
    amounts: Mapping[str, int] = field(default_factory=lambda: NOTHING)
    strength: int | None = None
    owner: str | None = None
    excludes: frozenset[str] = frozenset()
    apart: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Wish:
    """Which sets are looked for: how many members at most, who must be or must not be one, how many sets."""

    most: int = 4
    including: str | None = None
    without: frozenset[str] = frozenset()
    count: int = 3


@dataclass(frozen=True, slots=True)
class Seat:
    """A member: what only it brings (``alone``), all it brings, and the share of the contract suggested for it.

    ``share`` is in whole percent; the shares of a consortium sum to 100.
    """

    id: str
    relevance: float
    brings: tuple[str, ...]
    alone: tuple[str, ...]
    lots: tuple[str, ...]
    share: int
    lead: bool = False


@dataclass(frozen=True, slots=True)
class Consortium:
    """A set that covers everything; the lead comes first."""

    seats: tuple[Seat, ...]
    lead_by: str
    """Why this lead: ``strength`` (greatest turnover in the trade), ``needs`` (brings most), ``only`` (alone)."""
    shares_by: str
    """What the shares follow: ``lot_values`` (of the lots each would carry out), ``lots`` (their number, where a value
    is unknown), ``needs`` (how much each brings, where somebody has no lot of its own)."""

    @property
    def members(self) -> frozenset[str]:
        """Ids of the members."""
        return frozenset(seat.id for seat in self.seats)


@dataclass(frozen=True, slots=True)
class Proposals:
    """The best sets of the least size.

    ``nobody``: needs that no candidate meets, nor as many as may be together: then there are no sets. ``barred``: what
    keeps the member that was wished for out of every set. ``proven`` is false where the search was cut short; then
    there may be better sets, or smaller ones. ``considered``: candidates that may be members.
    """

    sets: tuple[Consortium, ...]
    nobody: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    proven: bool = True
    considered: int = 0
