"""What ``safqa match`` does once its options are read."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import os
import shutil
import sys
import tempfile
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TextIO

from app.cli.errors import UserMistake
from app.cli.match_input import Loaded, load_startups, load_tenders
from app.cli.match_output import Answer, CsvWriter, JsonLinesWriter, Names, TableWriter, TrecWriter, Writer, gate_counts
from app.cli.progress import Progress
from app.files.contract import Limits, ReadOptions
from app.kit.clock import utc_now
from app.kit.i18n import Lang, translate
from matching import Matcher
from matching.types import Gates, Ranking, StartupDoc, TenderDoc
from scrapers.normalise import HOME_ZONE, parse_iso, to_instant

_BODY_IN_MEMORY = 32 * 1024 * 1024
_LIMITS = Limits(unpacked=Limits().file)
"""Both files are held in memory to be ranked, so that what a gzip file unpacks to counts like a plain file."""


@dataclass(frozen=True, slots=True)
class MatchRequest:
    """The options of ``safqa match`` as they were given; ``as_of`` is a date, an instant, ``now`` or ``none``."""

    tenders: Path
    startups: Path
    top: int
    format: Literal["table", "jsonl", "csv", "trec"]
    out: Path | None
    for_startups: bool
    as_of: str
    any_country: bool
    lang: Lang
    zone: str | None


def run_match(request: MatchRequest) -> int:
    """Rank and write; how many lines of the two files were refused. Raises UserMistake."""
    moment = parse_as_of(request.as_of)
    _check_target(request.out)
    with Progress() as progress:
        options = ReadOptions(zone=request.zone, limits=_LIMITS)
        tenders = load_tenders(request.tenders, options, progress)
        startups = load_startups(request.startups, options, progress)
        matcher = Matcher()
        matcher.load(
            tenders=tenders.docs,
            startups=startups.docs,
            progress=lambda what, done: progress.tell(f"indexing {what}", done),
        )
        gates = Gates(as_of=moment, same_country=not request.any_country)
        _write(
            request, _answers(request, matcher, gates, (tenders, startups)), _Told(progress, tenders, startups, moment)
        )
    return tenders.rejected + startups.rejected


def parse_as_of(text: str) -> dt.datetime | None:
    """The moment of ``--as-of``; a date alone is its first second in Morocco. Raises UserMistake."""
    if text == "none":
        return None
    if text == "now":
        return utc_now()
    try:
        instant, _ = to_instant(parse_iso(text), HOME_ZONE, "start")
    except ValueError as error:
        raise UserMistake(f"--as-of {text!r} {error}, nor now, nor none") from None
    return instant


def _check_target(out: Path | None) -> None:
    if out is not None and out.is_dir():
        raise UserMistake(f"{out} is a directory")
    if out is not None and not out.parent.is_dir():
        raise UserMistake(f"{out.parent} is not a directory")


@dataclass(frozen=True, slots=True)
class _Told:
    """What the heading says and where progress goes."""

    progress: Progress
    tenders: Loaded[TenderDoc]
    startups: Loaded[StartupDoc]
    as_of: dt.datetime | None


def _answers(
    request: MatchRequest, matcher: Matcher, gates: Gates, sides: tuple[Loaded[TenderDoc], Loaded[StartupDoc]]
) -> Iterator[Answer]:
    reasons = request.format != "trec"

    def for_tender(tender: TenderDoc) -> Ranking:
        return matcher.startups_for(tender, k=request.top, gates=gates, with_reasons=reasons)

    def for_startup(startup: StartupDoc) -> Ranking:
        return matcher.tenders_for(startup, k=request.top, gates=gates, with_reasons=reasons)

    tenders, startups = sides
    if request.for_startups:
        return _in_threads(startups.docs, lambda startup: Answer(startup, for_startup(startup)))
    return _in_threads(tenders.docs, lambda tender: Answer(tender, for_tender(tender)))


def _in_threads(queries: Sequence[TenderDoc] | Sequence[StartupDoc], ask: Callable[..., Answer]) -> Iterator[Answer]:
    """Answers in the order of the queries, a few of them under way at a time: the kernels release the lock."""
    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[Answer]] = deque()
        remaining = iter(queries)
        try:
            for query in itertools.islice(remaining, 4 * workers):
                waiting.append(pool.submit(ask, query))
            while waiting:
                yield waiting.popleft().result()
                for query in itertools.islice(remaining, 1):
                    waiting.append(pool.submit(ask, query))
        finally:
            for future in waiting:
                future.cancel()


def _write(request: MatchRequest, answers: Iterator[Answer], told: _Told) -> None:
    """Rankings to their place. A table has its heading above it, so its body waits in a temporary file."""
    table = request.format == "table"
    with _target(request.out) as out, _body(out, waits=table) as body:
        writer = _writer(request, body, told)
        total = len(told.startups.docs if request.for_startups else told.tenders.docs)
        gated: Counter[str] = Counter()
        algorithm = ""
        left_out = 0
        for done, answer in enumerate(answers, start=1):
            writer.write(answer)
            gated.update(answer.ranking.gated)
            algorithm = answer.ranking.algorithm
            left_out += answer.ranking.considered == 0
            told.progress.tell("ranking", done, total)
        heading = _heading(request, told, gated, algorithm)
        if left_out:
            heading += " · " + translate("match.left_out", request.lang, count=left_out)
        print(heading, file=out if table else sys.stderr, end="\n\n" if table else "\n")
        if table:
            body.seek(0)
            shutil.copyfileobj(body, out)


def _heading(request: MatchRequest, told: _Told, gated: Counter[str], algorithm: str) -> str:
    lang = request.lang
    parts = [
        translate("match.sizes", lang, tenders=len(told.tenders.docs), startups=len(told.startups.docs)),
        algorithm,
        translate("match.as_of", lang, moment=told.as_of.isoformat(timespec="seconds"))
        if told.as_of
        else translate("match.as_of_none", lang),
        *(gate_counts(gated, lang) or [translate("match.removed_none", lang)]),
    ]
    if refused := told.tenders.rejected + told.startups.rejected:
        parts.append(translate("match.refused", lang, count=refused))
    return " · ".join(filter(None, parts))


def _writer(request: MatchRequest, out: TextIO, told: _Told) -> Writer:
    names = Names({doc.id: doc for doc in told.tenders.docs}, {doc.id: doc for doc in told.startups.docs})
    match request.format:
        case "trec":
            return TrecWriter(out)
        case "jsonl":
            return JsonLinesWriter(out, request.lang)
        case "csv":
            return CsvWriter(out, request.lang, names)
        case "table":
            terminal = request.out is None and sys.stdout.isatty()
            return TableWriter(out, request.lang, names, width=shutil.get_terminal_size().columns if terminal else None)


@contextlib.contextmanager
def _target(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears whole at the end and not at all after a failure.

    A device or a pipe is written to as it is: put in its place, a file would replace ``/dev/null`` for everybody.
    """
    if path is None:
        if hasattr(sys.stdout, "reconfigure"):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace", newline="")
        yield sys.stdout
        sys.stdout.flush()
        return
    if path.exists() and not path.is_file():
        try:
            with path.open("w", encoding="utf-8", newline="") as out:
                yield out
        except OSError as error:
            raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
        return
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
    part = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as out:
            yield out
        part.chmod(0o666 & ~_umask())
        part.replace(path)
    except OSError as error:
        raise UserMistake(f"{path} cannot be written ({error.strerror})") from None
    finally:
        part.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


@contextlib.contextmanager
def _body(out: TextIO, *, waits: bool) -> Iterator[TextIO]:
    if not waits:
        yield out
        return
    with tempfile.SpooledTemporaryFile(_BODY_IN_MEMORY, "w+", encoding="utf-8", newline="") as body:
        yield body  # type: ignore[misc]  # a text file in all but its declared type
