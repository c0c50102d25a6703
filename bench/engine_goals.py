"""What the engine is to reach, and how far it came in a run: printed below the tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.figures import Figure


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure of a run (case, engine, metric) and the bound it is to keep at some sizes (all, if none is named)."""

    name: str
    case: str
    engine: str
    metric: str
    bound: float
    at_most: bool = False
    sizes: tuple[int, ...] = ()

    def met(self, value: float) -> bool:
        """Whether the value keeps the bound."""
        return value <= self.bound if self.at_most else value >= self.bound


_QUERY = "synthetic, one query: times safqa's"
_BATCH = "synthetic, 1,000 queries: times safqa's"
_BUILD = "synthetic, build: times safqa's"

GOALS = (
    Goal("one query, bm25s", _QUERY, "bm25s", "p50", 2.0, sizes=(10_000, 1_000_000)),
    Goal("one query, bm25s", _QUERY, "bm25s", "p50", 1.5, sizes=(100_000,)),
    Goal("one query, tantivy", _QUERY, "tantivy", "p50", 5.0),
    Goal("batch on 2 threads, bm25s", _BATCH, "bm25s", "2 threads", 2.0),
    Goal("batch on 2 threads, sparse_dot_topn", _BATCH, "sparse_dot_topn", "2 threads", 3.0),
    Goal("build from ids, bm25s", _BUILD, "bm25s", "from ids", 5.0),
    Goal("build from text, cold, bm25s", _BUILD, "bm25s", "from text, cold", 2.0),
    Goal("build from text, warm, bm25s", _BUILD, "bm25s", "from text, warm", 4.0),
    Goal("analysis, TfidfVectorizer.transform", "analysis", "safqa", "times TfidfVectorizer", 5.0),
    Goal("postings, bytes per profile", "synthetic, check", "safqa", "postings per profile", 1_000, at_most=True),
    Goal("whole ranking, p99 in ms", "whole ranking", "safqa", "p99", 10.0, at_most=True, sizes=(10_000, 100_000)),
    Goal("whole ranking, p99 in ms", "whole ranking", "safqa", "p99", 40.0, at_most=True, sizes=(1_000_000,)),
    Goal("a changed profile seen, p99 in ms", "changes", "safqa", "seen p99", 10.0, at_most=True, sizes=(100_000,)),
    Goal("1,000 tenders with reasons, s", "1,000 tenders", "safqa", "2 threads", 10.0, at_most=True, sizes=(100_000,)),
)


def judged(figures: Sequence[Figure]) -> Iterator[tuple[Goal, Figure]]:
    """Each goal with each figure that it is about."""
    for goal in GOALS:
        for figure in figures:
            if (figure.case, figure.engine, figure.metric) == (goal.case, goal.engine, goal.metric) and (
                not goal.sizes or figure.n in goal.sizes
            ):
                yield goal, figure


def show_goals(figures: Sequence[Figure]) -> None:
    """Print a line for each goal and size."""
    table = Table(title="engine: goals", title_justify="left")
    for name in ("goal", "n", "to reach", "reached", ""):
        table.add_column(name, justify="left" if name in {"goal", ""} else "right")
    for goal, figure in judged(figures):
        sign = "<=" if goal.at_most else ">="
        verdict = "met" if goal.met(figure.value) else "missed"
        table.add_row(goal.name, f"{figure.n:,}", f"{sign} {goal.bound:g}", f"{figure.value:,.3g}", verdict)
    Console(width=150).print(table)
