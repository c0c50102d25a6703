"""What each part of the score adds: each left out, and each added to the words alone, refitted and cross-validated.

Profiles and awards are fitted apart, so that neither speaks for the other; differences have 95 % bootstrap intervals
over the same tenders.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from matching.evaluate import Interval, bootstrap, ndcg
from matching.features import SIGNALS
from matching.judged import Measured
from matching.training import Recipe, cross_validated

PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "words": ("text.term",),
        "concepts": ("text.concept",),
        "trades": ("text.trade",),
        "modes": ("mode.service", "mode.product"),
        "intents": ("intent.same",),
        "CPV": ("cpv.shared",),
        "places": ("place.same",),
        "regional specialities": ("region.speciality",),
        "buyers": ("buyer.known",),
        "similar past wins": ("reference.similar",),
        "amounts": ("value.similar",),
        "number of past wins": ("experience",),
    }
)
CODES = frozenset(kind.code for kind in SIGNALS)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: nDCG@10 of every tender, and what it is compared with."""

    name: str
    values: Sequence[float]
    against: Sequence[float] | None

    @property
    def mean(self) -> float:
        return float(np.mean(self.values))

    @property
    def difference(self) -> Interval | None:
        if self.against is None:
            return None
        return bootstrap([one - other for one, other in zip(self.values, self.against, strict=True)])


def unassigned() -> set[str]:
    """Signals of no part: a new one must be given to a part, or made one."""
    return set(CODES) - {code for codes in PARTS.values() for code in codes}


def ablation(sets: Sequence[Measured]) -> list[Row]:
    """Everything; without each part; the words alone; the words with each other part."""
    everything = _values(sets, ())
    words = _values(sets, CODES - set(PARTS["words"]))
    rows = [Row("everything", everything, None)]
    useful = [part for part, codes in PARTS.items() if _says_something(sets, codes)]
    rows += [Row(f"without {part}", _values(sets, PARTS[part]), everything) for part in useful]
    rows.append(Row("words alone", words, everything))
    others = [part for part in useful if part != "words"]
    rows += [Row(f"words and {part}", _values(sets, CODES - {*PARTS["words"], *PARTS[part]}), words) for part in others]
    return rows


def _says_something(sets: Sequence[Measured], codes: Collection[str]) -> bool:
    columns = [n for n, kind in enumerate(SIGNALS) if kind.code in codes]
    return any(query.signals[:, columns].any() for each in sets for query in each.queries)


def _values(sets: Sequence[Measured], without: Collection[str]) -> list[float]:
    """nDCG@10 of each tender of each set, ranked by weights that never saw it."""
    raw = cross_validated(sets, Recipe(without=without))
    found = []
    for each in sets:
        for query in each.queries:
            grades = each.qrels[query.tender_id]
            if any(grade >= each.relevant_from for grade in grades.values()):
                order = np.argsort(-raw[each.name, query.tender_id], kind="stable")
                found.append(ndcg([query.startup_ids[n] for n in order], grades))
    return found


def show(profiles: Sequence[Row], awards: Sequence[Row]) -> None:
    """Both columns side by side, in points of nDCG@10."""
    table = Table(title="what each part adds: nDCG@10, refitted and cross-validated", title_justify="left")
    for heading in ("", "profiles", "difference", "awards", "difference"):
        table.add_column(heading, justify="right" if heading else "left")
    names = list(dict.fromkeys(row.name for row in (*profiles, *awards)))
    names.sort(key=lambda name: (name.startswith("words"), name.startswith("words and")))
    found = [{row.name: row for row in rows} for rows in (profiles, awards)]
    for name in names:
        cells = [cell for side in found for cell in _cells(side.get(name))]
        table.add_row(name, *cells)
    Console(width=150).print(table)


def _cells(row: Row | None) -> tuple[str, str]:
    if row is None:
        return "", ""
    gap = row.difference
    return f"{row.mean:.3f}", f"{gap.mean:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]" if gap else ""


def figures(name: str, rows: Sequence[Row]) -> list[Figure]:
    """The rows as figures of suite ``evaluate``."""
    return [Figure("evaluate", f"ablation {name}", row.name, len(row.values), "nDCG@10", row.mean, "") for row in rows]
