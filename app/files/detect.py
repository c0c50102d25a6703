"""What a file holds, decided by its content; the name only settles what the content leaves open."""

from __future__ import annotations

import io
from collections.abc import Callable

import ijson
import orjson

from app.files.contract import MIB, Format, Side
from app.files.errors import FileEmpty, FileUnreadable
from scrapers.files.columns import Columns
from scrapers.files.contract import HEADING_ROWS
from scrapers.files.csv_rows import best_columns
from scrapers.files.encoding import UTF8_MARK, refuse_json_not_utf8, refuse_wide_text
from scrapers.files.input_file import InputFile
from scrapers.json_depth import DepthGauge, UnreasonableJson

_HEAD = MIB
_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLE = b"\xd0\xcf\x11\xe0"
_JSON_LINES = (".jsonl", ".ndjson", ".jsonlines")
_PROBED_LINES = 50
_BY_KEY = {"ocid": Format.OCDS_DOCUMENT, "records": Format.OCDS_RECORDS, "releases": Format.OCDS_RELEASES}


def detect(source: InputFile, side: Side) -> Format:
    """The format of a file. Raises FileEmpty, FileUnreadable or WrongEncoding."""
    head = source.head(_HEAD)
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        if source.compressed:
            raise FileUnreadable("is a zip archive inside a gzip file")
        return Format.XLSX
    if head.startswith(_OLE):
        raise FileUnreadable("is an old or an encrypted Office file; save it as XLSX")
    refuse_wide_text(head)
    text = head.removeprefix(UTF8_MARK).lstrip()
    if not text:
        raise FileEmpty("holds nothing but blanks")
    if text[:1] in b"{[":
        found = _json(text, source)
        refuse_json_not_utf8(head)
        return found
    if _is_table(text, side):
        return Format.CSV
    if _some_line_is_object(text) or _named_json_lines(source):
        refuse_json_not_utf8(head)
        return Format.JSONL
    raise FileUnreadable("is not JSON, OCDS, CSV with known headings, or XLSX")


def _named_json_lines(source: InputFile) -> bool:
    return source.path.name.casefold().removesuffix(".gz").endswith(_JSON_LINES)


def _json(text: bytes, source: InputFile) -> Format:
    if text.startswith(b"["):
        return Format.OCDS_ARRAY if _first_keys(text, "item") & _BY_KEY.keys() else Format.JSON_ARRAY
    first, _, rest = text.partition(b"\n")
    alone = _object_keys(first)
    if alone is not None and (rest.strip() or _named_json_lines(source)):
        return Format.OCDS_LINES if alone & _BY_KEY.keys() else Format.JSONL
    keys = _first_keys(text, "")
    for key, found in _BY_KEY.items():
        if key in keys:
            return found
    if alone is None and (_named_json_lines(source) or _some_line_is_object(rest)):
        return Format.JSONL
    return Format.JSON_OBJECT


def _object_keys(line: bytes) -> set[str] | None:
    try:
        found = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    return set(found) if isinstance(found, dict) else None


def _first_keys(text: bytes, prefix: str) -> set[str]:
    """The keys of the object at ``prefix``, as far as the head of the file shows them."""
    keys: set[str] = set()
    try:
        DepthGauge().feed(text)
        for where, event, value in ijson.parse(io.BytesIO(text)):
            if event == "map_key" and where == prefix:
                keys.add(value)
                if value in _BY_KEY:
                    break
            elif event == "end_map" and where == prefix:
                break
    except UnreasonableJson as error:
        raise FileUnreadable(str(error)) from None
    except (ijson.JSONError, UnicodeDecodeError):
        pass  # the head ends in the middle, or the reader itself will say where the document breaks
    return keys


def _some_line_is_object(text: bytes) -> bool:
    return any(_object_keys(line) is not None for line in text.split(b"\n", _PROBED_LINES)[:_PROBED_LINES])


def _is_table(text: bytes, side: Side) -> bool:
    """The first line has a field among its headings, in whichever of the two encodings; or all that are required stand
    in one below it, under a title.
    """
    first, *below = text.split(b"\n", HEADING_ROWS)[:HEADING_ROWS]
    return bool(_columns(first, side, lambda columns: columns.known)) or any(
        _columns(line, side, lambda columns: not columns.missing) for line in below
    )


def _columns(line: bytes, side: Side, judge: Callable[[Columns], object]) -> bool:
    head = line[: MIB // 8]
    return any(judge(best_columns(head.decode(code, "replace"), side)[1]) for code in ("utf-8", "cp1252"))
