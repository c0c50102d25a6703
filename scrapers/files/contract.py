"""What one table costs and gives: limits, rows, and rows refused with their reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["tender", "startup"]
Unit: TypeAlias = Literal["line", "record"]

EXCERPT_CHARACTERS = 2_000
MIB = 1024 * 1024
HEADING_ROWS = 20
"""The headings stand within so many rows: a title above them, blank rows and notes are passed over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost. Sizes in bytes; ``cpu_seconds`` and ``memory`` bind the reading process only.

    ``file`` and ``unpacked`` cap what is read, before and after decompression; ``waiting_seconds`` is how long the
    parent waits for the reading process in all, the parent's own work not counted.
    """

    file: int = 512 * MIB
    unpacked: int = 1024 * MIB
    line: int = 16 * MIB
    workbook: int = 256 * MIB
    workbook_ratio: int = 200
    workbook_entries: int = 2_000
    memory: int = 1024 * MIB
    cpu_seconds: int = 600
    waiting_seconds: float = 900.0


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is not a record: kept, counted, and never a reason to stop.

    ``code`` is stable (``field.invalid``, ``id.duplicate`` ...), ``reason`` an English sentence naming the field,
    ``excerpt`` the beginning of what was read.
    """

    line: int
    code: str
    reason: str
    excerpt: str = ""
    unit: Unit = "line"


@dataclass(frozen=True, slots=True)
class Row:
    """What a format's reader hands to validation: one object, where it stood, and how it read."""

    line: int
    fields: dict[str, object]
    raw: bytes | None = None
    unit: Unit = "line"
    notice: bytes | None = None
