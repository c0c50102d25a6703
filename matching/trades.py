"""Trades: who delivers. A concept says what a text is about, a trade which kind of supplier sells it.

``data/trades.toml`` holds ``[[trade]]`` tables: ``id``, labels ``fr``/``ar``/``en``, ``core`` and ``also`` (concept
ids), ``intents`` (what a buyer wants done when he looks for this supplier) and, for some, ``sector``.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from matching.errors import LexiconError
from matching.lexicon import Lexicon, default_lexicon
from matching.stemming import Lang

ALSO_WEIGHT: Final = 0.5
"""What a subject that a trade commonly takes on counts, against 1 for one it lives from."""

INHERITED_FACTOR: Final = 0.6
"""A concept of no trade belongs to those of the concept above it at this rate, for each level."""

OTHER_INTENT: Final = 0.3
"""What a trade counts where the buyer wants something done that this trade doesn't do."""

SECTOR_FACTOR: Final = 0.1
"""What the subjects of a ``sector`` trade count in a profile: it mostly names them as the sector of its clients."""

SECTOR_CONCEPT_FACTOR: Final = 0.4
"""What a concept of ``sector`` trades alone counts in a profile, for the same reason."""

_LEVELS: Final = 3
_KEYS: Final = frozenset({"id", "fr", "ar", "en", "core", "also", "intents"})


@dataclass(frozen=True, slots=True)
class Trade:
    """A kind of supplier."""

    id: str
    labels: Mapping[Lang, str]
    core: tuple[str, ...]
    also: tuple[str, ...]
    intents: frozenset[str]
    sector: bool = False


class Trades:
    """The trades with their links to concepts. Immutable, safe to share."""

    def __init__(self, lexicon: Lexicon, trades: Sequence[Trade], version: str = "") -> None:
        self.trades = tuple(trades)
        self.version = version
        self.number = {trade.id: n for n, trade in enumerate(self.trades)}
        own: dict[str, dict[int, float]] = {}
        for n, trade in enumerate(self.trades):
            for weight, members in ((ALSO_WEIGHT, trade.also), (1.0, trade.core)):
                for concept in members:
                    own.setdefault(concept, {})[n] = weight
        self.links: tuple[tuple[tuple[int, float], ...], ...] = tuple(
            tuple(sorted(_inherited(lexicon, concept.id, own).items())) for concept in lexicon.concepts
        )

        self.concepts: tuple[frozenset[str], ...] = tuple(
            frozenset(
                concept.id
                for concept, links in zip(lexicon.concepts, self.links, strict=True)
                if any(trade == n for trade, _ in links)
            )
            for n in range(len(self.trades))
        )
        self.of_sectors = tuple(
            bool(links) and all(self.trades[trade].sector for trade, _ in links) for links in self.links
        )

    def told_concept(self, concept: int, share: float) -> float:
        """How far a profile that names a concept is about it, as ``told``."""
        return 1.0 - (1.0 - SECTOR_CONCEPT_FACTOR) * share if self.of_sectors[concept] else 1.0

    def told(self, trade: int, share: float) -> float:
        """How far a profile that names a trade's subjects is of that trade; ``share`` of the profile is told, the rest
        is past wins, which leave no doubt.
        """
        return 1.0 - (1.0 - SECTOR_FACTOR) * share if self.trades[trade].sector else 1.0

    def wanted(self, trade: int, intents: frozenset[str]) -> float:
        """1 where a buyer with these intents may look for this trade (or names none), else ``OTHER_INTENT``."""
        return 1.0 if not intents or intents & self.trades[trade].intents else OTHER_INTENT


def _inherited(lexicon: Lexicon, concept: str, own: Mapping[str, dict[int, float]]) -> dict[int, float]:
    level, factor = {concept}, 1.0
    for _ in range(_LEVELS + 1):
        found: dict[int, float] = {}
        for each in level:
            for trade, weight in own.get(each, {}).items():
                found[trade] = max(found.get(trade, 0.0), weight * factor)
        if found:
            return found
        level = {above for each in level for above in lexicon.concepts[lexicon.number[each]].broader}
        factor *= INHERITED_FACTOR
    return {}


def load_trades(file: Traversable, lexicon: Lexicon) -> Trades:
    """Read a trades file. Raises ``LexiconError`` naming the trade."""
    raw = file.read_bytes()
    try:
        tables = tomllib.loads(raw.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LexiconError(f"{file.name}: {error}") from error
    known_intents = {intent.id for intent in lexicon.intents}
    trades: list[Trade] = []
    for table in tables.get("trade", []):
        name = table.get("id")
        if set(table) - {"sector"} != _KEYS or any(trade.id == name for trade in trades):
            raise LexiconError(f"{file.name}: trade {name!r}: must have each of {sorted(_KEYS)} once")
        unknown = [c for c in (*table["core"], *table["also"]) if c not in lexicon.number]
        unknown += [i for i in table["intents"] if i not in known_intents]
        if unknown:
            raise LexiconError(f"{file.name}: trade {name!r}: unknown concept or intent {unknown[0]!r}")
        labels: dict[Lang, str] = {"fr": table["fr"], "ar": table["ar"], "en": table["en"]}
        trades.append(
            Trade(
                name,
                labels,
                tuple(table["core"]),
                tuple(table["also"]),
                frozenset(table["intents"]),
                bool(table.get("sector", False)),
            ),
        )
    return Trades(lexicon, trades, hashlib.sha256(raw).hexdigest()[:12])


@lru_cache(maxsize=1)
def default_trades() -> Trades:
    """The trades that ship, linked to the lexicon that ships."""
    return load_trades(files("matching") / "data" / "trades.toml", default_lexicon())
