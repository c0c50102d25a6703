"""What a suite measured: written to ``build/bench.json``, printed as tables."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

BUILD = Path(__file__).resolve().parents[1] / "build"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. ``engine``: who was measured (``safqa``, or the peer by name); ``n``: the size of the input."""

    suite: str
    case: str
    engine: str
    n: int
    metric: str
    value: float
    unit: str


def write(figures: Sequence[Figure], path: Path = BUILD / "bench.json") -> None:
    """Put the figures of the suites that ran in place of those suites' former ones."""
    ran = {figure.suite for figure in figures}
    kept = json.loads(path.read_text()) if path.exists() else []
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [row for row in kept if row["suite"] not in ran] + [asdict(figure) for figure in figures]
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def show(figures: Iterable[Figure]) -> None:
    """Print one table per suite and case: a row per size and engine, a column per metric."""
    cases: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        cases.setdefault((figure.suite, figure.case), []).append(figure)
    console = Console(width=150)
    for (suite, case), found in cases.items():
        metrics = list(dict.fromkeys((figure.metric, figure.unit) for figure in found))
        table = Table(title=f"{suite}: {case}", title_justify="left")
        table.add_column("n", justify="right")
        table.add_column("engine")
        for metric, unit in metrics:
            table.add_column(f"{metric} ({unit})" if unit else metric, justify="right")
        for n, engine in dict.fromkeys((figure.n, figure.engine) for figure in found):
            values = {(f.metric, f.unit): f.value for f in found if (f.n, f.engine) == (n, engine)}
            table.add_row(f"{n:,}", engine, *(f"{values[m]:,.4g}" if m in values else "" for m in metrics))
        console.print(table)
