"""What the reading process says to its parent: kind, length, JSON. Never pickle: the child has read a stranger's file.

A frame is one byte of kind, four of length (big endian) and that many of payload. A batch's payload is one line of
JSON with the line numbers and the refused rows, followed by one line of canonical JSON per accepted record, and for
formats that carry one, one line per record with the publisher's notice.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from app.files.contract import Rejected
from app.files.errors import BY_CODE, FileError, FileUnreadable

HEADER = struct.Struct(">cI")
BATCH, DONE, FAILED, CRASHED = b"b", b"z", b"e", b"x"
MAX_PAYLOAD = 256 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Batch:
    """Accepted records as canonical JSON (``model_dump_json`` without defaults), their lines, and refused rows.

    ``records[i]`` stood at ``lines[i]``; ``notices`` is empty, or ``notices[i]`` is what the publisher wrote (empty
    where that is the record itself). The records are valid: read them back with ``model_validate_json`` or plain
    ``orjson.loads``.
    """

    records: Sequence[bytes]
    lines: Sequence[int]
    rejected: Sequence[Rejected]
    notices: Sequence[bytes] = ()


def batch_frame(batch: Batch) -> bytes:
    """One batch, ready to be written."""
    head = {
        "lines": batch.lines,
        "rejected": [[r.line, r.code, r.reason, r.excerpt, r.unit] for r in batch.rejected],
    }
    payload = b"\n".join([orjson.dumps(head), *batch.records, *batch.notices])
    return HEADER.pack(BATCH, len(payload)) + payload


def note_frame(kind: bytes, **facts: str | int) -> bytes:
    """A frame of plain facts: the end of the file, or why there is none."""
    payload = orjson.dumps(facts)
    return HEADER.pack(kind, len(payload)) + payload


def unpack_header(header: bytes) -> tuple[bytes, int]:
    """Kind and length. Raises FileUnreadable where the child speaks nonsense."""
    kind, length = HEADER.unpack(header)
    if kind not in {BATCH, DONE, FAILED, CRASHED} or length > MAX_PAYLOAD:
        raise FileUnreadable("made its reader speak nonsense")
    return kind, length


def read_payload(kind: bytes, payload: bytes) -> Batch | None:
    """A batch, or ``None`` at the end. Raises the FileError that the child met."""
    if kind == BATCH:
        head, *texts = payload.split(b"\n")
        facts = orjson.loads(head)
        lines = facts["lines"]
        rejected = [Rejected(*row) for row in facts["rejected"]]
        return Batch(texts[: len(lines)], lines, rejected, texts[len(lines) :])
    if kind == DONE:
        return None
    facts = orjson.loads(payload)
    if kind == CRASHED:
        raise FileUnreadable(f"could not be read ({facts['reason']})") from RuntimeError(facts["traceback"])
    raise BY_CODE.get(facts["code"], FileError)(facts["reason"])
