"""A file of OCDS, however large, to lines that can be read alone: one procedure each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import ijson
import orjson

from scrapers.bulk import bounded_lines, whole_archive
from scrapers.errors import SourceChanged
from scrapers.json_depth import GaugedStream, UnreasonableJson
from scrapers.json_text import exact_number, loads
from scrapers.manners import MIB
from scrapers.ocds_documents import Held, documents, held, is_ocds
from scrapers.ocds_shelf import ReleaseShelf

_IN_MEMORY = 16 * MIB
"""A document beyond this is streamed: parsed, it would take many times its size."""
_ITEMS = ("releases.item", "records.item", "item")
_NO_OCID = b'{"releases":[{}]}\n'
"""Stands for a release that has no ocid: it is refused again when the line is read."""


def procedure_lines(file: BinaryIO, folder: Path) -> Iterator[bytes]:
    """One line per procedure, with all its releases, wherever they stood in the file; memory holds one procedure.

    ``folder`` is scratch space. Lines that are no OCDS come last, to be refused one by one. Raises SourceChanged where
    the file as a whole is none, SourceUnavailable where it breaks off.
    """
    odd = folder / "odd"
    with whole_archive(), ReleaseShelf(folder / "releases") as shelf, odd.open("wb") as left:
        for line in _documents(file):
            for one in held(line) if not isinstance(line, bytes) else ():
                if isinstance(one, Held):
                    shelf.add(one.ocid, orjson.dumps(one.kept(), default=exact_number))
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
    first = b"\n"
    while first.isspace():
        first = file.readline(_IN_MEMORY + 1)
    own = _own_document(first)
    if not own:
        yield from _one_document(file, first)
        return
    if not is_ocds(own[0]):
        raise SourceChanged("the file holds neither releases nor records")
    yield own[0]
    for line in bounded_lines(file):
        own = _own_document(line)
        yield own[0] if own and is_ocds(own[0]) else line


def _own_document(line: bytes) -> tuple[object, ...]:
    """The document that a line is by itself, or nothing."""
    if len(line) > _IN_MEMORY:
        return ()
    try:
        return (loads(line),)
    except SourceChanged:
        return ()


def _one_document(file: BinaryIO, first: bytes) -> Iterator[object]:
    """A package or an array that is one document: as a whole where it is small, item after item otherwise."""
    begun = b"\n".join([first, file.read(_IN_MEMORY)]) if len(first) <= _IN_MEMORY else first
    if len(begun) <= _IN_MEMORY:
        yield from documents(begun)
        return
    for prefix in _ITEMS:
        file.seek(0)
        found = False
        for item in _streamed(file, prefix):
            found = True
            yield item
        if found:
            return
    raise SourceChanged("the document holds neither releases nor records")


def _streamed(file: BinaryIO, prefix: str) -> Iterator[object]:
    start = 3 if file.read(3) == b"\xef\xbb\xbf" else 0
    file.seek(start)
    try:
        yield from ijson.items(GaugedStream(file), prefix)
    except (ijson.JSONError, UnicodeDecodeError, UnreasonableJson) as error:
        raise SourceChanged(f"the document stops being JSON ({str(error)[:120]})") from None
