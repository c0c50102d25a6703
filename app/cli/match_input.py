"""Reading the two files of a match: documents in memory, refused lines on standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
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
    return _load(RecordStream(path, "tender", options, progress), tender_of)


def load_startups(path: Path, options: ReadOptions, progress: Progress) -> Loaded[StartupDoc]:
    """The startups of a file. Raises UserMistake where none can be had."""
    return _load(RecordStream(path, "startup", options, progress), startup_of)


def tender_of(record: bytes) -> TenderDoc:
    """The document of a checked record."""
    return tender_doc(TenderRecord.model_validate_json(record))


def startup_of(record: bytes) -> StartupDoc:
    """The document of a checked record."""
    return startup_doc(StartupRecord.model_validate_json(record))


class RecordStream:
    """The checked records of a file in batches, each as JSON without a line break; refused lines are told and counted.

    Looping over it raises UserMistake where the file can't be read, or holds no record at all.
    """

    def __init__(self, path: Path, side: Side, options: ReadOptions, progress: Progress) -> None:
        self._path = path
        self._side = side
        self._options = options
        self._progress = progress
        self.rejected = 0

    def __iter__(self) -> Iterator[Sequence[bytes]]:
        """The batches, in the order of the file."""
        read = self.rejected = 0
        try:
            for batch in read_sandboxed(self._path, self._side, self._options):
                for row in batch.rejected:
                    self._refuse(row)
                read += len(batch.records)
                self._progress.tell(f"reading {self._side}s", read)
                yield batch.records
        except FileError as error:
            raise UserMistake(f"{self._path} {error.reason}") from error
        if self.rejected > SHOWN_REJECTIONS:
            more = self.rejected - SHOWN_REJECTIONS
            print(f"{self._path}: {more:,} more refused, {self.rejected:,} in all", file=sys.stderr)
        if not read:
            raise UserMistake(f"{self._path} holds no usable {self._side} ({self.rejected:,} refused)")

    def _refuse(self, row: Rejected) -> None:
        self.rejected += 1
        if self.rejected <= SHOWN_REJECTIONS:
            print(rejection_line(self._path, row), file=sys.stderr)


def _load(stream: RecordStream, make: Callable[[bytes], Doc]) -> Loaded[Doc]:
    docs: list[Doc] = []
    for records in stream:
        docs.extend(map(make, records))
    return Loaded(docs, stream.rejected)


def rejection_line(path: Path, row: Rejected) -> str:
    """``tenders.csv: line 12: deadline: has no zone``, without anything that could steer a terminal."""
    text = f"{path}: {row.unit} {row.line}: {row.reason}"
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
