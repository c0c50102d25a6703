"""What ``safqa train`` does once its options are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from rich.console import Console
from rich.table import Table

from app.cli.errors import UserMistake
from app.cli.match_input import load_startups, load_tenders
from app.cli.match_target import check_target, target
from app.cli.progress import Progress
from app.files.contract import ReadOptions
from app.kit.clock import utc_now
from matching.errors import MatchingError
from matching.evaluate import Interval, Report, load_qrels
from matching.judged import JudgedSet, Measured, measure
from matching.learning import Comparison, Learned, Name, compare, compare_held_out, learn
from matching.model import Model, label, model_text, read_model
from matching.registry import get_model
from matching.training import Recipe


@dataclass(frozen=True, slots=True)
class TrainRequest:
    """The options of ``safqa train`` as they were given; ``made`` is the day that is written down (default: today)."""

    out: Path
    sets: tuple[Path, ...]
    from_database: bool
    model: Path | None
    fresh: bool
    evaluate: tuple[Path, ...]
    version: str | None
    made: str | None = None


def run_train(request: TrainRequest) -> None:
    """Train, show, compare, write. Raises UserMistake where nothing is written."""
    check_target(request.out)
    if not request.sets and not request.from_database:
        raise UserMistake("nothing to learn from: name a judged set by --set, or use --from-database")
    try:
        with Progress() as progress:
            current = _current(request)
            name = _name(request, current)
            sets = _measured(_judged(request, progress), current, progress)
            exams = _measured(_exams(request, progress), current, progress)
            learned = learn(sets, Recipe(start=None if request.fresh else current), name, progress.tell)
        comparisons = [compare(current, learned.model, exam) for exam in exams]
        if not request.fresh:
            comparisons += [compare_held_out(current, learned, each) for each in sets]
    except MatchingError as error:
        raise UserMistake(str(error)) from error
    _show(learned, comparisons, f"{current.name}-{current.version}")
    faults = [fault for each in comparisons if (fault := each.worse)]
    if faults:
        raise UserMistake(f"refused as worse than {current.name}-{current.version}, nothing is written: {faults[0]}")
    with target(request.out) as out:
        out.write(model_text(learned.model))


def _current(request: TrainRequest) -> Model:
    """The model that is named, else that of the service's settings, else the one that ships."""
    from app.cli.database import read_settings

    path = request.model or read_settings().model
    return read_model(path) if path else get_model()


def _name(request: TrainRequest, current: Model) -> Name:
    made = request.made or utc_now().date().isoformat()
    return Name(current.name, label(request.version or made, "version"), made)


def _judged(request: TrainRequest, progress: Progress) -> list[JudgedSet]:
    found = [read_judged_set(folder, progress) for folder in request.sets]
    if request.from_database:
        found.append(_feedback())
    return found


def _exams(request: TrainRequest, progress: Progress) -> list[JudgedSet]:
    with as_file(files("matching") / "data" / "fictional") as shipped:
        return [read_judged_set(folder, progress) for folder in (shipped, *request.evaluate)]


def read_judged_set(folder: Path, progress: Progress) -> JudgedSet:
    """The judged set of a folder. Raises UserMistake, or MatchingError for its judgements."""
    options = ReadOptions()
    tenders = load_tenders(folder / "tenders.jsonl", options, progress)
    startups = load_startups(folder / "startups.jsonl", options, progress)
    return JudgedSet(folder.resolve().name, tenders.docs, startups.docs, load_qrels(folder))


def _feedback() -> JudgedSet:
    from app.cli.database import migrated, read_settings, run_async
    from app.db.session import reading
    from app.matches.judgements import feedback_set

    async def read() -> JudgedSet:
        async with migrated(read_settings()) as runtime, reading(runtime.read_sessions) as session:
            return await feedback_set(session)

    found = run_async(read())
    if not found.qrels:
        raise UserMistake("the database holds no decision and no feedback to learn from")
    return found


def _measured(sets: Sequence[JudgedSet], current: Model, progress: Progress) -> list[Measured]:
    names = [each.name for each in sets]
    if doubled := next((name for name in names if names.count(name) > 1), None):
        raise UserMistake(f"two judged sets are called {doubled!r}: rename a folder")
    return [measure(each, current.algorithm(), progress.tell) for each in sets]


def _show(learned: Learned, comparisons: Sequence[Comparison], current: str) -> None:
    """The figures on standard output: what was learnt, then what it is compared on."""
    console = Console(width=120)
    fitted = Table(title="cross-validated, by tenders the weights never saw", title_justify="left")
    for heading in ("set", "tenders", "nDCG@10", "judged only", "R@50", "AUC"):
        fitted.add_column(heading, justify="left" if heading == "set" else "right")
    for name, report in learned.reports.items():
        fitted.add_row(name, str(report.queries), *_figures(report))
    console.print(fitted)
    against = Table(title=f"nDCG@10 against {current}", title_justify="left")
    for heading in ("set", current, "new", "negatives with a strong match"):
        against.add_column(heading, justify="left" if heading == "set" else "right")
    for each in comparisons:
        strong = " / ".join(map(str, each.strong_negatives))
        against.add_row(each.set_name, _told(each.current.ndcg), _told(each.new.ndcg), strong)
    console.print(against)


def _figures(report: Report) -> list[str]:
    auc = f"{report.auc:.3f}" if report.auc == report.auc else ""
    return [_told(report.ndcg), _told(report.judged_ndcg), _told(report.recall_50), auc]


def _told(interval: Interval) -> str:
    return f"{interval.mean:.3f} [{interval.low:.2f}, {interval.high:.2f}]"
