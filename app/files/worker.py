"""The reading process: ``python -m app.files.worker SIDE OPTIONS PATH``, frames on standard output.

It limits itself before it touches the file, so that whatever the file does to a parser ends with this process.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import orjson

from app.files.contract import MIB, Accepted, Limits, ReadOptions, Rejected, Side
from app.files.errors import FileError, FileTooHeavy
from app.files.frames import CRASHED, DONE, FAILED, Batch, batch_frame, note_frame
from app.files.reader import read_records

Told: TypeAlias = tuple[bytes, int, bytes]
"""A record as JSON, its line, and its notice (empty where there is none)."""

BATCH_ROWS = 500
_BATCH_BYTES = MIB


def main() -> int:
    """Read one file and tell the parent; the exit code is 0 whenever the parent was told."""
    side, options, path = cast("Side", sys.argv[1]), told_options(), Path(sys.argv[3])
    return tell_parent(options.limits, lambda: batches(_told(read_records(path, side, options))))


def tell_parent(limits: Limits, read: Callable[[], Iterable[Batch]]) -> int:
    """Bind this process, read, and tell what comes of it in frames."""
    # openpyxl would load it for a type check, and its BLAS takes memory for every core of the machine.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    limit_process(limits)
    out = sys.stdout.buffer
    accepted = rejected = 0
    try:
        for batch in read():
            accepted += len(batch.records)
            rejected += len(batch.rejected)
            _say(out, batch_frame(batch))
        _say(out, note_frame(DONE, accepted=accepted, rejected=rejected))
    except BrokenPipeError:
        return 0  # the parent has lost interest
    except MemoryError:
        _say(out, note_frame(FAILED, code=FileTooHeavy.code, reason="needs more memory than reading one file may take"))
    except FileError as error:
        _say(out, note_frame(FAILED, code=error.code, reason=error.reason))
    except Exception as error:  # noqa: BLE001 - the parent raises it with this traceback as its cause
        _say(out, note_frame(CRASHED, reason=type(error).__name__, traceback=traceback.format_exc()[-8_000:]))
    return 0


def told_options() -> ReadOptions:
    """How the parent wants its file to be read."""
    facts = orjson.loads(sys.argv[2])
    return ReadOptions(zone=facts["zone"], limits=Limits(**facts["limits"]))


def limit_process(limits: Limits) -> None:
    """Bind this process for good; where the platform has no such limits, the parent's clock is the only one."""
    try:
        import resource
    except ImportError:
        return
    bounds = {
        resource.RLIMIT_AS: limits.memory,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for which, wanted in bounds.items():
        _, hard = resource.getrlimit(which)
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        try:
            resource.setrlimit(which, (soft, soft + 2 if which == resource.RLIMIT_CPU and hard < 0 else soft))
        except (ValueError, OSError):
            continue  # macOS knows RLIMIT_AS and refuses to set it


def _told(rows: Iterator[Accepted | Rejected]) -> Iterator[Told | Rejected]:
    """Records as canonical JSON with their line and notice; what cannot be written as JSON is refused."""
    for row in rows:
        if isinstance(row, Rejected):
            yield row
            continue
        try:
            text = row.record.__pydantic_serializer__.to_json(row.record, exclude_defaults=True)
            yield text, row.line, row.notice or b""
        except (ValueError, RecursionError) as error:
            yield Rejected(row.line, "json.invalid", f"cannot be kept: {error}"[:300])


def batches(rows: Iterable[Told | Rejected]) -> Iterator[Batch]:
    """Group rows so that a frame is worth its cost and stays small."""
    records: list[bytes] = []
    numbers: list[int] = []
    refused: list[Rejected] = []
    notices: list[bytes] = []
    size = 0
    for row in rows:
        if isinstance(row, Rejected):
            refused.append(row)
            size += len(row.excerpt)
        else:
            records.append(row[0])
            numbers.append(row[1])
            notices.append(row[2])
            size += len(row[0]) + len(row[2])
        if len(records) + len(refused) >= BATCH_ROWS or size >= _BATCH_BYTES:
            yield Batch(records, numbers, refused, notices if any(notices) else ())
            records, numbers, refused, notices, size = [], [], [], [], 0
    if records or refused:
        yield Batch(records, numbers, refused, notices if any(notices) else ())


def _say(out: BinaryIO, frame: bytes) -> None:
    out.write(frame)
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
