"""Judging every pair of two files and printing what is found."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from app.cli.errors import UserMistake
from app.cli.match_input import RecordStream
from app.cli.match_request import parse_as_of
from app.cli.progress import Progress
from app.eligibility.judging import judge_facts
from app.eligibility.telling import told
from app.evidence.facts import startup_facts
from app.files.contract import ReadOptions
from app.files.to_eligibility import tender_facts
from app.kit.i18n import Lang
from matching.eligibility.facts import StartupFacts
from matching.requirements import read_record
from scrapers.records import StartupRecord, TenderRecord


def run_eligibility(tenders: Path, startups: Path, as_of: str, lang: Lang) -> int:
    """Print the judgement of each pair, calls in the order of their file; how many lines of both were refused.

    The startups are held in memory, the calls pass by.

    Raises:
        UserMistake: a file can't be read, holds no record, or ``as_of`` is no moment.
    """
    moment = parse_as_of(as_of)
    if moment is None:
        raise UserMistake("--as-of must be a date or now: whether papers are valid depends on the day")
    with Progress() as progress:
        firms = RecordStream(startups, "startup", ReadOptions(), progress)
        held = [_firm(line, moment) for batch in firms for line in batch]
        calls = RecordStream(tenders, "tender", ReadOptions(), progress)
        for batch in calls:
            for line in batch:
                _print_call(line, held, moment, lang)
        return firms.rejected + calls.rejected


def _firm(line: bytes, as_of: dt.datetime) -> StartupFacts:
    record = StartupRecord.model_validate_json(line)
    return startup_facts(record.id, record, record.evidence, as_of)


def _print_call(line: bytes, firms: Sequence[StartupFacts], as_of: dt.datetime, lang: Lang) -> None:
    call = tender_facts(TenderRecord.model_validate_json(line), read_record(orjson.loads(line)))
    for firm in firms:
        answer = told(judge_facts(call, firm, as_of), as_of, lang)
        pair = {"tender": call.id, "startup": firm.id, **answer.model_dump(mode="json")}
        sys.stdout.write(orjson.dumps(pair).decode() + "\n")
