"""``make evaluate``: score the real command on the judged sets of ../shared, with intervals.

The sets are written as flat files by the programs that acceptance uses (../shared/eval), ranked by ``safqa match``
in a process of its own, and scored by :mod:`matching.evaluate`. The ablation measures the signals in this process.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.cli.progress import Progress
from app.cli.train_run import read_judged_set
from bench import ablation
from bench.figures import Figure, write
from matching import registry
from matching.evaluate import Interval, Report, evaluate, load_qrels, read_run
from matching.judged import Measured, measure
from matching.types import Grade

SHARED = Path(__file__).resolve().parents[2] / "shared"
DEPTH = 100


@dataclass(frozen=True, slots=True)
class SharedSet:
    """A judged set: its name here, how gold_files.py is asked for it, the least grade that is relevant, and what was
    measured with the lexicon as it stood at its very first evaluation (commit 69ee2e0).
    """

    name: str
    asked: tuple[str, ...]
    relevant_from: float
    frozen: str


SETS = (
    SharedSet("gold_ma fr", ("gold", "fr"), 1.5, "nDCG@10 0.425, AUC 0.791"),
    SharedSet("gold_ma ar", ("gold", "ar"), 1.5, "nDCG@10 0.315"),
    SharedSet("gold_ma en", ("gold", "en"), 1.5, "nDCG@10 0.354"),
    SharedSet("fr_decp_awards", ("decp",), 1.0, "nDCG@10 0.271, R@50 0.565"),
)


@dataclass(frozen=True, slots=True)
class Scored:
    """What the real command reached on a set; ``strong``: plain negatives for which it shows a strong match."""

    report: Report
    negatives: int
    strong: int


def main() -> int:
    """Score every set (or those named) and print a table; 2 where the sets are not beside the checkout."""
    parser = argparse.ArgumentParser(prog="python -m bench.evaluate", description=__doc__)
    parser.add_argument("--set", dest="names", choices=[each.name for each in SETS], action="append")
    parser.add_argument("--quick", action="store_true", help="without the ablation, which takes some minutes")
    asked = parser.parse_args()
    if not (SHARED / "eval" / "gold_files.py").exists():
        print(f"the judged sets are not here: {SHARED.name}/eval is expected beside the checkout", file=sys.stderr)
        return 2
    chosen = [each for each in SETS if not asked.names or each.name in asked.names]
    with tempfile.TemporaryDirectory(prefix="safqa-evaluate-") as name:
        folders = {each.name: written(each, Path(name)) for each in chosen}
        scored = {each.name: _scored(each, folders[each.name]) for each in chosen}
        _show(scored)
        found = [figure for set_name, each in scored.items() for figure in _figures(set_name, each.report)]
        if not asked.quick:
            found += _ablation(folders)
    write(found)
    return 0


def written(judged: SharedSet, parent: Path) -> Path:
    """A judged set as flat files in a new folder of ``parent``, whose name is the set's."""
    folder = parent / judged.name.replace(" ", "-")
    folder.mkdir()
    _run([sys.executable, str(SHARED / "eval" / "gold_files.py"), *judged.asked, str(folder)])
    return folder


def _ablation(folders: Mapping[str, Path]) -> list[Figure]:
    """The table of what each part adds, for the sets that were asked for."""
    if spare := ablation.unassigned():
        sys.exit(f"bench.ablation knows no part for {', '.join(sorted(spare))}")
    with Progress() as progress:
        measured = [_measured(folder, progress) for folder in folders.values()]
    kinds = {"profiles": False, "awards": True}
    sides = {
        kind: ablation.ablation([each for each in measured if each.name.endswith("awards") is awards])
        if any(each.name.endswith("awards") is awards for each in measured)
        else []
        for kind, awards in kinds.items()
    }
    ablation.show(sides["profiles"], sides["awards"])
    return [figure for kind, rows in sides.items() for figure in ablation.figures(kind, rows)]


def _measured(folder: Path, progress: Progress) -> Measured:
    return measure(read_judged_set(folder, progress), registry.get(), progress.tell)


def _scored(judged: SharedSet, folder: Path) -> Scored:
    sides = [f"--{side}={folder / side}.jsonl" for side in ("tenders", "startups")]
    out = folder / "run.trec"
    # 1 says that some lines were refused: the sets hold a few codes that are none.
    command = Path(sys.executable).with_name("safqa")
    told = _run([str(command), "match", *sides, f"--top={DEPTH}", "--format=trec", f"--out={out}"], 1)
    if not out.exists():  # 1 is also how a crash ends
        sys.exit(f"safqa match failed on {judged.name}: {told[-500:]}")
    run = read_run(out.read_text(encoding="utf-8").splitlines())
    qrels = load_qrels(folder)
    negatives = [query for query, grades in qrels.items() if not grades]
    least = registry.get().grades[Grade.STRONG]
    strong = sum(any(score >= least for _, score in run.get(query, ())) for query in negatives)
    return Scored(evaluate(run, qrels, relevant_from=judged.relevant_from), len(negatives), strong)


def _run(command: list[str], highest: int = 0) -> str:
    """Run a command that must end with at most ``highest``; what it said on standard error."""
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode > highest:
        sys.exit(f"{' '.join(command[1:4])} failed: {done.stderr.strip()[-500:]}")
    return done.stderr.strip()


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


def _show(scored: Mapping[str, Scored]) -> None:
    """A row per set; intervals are 95 % bootstrap over queries, "unjudged" is the share in the first ten, "strong" how
    many of the tenders that nobody suits have a strong match.
    """
    table = Table(title="rankings", title_justify="left")
    table.add_column("set")
    table.add_column("queries", justify="right")
    rows = {name: _measures(each.report) for name, each in scored.items()}
    for metric in (*next(iter(rows.values())), "strong", "lexicon frozen"):
        table.add_column(metric, justify="right")
    frozen = {each.name: each.frozen for each in SETS}
    for name, measures in rows.items():
        each = scored[name]
        strong = f"{each.strong} of {each.negatives}" if each.negatives else ""
        figures = (_told(value) for value in measures.values())
        table.add_row(name, str(each.report.queries), *figures, strong, frozen[name])
    Console(width=190).print(table)


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
