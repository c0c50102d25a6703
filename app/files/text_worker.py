"""The process that reads a document: ``python -m app.files.text_worker KIND OPTIONS PATH``, frames on stdout."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson

from app.files.documents import DocumentKind, Piece, read_document
from app.files.frames import Batch
from app.files.worker import BATCH_ROWS, tell_parent, told_options


def main() -> int:
    """Read one document and tell the parent; the exit code is 0 whenever the parent was told."""
    kind, options, path = DocumentKind(sys.argv[1]), told_options(), Path(sys.argv[3])
    return tell_parent(options.limits, lambda: batches_of(read_document(path, kind)))


def batches_of(pieces: Iterator[Piece]) -> Iterator[Batch]:
    """Group pieces so that a frame is worth its cost."""
    some: list[bytes] = []
    for piece in pieces:
        some.append(orjson.dumps(list(piece)))
        if len(some) == BATCH_ROWS:
            yield Batch(some, list(range(len(some))), [])
            some = []
    if some:
        yield Batch(some, list(range(len(some))), [])


if __name__ == "__main__":
    sys.exit(main())
