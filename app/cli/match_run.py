"""What ``safqa match`` does once its options are read."""

from __future__ import annotations

import contextlib
import gc
import os
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TextIO

from app.cli.errors import UserMistake
from app.cli.match_input import load_startups, load_tenders
from app.cli.match_output import Answer, CsvWriter, JsonLinesWriter, Names, TableWriter, TrecWriter, Writer, gate_counts
from app.cli.match_request import MatchRequest, Ranked
from app.cli.match_target import body, check_target, target
from app.cli.progress import Progress
from app.files.contract import Limits, ReadOptions
from app.kit.i18n import translate
from matching import Matcher
from matching.types import Gates, StartupDoc, TenderDoc

_LIMITS = Limits(unpacked=Limits().file)
"""Both files are held in memory to be ranked, so that what a gzip file unpacks to counts like a plain file."""


def run_match(request: MatchRequest) -> int:
    """Rank and write; how many lines of the two files were refused. Raises UserMistake."""
    gates = request.gates()
    check_target(request.out)
    try:
        with Progress() as progress, _ranking(request, gates, progress) as ranked:
            _write(request, ranked, gates, progress)
            return ranked.refused
    except BrokenProcessPool as error:
        raise UserMistake("a process that was ranking has been killed; is there memory enough?") from error


def _ranking(request: MatchRequest, gates: Gates, progress: Progress) -> contextlib.AbstractContextManager[Ranked]:
    if request.cluster is None:
        return contextlib.nullcontext(_rank_here(request, gates, progress))
    from app.cli.match_dask import ranked_by

    return ranked_by(request.cluster, request, gates, progress)


def _rank_here(request: MatchRequest, gates: Gates, progress: Progress) -> Ranked:
    options = ReadOptions(zone=request.zone, limits=_LIMITS)
    matcher = Matcher(cpv=request.cpv_table())
    tenders = load_tenders(request.tenders, options, progress)
    startups = load_startups(request.startups, options, progress)
    matcher.load(
        tenders=tenders.docs,
        startups=startups.docs,
        progress=lambda what, done: progress.tell(f"indexing {what}", done),
    )
    gc.freeze()  # what was read stays until the end: the collector need not look through it again and again
    return Ranked(
        _answers(request, matcher, gates, (tenders.docs, startups.docs)),
        Names({doc.id: doc for doc in tenders.docs}, {doc.id: doc for doc in startups.docs}),
        (len(tenders.docs), len(startups.docs)),
        tenders.rejected + startups.rejected,
    )


def _answers(
    request: MatchRequest, matcher: Matcher, gates: Gates, sides: tuple[Sequence[TenderDoc], Sequence[StartupDoc]]
) -> Iterator[Answer]:
    tenders, startups = sides
    reasons, workers = request.format != "trec", os.cpu_count() or 1
    if request.for_startups:
        found = matcher.tenders_for_many(startups, k=request.top, gates=gates, with_reasons=reasons, workers=workers)
        return map(Answer, startups, found)
    ranked = matcher.startups_for_many(tenders, k=request.top, gates=gates, with_reasons=reasons, workers=workers)
    return map(Answer, tenders, ranked)


def _write(request: MatchRequest, ranked: Ranked, gates: Gates, progress: Progress) -> None:
    """Rankings to their place. A table has its heading above it, so its body waits in a temporary file."""
    table = request.format == "table"
    with target(request.out) as out, body(out, waits=table) as page:
        writer = _writer(request, page, ranked.names)
        total = ranked.sizes[1 if request.for_startups else 0]
        gated: Counter[str] = Counter()
        algorithm = ""
        left_out = 0
        for done, answer in enumerate(ranked.answers, start=1):
            writer.write(answer)
            gated.update(answer.ranking.gated)
            algorithm = answer.ranking.algorithm
            left_out += answer.ranking.considered == 0
            progress.tell("ranking", done, total)
        heading = " · ".join(filter(None, _heading(request, ranked, gates, (gated, algorithm, left_out))))
        print(heading, file=out if table else sys.stderr, end="\n\n" if table else "\n")
        if table:
            page.seek(0)
            shutil.copyfileobj(page, out)


def _heading(
    request: MatchRequest, ranked: Ranked, gates: Gates, outcome: tuple[Counter[str], str, int]
) -> Iterator[str]:
    lang = request.lang
    gated, algorithm, left_out = outcome
    yield translate("match.sizes", lang, tenders=ranked.sizes[0], startups=ranked.sizes[1])
    yield algorithm
    if gates.as_of is not None:
        yield translate("match.as_of", lang, moment=gates.as_of.isoformat(timespec="seconds"))
    else:
        yield translate("match.as_of_none", lang)
    yield from gate_counts(gated, lang) or [translate("match.removed_none", lang)]
    if ranked.refused:
        yield translate("match.refused", lang, count=ranked.refused)
    if left_out:
        yield translate("match.left_out", lang, count=left_out)


def _writer(request: MatchRequest, out: TextIO, names: Names) -> Writer:
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
