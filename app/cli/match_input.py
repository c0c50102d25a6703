"""Reading the two files of a match: documents in memory, refused lines on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from app.cli.errors import UserMistake
from app.cli.progress import Progress
from app.files.contract import ReadOptions, Rejected, Side
from app.files.errors import FileError
from app.files.sandbox import read_sandboxed
from app.files.to_matching import startup_doc, tender_doc
from matching.types import StartupDoc, TenderDoc
from scrapers.records import StartupRecord, TenderRecord

SHOWN_REJECTIONS = 20

Doc = TypeVar("Doc", TenderDoc, StartupDoc)


@dataclass(frozen=True, slots=True)
class Loaded(Generic[Doc]):
    """What a file held: its documents, and how many lines were refused."""

    docs: Sequence[Doc]
    rejected: int


def load_tenders(path: Path, options: ReadOptions, progress: Progress) -> Loaded[TenderDoc]:
    """The tenders of a file. Raises UserMistake where none can be had."""
    return _load(path, "tender", _tender, _Reading(options, progress))


def load_startups(path: Path, options: ReadOptions, progress: Progress) -> Loaded[StartupDoc]:
    """The startups of a file. Raises UserMistake where none can be had."""
    return _load(path, "startup", _startup, _Reading(options, progress))


@dataclass(frozen=True, slots=True)
class _Reading:
    options: ReadOptions
    progress: Progress


def _tender(record: bytes) -> TenderDoc:
    return tender_doc(TenderRecord.model_validate_json(record))


def _startup(record: bytes) -> StartupDoc:
    return startup_doc(StartupRecord.model_validate_json(record))


def _load(path: Path, side: Side, make: Callable[[bytes], Doc], reading: _Reading) -> Loaded[Doc]:
    docs: list[Doc] = []
    rejected = 0
    try:
        for batch in read_sandboxed(path, side, reading.options):
            docs.extend(map(make, batch.records))
            for row in batch.rejected:
                rejected += 1
                if rejected <= SHOWN_REJECTIONS:
                    print(rejection_line(path, row), file=sys.stderr)
            reading.progress.tell(f"reading {side}s", len(docs))
    except FileError as error:
        raise UserMistake(f"{path} {error.reason}") from error
    if rejected > SHOWN_REJECTIONS:
        print(f"{path}: {rejected - SHOWN_REJECTIONS:,} more refused, {rejected:,} in all", file=sys.stderr)
    if not docs:
        raise UserMistake(f"{path} holds no usable {side} ({rejected:,} refused)")
    return Loaded(docs, rejected)


def rejection_line(path: Path, row: Rejected) -> str:
    """``tenders.csv: line 12: deadline: has no zone``, without anything that could steer a terminal."""
    text = f"{path}: {row.unit} {row.line}: {row.reason}"
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
