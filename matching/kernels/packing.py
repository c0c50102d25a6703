"""What kernels know of a lexicon, in three arrays: handing on each of its forty arrays by itself takes longer than
reading a short text.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from matching.kernels.compiling import compiled
from matching.kernels.counting import Lent, LentBy, Supply
from matching.kernels.loosely import Loose
from matching.kernels.phrases import Forest, Pointing, Rates
from matching.kernels.tokens import Markers
from matching.vectorizer import F64, I32, I64, U8

Packed: TypeAlias = tuple[I32, I64, F64, I64, U8, I64]
"""Whole numbers, where each array of them begins, then fractions and bytes likewise."""

_TRIES: Final = 3


class Reader(NamedTuple):
    """What is known of phrases: markers of asides, the lexicon's forms, what single words and loose forms point at;
    what each counts, and how many tokens of a text are read.
    """

    markers: Markers
    forest: Forest
    pointing: Pointing
    loose: Loose
    rates: Rates
    loose_rate: float
    most: int


def packed(reader: Reader, lent_by: LentBy, supply: Supply) -> Packed:
    """All of it in the order in which the kernels of this file take it out again."""
    markers, forest, pointing, loose, rates, loose_rate, most = reader
    scalars = np.array([forest.numbers, loose.numbers, most], np.int32)
    ints = (
        *markers, *forest[:4], *pointing[:4], *loose[:5], scalars, *lent_by.startups[:2], *lent_by.tenders[:2],
        supply.ptr, supply.trade,
    )  # fmt: skip
    floats = (
        pointing.cue_share, np.array([*rates, loose_rate]), lent_by.startups.factor, lent_by.tenders.factor,
        supply.weight, supply.factors,
    )  # fmt: skip
    small = (loose.needs, supply.sector, supply.of_sectors, supply.intents)
    return (
        np.concatenate([each.ravel() for each in ints]), _begins(ints),
        np.concatenate([each.ravel() for each in floats]), _begins(floats),
        np.concatenate([each.ravel() for each in small]), _begins(small),
    )  # fmt: skip


def _begins(arrays: Iterable[I32] | Iterable[F64] | Iterable[U8]) -> I64:
    return np.cumsum([0, *(each.size for each in arrays)], dtype=np.int64)


@compiled
def reader_of(known: Packed) -> Reader:
    """What is known of phrases."""
    ints, at, floats, float_at, small, small_at = known
    scalars, rates = ints[at[16] : at[17]], floats[float_at[1] : float_at[2]]
    return Reader(
        Markers(ints[at[0] : at[1]], ints[at[1] : at[2]], ints[at[2] : at[3]]),
        Forest(
            ints[at[3] : at[4]].reshape((_TRIES, (at[4] - at[3]) // _TRIES)), ints[at[4] : at[5]].reshape((-1, 4)),
            ints[at[5] : at[6]].reshape((-1, 2)), ints[at[6] : at[7]].reshape((-1, 2)), scalars[0],
        ),
        Pointing(
            ints[at[7] : at[8]], ints[at[8] : at[9]], ints[at[9] : at[10]], ints[at[10] : at[11]],
            floats[float_at[0] : float_at[1]],
        ),
        Loose(
            ints[at[11] : at[12]], ints[at[12] : at[13]], ints[at[13] : at[14]], ints[at[14] : at[15]],
            ints[at[15] : at[16]], small[small_at[0] : small_at[1]], scalars[1],
        ),
        Rates(rates[0], rates[1]),
        rates[2],
        scalars[2],
    )  # fmt: skip


@compiled
def supply_of(known: Packed) -> tuple[LentBy, Supply]:
    """What concepts lend, and the trades that they mean."""
    ints, at, floats, float_at, small, small_at = known
    trades = small_at[2] - small_at[1]
    return (
        LentBy(
            Lent(ints[at[17] : at[18]], ints[at[18] : at[19]], floats[float_at[2] : float_at[3]]),
            Lent(ints[at[19] : at[20]], ints[at[20] : at[21]], floats[float_at[3] : float_at[4]]),
        ),
        Supply(
            ints[at[21] : at[22]], ints[at[22] : at[23]], floats[float_at[4] : float_at[5]],
            small[small_at[1] : small_at[2]], small[small_at[2] : small_at[3]],
            small[small_at[3] : small_at[4]].reshape((trades, (small_at[4] - small_at[3]) // max(trades, 1))),
            floats[float_at[5] : float_at[6]],
        ),
    )  # fmt: skip
