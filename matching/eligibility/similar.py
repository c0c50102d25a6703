"""Of which trades a text is: by what references and calls are similar."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from matching.lexicon import default_lexicon
from matching.text import analyse
from matching.trades import default_trades

_OF_THE_TRADE: Final = 0.6
"""Subjects that a trade lives from, and those next below them; not what it takes on now and then."""

_LONGEST: Final = 2_000
_DIVISION: Final = 2


def trades_told(texts: Iterable[str], cpv: Iterable[str] = ()) -> frozenset[str]:
    """Trades whose subjects the texts name (``matching.trades``), and divisions of CPV codes (``cpv:72``)."""
    lexicon, trades = default_lexicon(), default_trades()
    found = {f"cpv:{code[:_DIVISION]}" for code in cpv}
    for text in texts:
        tokens = analyse(text[:_LONGEST])
        for mention in lexicon.mentions(tokens):
            if not all(token.aside for token in tokens[mention.start : mention.end]):
                links = trades.links[mention.concept]
                found |= {trades.trades[n].id for n, weight in links if weight >= _OF_THE_TRADE}
    return frozenset(found)
