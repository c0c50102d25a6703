"""Reading the files of ``safqa requirements`` and printing what is found."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import orjson

from app.cli.match_input import rejection_line
from app.files.contract import ReadOptions
from app.files.errors import FileEmpty, FileError, FileMissing, FileUnreadable
from app.files.notice_text import NoticeKind, notice_kind_of
from app.files.notices import notice_text
from app.files.sandbox import read_sandboxed
from matching.requirements import Json, finding_json, read_record, read_text

_HEAD = 65_536


def run_requirements(files: Sequence[Path], country: str | None, *, print_text: bool) -> int:
    """Print the findings of each file (or its text); how many files could not be read, or not whole."""
    return sum(not _one(path, country, print_text=print_text) for path in files)


def _one(path: Path, country: str | None, *, print_text: bool) -> bool:
    try:
        kind = notice_kind_of(_head(path))
        if kind is NoticeKind.RECORDS:
            return _records(path, country, print_text=print_text)
        found = notice_text(path, kind)
    except FileError as error:
        _tell(f"{path} {error.reason}")
        return False
    if found.scanned:
        _tell(f"{path} holds no text on page {_pages(found.scanned)} of {found.pages}: it may be scanned there")
    if print_text:
        print(found.text)
        return True
    for finding in read_text(found.text, country=country):
        _print({"file": str(path), **finding_json(finding)})
    return True


def _records(path: Path, country: str | None, *, print_text: bool) -> bool:
    refused = 0
    for batch in read_sandboxed(path, "tender", ReadOptions()):
        for row in batch.rejected:
            refused += 1
            print(rejection_line(path, row), file=sys.stderr)
        for line in batch.records:
            record = orjson.loads(line)
            if print_text:
                print(line.decode())
                continue
            for finding in read_record({"country": country, **record}):
                _print({"file": str(path), "tender": record["id"], **finding_json(finding)})
    return refused == 0


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError:
        raise FileMissing("does not exist") from None
    except (OSError, ValueError) as error:
        raise FileUnreadable(f"can't be opened ({getattr(error, 'strerror', None) or error})") from None
    if not head.strip():
        raise FileEmpty("is empty")
    return head


def _pages(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown if len(numbers) <= 10 else f"{shown} and {len(numbers) - 10} more"


def _print(line: dict[str, Json]) -> None:
    sys.stdout.write(orjson.dumps(line).decode() + "\n")


def _tell(sentence: str) -> None:
    text = "".join(char if char.isprintable() else "\ufffd" for char in sentence)
    print(f"safqa: {text}", file=sys.stderr)
