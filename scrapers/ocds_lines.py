"""A file of OCDS, however large, to lines that can be read alone: one procedure each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from scrapers.bulk import bounded_lines, bounded_rest
from scrapers.errors import SourceChanged
from scrapers.json_text import loads
from scrapers.manners import MIB
from scrapers.ocds_documents import Held, documents, held, is_ocds
from scrapers.ocds_shelf import ReleaseShelf

_LARGEST_DOCUMENT = 256 * MIB
_NO_OCID = b'{"releases":[{}]}\n'
"""Stands for a release that has no ocid: it is refused again when the line is read."""


def procedure_lines(file: BinaryIO, folder: Path) -> Iterator[bytes]:
    """One line per procedure, with all its releases, wherever they stood in the file; memory holds one procedure.

    ``folder`` is scratch space. Lines that are no OCDS come last, to be refused one by one. Raises SourceChanged where
    the file as a whole is none, SourceUnavailable where it breaks off.
    """
    odd = folder / "odd"
    with ReleaseShelf(folder / "releases") as shelf, odd.open("wb") as left:
        for line in _documents(file):
            for one in held(line) if not isinstance(line, bytes) else ():
                if isinstance(one, Held):
                    shelf.add(one.ocid, orjson.dumps(one.kept()))
                else:
                    left.write(_NO_OCID)
            if isinstance(line, bytes):
                left.write(line + b"\n")
        for releases in shelf.procedures():
            yield releases[0] if len(releases) == 1 else b"[" + b",".join(releases) + b"]"
    with odd.open("rb") as left_over:
        yield from bounded_lines(left_over)


def _documents(file: BinaryIO) -> Iterator[object]:
    """Line after line where the first line is a document of its own, and one document otherwise.

    A later line that is none is given as its bytes, to be refused by itself.
    """
    lines = bounded_lines(file)
    first = next(lines, b"")
    try:
        document = loads(first)
    except SourceChanged:
        yield from documents(b"\n".join([first, bounded_rest(file, _LARGEST_DOCUMENT)]))
        return
    if not is_ocds(document):
        raise SourceChanged("the file holds neither releases nor records")
    yield document
    for line in lines:
        try:
            document = loads(line)
        except SourceChanged:
            yield line
            continue
        yield document if is_ocds(document) else line
