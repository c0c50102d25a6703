"""A file of French contracts, however large, to lines that can be read alone: one contract each.

JSON of every published shape, lines of it, and XML; what fits into memory is parsed at once, the rest streams by.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import ijson
import orjson

from scrapers.bulk import bounded_lines, whole_archive
from scrapers.decp_rows import is_contract
from scrapers.errors import SourceChanged
from scrapers.json_depth import GaugedStream, UnreasonableJson
from scrapers.json_text import exact_number, loads
from scrapers.loose_json import aslist, objects, text
from scrapers.manners import MIB
from scrapers.xml_stream import streamed_elements, tree_of

_IN_MEMORY = 16 * MIB
_MARCHE, _CONCESSION = "marche", "contrat-concession"
_TAGS = frozenset({_MARCHE, _CONCESSION})
_STREAMS = (
    (f"marches.{_MARCHE}.item", f"marches.{_CONCESSION}.item"),
    ("marches.item",),
    (f"{_MARCHE}.item", f"{_CONCESSION}.item"),
    ("results.item",),
    ("item",),
)
_WORD = _CONCESSION.encode()
_FRENCH = "FR-"
_MARK = b"\xef\xbb\xbf"
_NONE = "the document holds no contracts of the French award data"


def contract_lines(file: BinaryIO) -> Iterator[bytes]:
    """One line per contract. Raises SourceChanged where the file is none, SourceUnavailable where it ends early."""
    with whole_archive():
        begins = file.read(4_096).removeprefix(_MARK).lstrip()
        file.seek(0)
        yield from _of_xml(file) if begins.startswith(b"<") else _of_json(file)


def items(document: object) -> list[object]:
    """The contracts of a document; anything may stand among them. Raises SourceChanged where none of it is."""
    if is_contract(document):
        return [document]
    if isinstance(document, list):
        return _marked(document)
    held = document if isinstance(document, dict) else {}
    if isinstance(held.get("results"), list):
        return _marked(aslist(held["results"]))
    if isinstance(held.get("releases"), list):
        return _marked(aslist(held["releases"]), is_release)
    listed = held.get("marches", held)
    if isinstance(listed, list):
        return listed
    if isinstance(listed, dict) and (_TAGS & listed.keys() or ("marches" in held and not listed)):
        return [one for tag in (_MARCHE, _CONCESSION) for one in aslist(listed.get(tag))]
    raise SourceChanged(_NONE)


def is_release(item: object) -> bool:
    """Whether an object is an OCDS release of this data: such exports name registers of France."""
    if not isinstance(item, dict) or not text(item.get("ocid")) or not isinstance(item.get("awards"), list):
        return False
    return any(text(party.get("id")).startswith(_FRENCH) for party in objects(item, "parties"))


def _marked(rows: list[object], known: Callable[[object], bool] = is_contract) -> list[object]:
    if rows and not any(map(known, rows)):
        raise SourceChanged(_NONE)
    return rows


def _of_xml(file: BinaryIO) -> Iterator[bytes]:
    found = False
    for element in streamed_elements(file, _TAGS):
        found = True
        yield orjson.dumps(tree_of(element))
    if not found:
        raise SourceChanged(_NONE)


def _of_json(file: BinaryIO) -> Iterator[bytes]:
    """Lines where the first line is a contract of its own and more follow; one document otherwise."""
    first = b"\n"
    while first.isspace():
        first = file.readline(_IN_MEMORY + 1)
    if first and len(first) <= _IN_MEMORY and is_contract(own := _own_document(first)):
        yield orjson.dumps(own)
        yield from bounded_lines(file)
        return
    begun = b"".join([first, file.read(_IN_MEMORY)]) if len(first) <= _IN_MEMORY else first
    if len(begun) <= _IN_MEMORY:
        yield from (orjson.dumps(item) for item in items(loads(begun)))
        return
    yield from _streamed(file)


def _own_document(line: bytes) -> object:
    try:
        return loads(line)
    except SourceChanged:
        return None


def _streamed(file: BinaryIO) -> Iterator[bytes]:
    """Items as they go by. What a document without its wrapping holds is judged by its first item."""
    for prefixes in _STREAMS:
        found = False
        watched = _Watched(file)
        for prefix in prefixes:
            if found and not watched.concessions:
                return  # the whole of a large file would be read again, for nothing
            for item in _items_at(watched, prefix):
                if not found and not prefix.startswith("marche") and not is_contract(item):
                    raise SourceChanged(_NONE)
                found = True
                yield orjson.dumps(item, default=exact_number)
        if found:
            return
    raise SourceChanged(_NONE)


class _Watched:
    """A file that notices while it is read whether the word for concessions stands anywhere in it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._tail = b""
        self.concessions = False

    def rewind(self) -> None:
        """Begin again, behind the mark of its encoding."""
        self._tail = b""
        self._file.seek(0)
        if self._file.read(len(_MARK)) != _MARK:
            self._file.seek(0)

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        chunk = self._file.read(size)
        if not self.concessions:
            self.concessions = _WORD in self._tail + chunk
            self._tail = chunk[-len(_WORD) :]
        return chunk


def _items_at(file: _Watched, prefix: str) -> Iterator[object]:
    file.rewind()
    try:
        yield from ijson.items(GaugedStream(file), prefix)
    except (ijson.JSONError, UnicodeDecodeError, UnreasonableJson) as error:
        raise SourceChanged(f"the document stops being JSON ({str(error)[:120]})") from None
