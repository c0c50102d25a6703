"""Flat records as JSON: one per line, an array, or a single object."""

from __future__ import annotations

from collections.abc import Iterator

import ijson
import orjson

from app.files.contract import EXCERPT_CHARACTERS, Rejected, Row
from app.files.errors import FileUnreadable
from scrapers.files.input_file import InputFile, in_words, lines
from scrapers.json_depth import GaugedStream, UnreasonableJson
from scrapers.json_text import exact_number


def excerpt(raw: bytes) -> str:
    """The beginning of what was read, fit to be stored and shown."""
    return (
        raw[: 4 * EXCERPT_CHARACTERS].decode("utf-8", "replace").replace("\x00", "\ufffd")[:EXCERPT_CHARACTERS].strip()
    )


def line_objects(source: InputFile) -> Iterator[Row | Rejected]:
    """Each non-blank line as one JSON object."""
    with source.open() as stream:
        for number, line in enumerate(lines(stream, source.limits.line), start=1):
            if line is None:
                yield Rejected(number, "line.too_long", f"is longer than {in_words(source.limits.line)}")
                continue
            if line.isspace():
                continue
            yield parse_object(line, number)


def parse_object(raw: bytes, line: int) -> Row | Rejected:
    """One JSON text as an object with its fields."""
    try:
        found = orjson.loads(raw[3:] if line == 1 and raw.startswith(b"\xef\xbb\xbf") else raw)
    except orjson.JSONDecodeError as error:
        if not _is_text(raw):
            return Rejected(line, "encoding.invalid", "is not UTF-8 text", excerpt(raw))
        return Rejected(line, "json.invalid", f"is not JSON: {error}", excerpt(raw))
    if not isinstance(found, dict):
        return Rejected(line, "json.not_object", "is JSON but not an object", excerpt(raw))
    return Row(line, found, raw)


def _is_text(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def array_items(source: InputFile, prefix: str) -> Iterator[Row | Rejected]:
    """The objects under an ijson ``prefix`` (``item``, ``releases.item``; empty for the whole document), streamed.

    Numbers keep every digit until their field reads them. Raises FileUnreadable where the document breaks.
    """
    number = 0
    with source.open() as stream:
        if stream.peek(3)[:3] == b"\xef\xbb\xbf":
            stream.read(3)
        try:
            for number, found in enumerate(ijson.items(GaugedStream(stream), prefix), start=1):
                yield _item(found, number)
        except (ijson.JSONError, UnicodeDecodeError) as error:
            reason = str(error.args[0] if error.args else error).splitlines()[0][:200]
            raise FileUnreadable(f"stops being JSON after record {number} ({reason})") from None
        except UnreasonableJson as error:
            raise FileUnreadable(str(error)) from None


def _item(found: object, number: int) -> Row | Rejected:
    try:
        raw = orjson.dumps(found, default=exact_number)
    except (orjson.JSONEncodeError, RecursionError) as error:
        return Rejected(number, "json.invalid", f"cannot be kept: {error}", unit="record")
    if not isinstance(found, dict):
        return Rejected(number, "json.not_object", "is JSON but not an object", excerpt(raw), "record")
    return Row(number, orjson.loads(raw), raw, "record")
