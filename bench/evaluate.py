"""``make evaluate``: score the real command on the judged sets of ../shared, with intervals.

The sets are written as flat files by the programs that acceptance uses (../shared/eval), ranked by ``safqa match``
in a process of its own, and scored by :mod:`matching.evaluate`.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.figures import Figure, write
from matching.evaluate import Interval, Report, evaluate, load_qrels, read_run

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEPTH = 100


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """A judged set: its name here, how gold_files.py is asked for it, and the least grade that is relevant."""

    name: str
    asked: tuple[str, ...]
    relevant_from: float


SETS = (
    JudgedSet("gold_ma fr", ("gold", "fr"), 1.5),
    JudgedSet("gold_ma ar", ("gold", "ar"), 1.5),
    JudgedSet("gold_ma en", ("gold", "en"), 1.5),
    JudgedSet("fr_decp_awards", ("decp",), 1.0),
)


def main() -> int:
    """Score every set (or those named) and print a table; 2 where the sets are not beside the checkout."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--set", dest="names", choices=[each.name for each in SETS], action="append")
    asked = parser.parse_args()
    if not (SHARED / "eval" / "gold_files.py").exists():
        print(f"the judged sets are not here: {SHARED.name}/eval is expected beside the checkout", file=sys.stderr)
        return 2
    reports = {each.name: _scored(each) for each in SETS if not asked.names or each.name in asked.names}
    _show(reports)
    write([figure for name, report in reports.items() for figure in _figures(name, report)])
    return 0


def _scored(judged: JudgedSet) -> Report:
    with tempfile.TemporaryDirectory(prefix="safqa-evaluate-") as name:
        folder = Path(name)
        _run([sys.executable, str(SHARED / "eval" / "gold_files.py"), *judged.asked, name])
        sides = [f"--{side}={folder / side}.jsonl" for side in ("tenders", "startups")]
        out = folder / "run.trec"
        # 1 says that some lines were refused: the sets hold a few codes that are none.
        command = Path(sys.executable).with_name("safqa")
        _run([str(command), "match", *sides, f"--top={DEPTH}", "--format=trec", f"--out={out}"], 1)
        run = read_run(out.read_text(encoding="utf-8").splitlines())
        return evaluate(run, load_qrels(folder), relevant_from=judged.relevant_from)


def _run(command: list[str], highest: int = 0) -> None:
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode > highest:
        sys.exit(f"{' '.join(command[1:4])} failed: {done.stderr.strip()[-500:]}")


def _measures(report: Report) -> dict[str, float | Interval]:
    return {
        "nDCG@10": report.ndcg,
        "judged only": report.judged_ndcg,
        "R@10": report.recall_10,
        "R@50": report.recall_50,
        "MRR": report.mrr,
        "AUC": report.auc,
        "unjudged": report.unjudged,
    }


def _show(reports: dict[str, Report]) -> None:
    """A row per set; intervals are 95 % bootstrap over queries, "unjudged" is the share in the first ten."""
    table = Table(title="rankings", title_justify="left")
    table.add_column("set")
    table.add_column("queries", justify="right")
    rows = {name: _measures(report) for name, report in reports.items()}
    for metric in next(iter(rows.values())):
        table.add_column(metric, justify="right")
    for name, measures in rows.items():
        table.add_row(name, str(reports[name].queries), *(_told(value) for value in measures.values()))
    Console(width=150).print(table)


def _told(value: float | Interval) -> str:
    if isinstance(value, Interval):
        return f"{value.mean:.3f} [{value.low:.2f}, {value.high:.2f}]"
    return "" if math.isnan(value) else f"{value:.3f}"


def _figures(name: str, report: Report) -> list[Figure]:
    figures: list[Figure] = []
    for metric, value in _measures(report).items():
        parts = {"": value.mean, " low": value.low, " high": value.high} if isinstance(value, Interval) else {"": value}
        figures += [
            Figure("evaluate", name, "safqa", report.queries, metric + part, number, "")
            for part, number in parts.items()
            if not math.isnan(number)
        ]
    return figures


if __name__ == "__main__":
    sys.exit(main())
