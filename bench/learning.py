"""``python -m bench.learning``: what feedback gains, simulated on judged sets.

Half of what is judged becomes lessons (kept or turned down), the other half is ranked without them and with them. Sets
are folders as ``safqa train --set`` takes them; without any, the fictional set and those of ../shared.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.cli.progress import Progress
from app.cli.train_run import read_judged_set
from bench.evaluate import SETS, SHARED, written
from matching import Matcher
from matching.evaluate import bootstrap, ndcg
from matching.judged import JudgedSet
from matching.types import Gates, StartupDoc, StartupLesson, TenderDoc, TenderLesson

SEEN = 20
"""How far down its list a buyer decides."""

ROUNDS = 4
ANYWHERE = Gates(same_country=False)
Grades = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Gain:
    """nDCG@10 of one query before and after its lessons."""

    query: str
    before: float
    after: float


def main() -> int:
    """Simulate on every set and print what was gained."""
    parser = argparse.ArgumentParser(prog="python -m bench.learning", description=__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    asked = parser.parse_args()
    table = Table(title="nDCG@10 without lessons, and what they add (95 % bootstrap interval)", title_justify="left")
    for heading in ("set", "ranked", "queries", "without", "gain"):
        table.add_column(heading, justify="right" if heading in {"queries", "without", "gain"} else "left")
    with tempfile.TemporaryDirectory(prefix="safqa-learning-") as name, Progress() as progress:
        for folder in asked.folders or _shipped(Path(name)):
            judged = read_judged_set(folder, progress)
            matcher = Matcher()
            matcher.load(tenders=judged.tenders, startups=judged.startups)
            for what, gains in (
                ("startups, judged ones", _candidates(matcher, judged, judged_only=True)),
                ("startups", _candidates(matcher, judged, judged_only=False)),
                ("tenders", _opportunities(matcher, judged)),
            ):
                _row(table, judged.name, what, list(gains))
                progress.tell(f"simulating {judged.name}: {what}", table.row_count)
    Console(width=120).print(table)
    return 0


def _shipped(parent: Path) -> Iterator[Path]:
    with as_file(files("matching") / "data" / "fictional") as folder:
        yield folder
    if not (SHARED / "eval" / "gold_files.py").exists():
        print("the sets of ../shared are not here: the fictional set alone", file=sys.stderr)
        return
    for each in SETS:
        yield written(each, parent)


def _candidates(matcher: Matcher, judged: JudgedSet, *, judged_only: bool) -> Iterator[Gain]:
    """For each tender, the startups that gave no lesson; its buyer decided about half of the judged ones it saw."""
    startups = {startup.id: startup for startup in judged.startups}
    for tender in judged.tenders:
        grades = {startup: grade for startup, grade in judged.qrels.get(tender.id, {}).items() if startup in startups}
        if len(grades) < 2:
            continue
        plain = _startups_for(matcher, tender, len(startups))
        seen = [startup for startup in plain[:SEEN] if startup in grades]
        for chosen in _halves(seen, tender.id):
            told = _told({startup: grades[startup] for startup in chosen}, judged.relevant_from)
            left = {startup: grade for startup, grade in grades.items() if startup not in chosen}
            if not told or max(left.values(), default=0.0) < judged.relevant_from:
                continue
            lessons = tuple(StartupLesson(startups[startup], kept) for startup, kept in told.items())
            taught = _startups_for(matcher, replace(tender, lessons=lessons), len(startups))
            ranked = [
                [s for s in each if s in left or (s not in grades and not judged_only)] for each in (plain, taught)
            ]
            yield Gain(tender.id, ndcg(ranked[0], left), ndcg(ranked[1], left))


def _opportunities(matcher: Matcher, judged: JudgedSet) -> Iterator[Gain]:
    """For each startup, the tenders that gave no lesson; it decided about half of those that were judged for it."""
    tenders = {tender.id: tender for tender in judged.tenders}
    for startup in judged.startups:
        grades = {tender: each[startup.id] for tender, each in judged.qrels.items() if startup.id in each}
        if len(grades) < 2 or max(grades.values()) < judged.relevant_from:
            continue
        plain = _tenders_for(matcher, startup, len(tenders))
        for chosen in _halves(sorted(grades), startup.id):
            told = _told({tender: grades[tender] for tender in chosen}, judged.relevant_from)
            left = {t: grade for t, grade in grades.items() if t not in chosen and grade >= judged.relevant_from}
            if not told or not left:
                continue
            lessons = tuple(TenderLesson(tenders[tender], kept) for tender, kept in told.items())
            taught = _tenders_for(matcher, replace(startup, lessons=lessons), len(tenders))
            ranked = [[tender for tender in each if tender not in chosen] for each in (plain, taught)]
            yield Gain(startup.id, ndcg(ranked[0], left), ndcg(ranked[1], left))


def _startups_for(matcher: Matcher, tender: TenderDoc, count: int) -> list[str]:
    found = matcher.startups_for(tender, k=count, gates=ANYWHERE, with_reasons=False)
    return [item.startup_id for item in found.items]


def _tenders_for(matcher: Matcher, startup: StartupDoc, count: int) -> list[str]:
    found = matcher.tenders_for(startup, k=count, gates=ANYWHERE, with_reasons=False)
    return [item.tender_id for item in found.items]


def _halves(ids: Sequence[str], query: str) -> Iterator[frozenset[str]]:
    """A few random halves, each with its complement; the same on every run."""
    for number in range(ROUNDS // 2):
        mixed = random.Random(f"{query} {number}").sample(list(ids), len(ids))
        yield frozenset(mixed[: (len(ids) + 1) // 2])
        yield frozenset(mixed[(len(ids) + 1) // 2 :])


def _told(grades: Grades, relevant_from: float) -> dict[str, bool]:
    """What is kept and what is turned down; of the doubtful nobody says anything."""
    return {each: grade >= relevant_from for each, grade in grades.items() if not 1 / 3 < grade / relevant_from < 1}


def _row(table: Table, name: str, what: str, gains: Sequence[Gain]) -> None:
    """The mean over queries of their means over the halves."""
    queries: dict[str, list[Gain]] = {}
    for gain in gains:
        queries.setdefault(gain.query, []).append(gain)
    if not queries:
        return
    before = [sum(gain.before for gain in each) / len(each) for each in queries.values()]
    added = bootstrap([sum(gain.after - gain.before for gain in each) / len(each) for each in queries.values()])
    mean = f"{sum(before) / len(before):.3f}"
    table.add_row(name, what, str(len(queries)), mean, f"{added.mean:+.3f} [{added.low:+.3f}, {added.high:+.3f}]")


if __name__ == "__main__":
    sys.exit(main())
