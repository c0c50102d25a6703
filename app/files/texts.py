"""A stranger's document as text, read by another process with limits on memory, computing time and waiting time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from pathlib import Path

import orjson

from app.files.contract import Limits, ReadOptions
from app.files.documents import DocumentKind, Piece
from app.files.sandbox import SandboxedFile
from scrapers.files.contract import MIB

LIMITS = Limits(memory=768 * MIB, cpu_seconds=30, waiting_seconds=60.0)
"""What reading one deck or one page may cost."""


async def read_text(path: Path, kind: DocumentKind, limits: Limits = LIMITS) -> Sequence[Piece]:
    """The paragraphs of a document, and for a web page its links. Raises FileError."""
    pieces: list[Piece] = []
    reading = SandboxedFile(path, kind, ReadOptions(limits=limits), module="app.files.text_worker")
    async with aclosing(aiter(reading)) as batches:
        async for batch in batches:
            pieces += [Piece(*orjson.loads(record)) for record in batch.records]
    return pieces
