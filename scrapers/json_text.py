"""JSON as portals send it: fast where it is sound, and still readable where its numbers or its encoding are not."""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal

import orjson

from scrapers.errors import SourceChanged

_LONGEST_INTEGER = 30
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def loads(body: bytes) -> object:
    """Parse a document; numbers beyond any float (``1e9999``, ``NaN``) stay texts, for their field to refuse.

    Bytes that are not UTF-8 are read as Windows-1252, the one other encoding that portals of this field send. Half a
    character (a surrogate alone, where a text was cut) becomes U+FFFD, since nothing that is stored can hold it. Raises
    SourceChanged.
    """
    body = body.removeprefix(b"\xef\xbb\xbf")
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        text = body.decode("cp1252", "replace")
    try:
        found: object = json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=str)
        if _SURROGATE.search(text):
            halves = json.dumps(found, ensure_ascii=False).encode("utf-16-le", "surrogatepass")
            found = json.loads(halves.decode("utf-16-le", "replace"))
    except (ValueError, RecursionError) as error:
        raise SourceChanged(f"the answer is not JSON ({str(error)[:120]})") from None
    return found


def exact_number(value: object) -> float | str:
    """A number as JSON can hold it, for ``orjson.dumps(default=)``: a float where that is the same number, as text
    otherwise (1e9999).
    """
    if not isinstance(value, Decimal):
        raise TypeError(type(value).__name__)
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


def at(document: object, path: tuple[str, ...]) -> object:
    """What stands under a path of keys; None where it leads nowhere."""
    for key in path:
        if not isinstance(document, dict):
            return None
        document = document.get(key)
    return document


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _integer(text: str) -> int | str:
    return int(text) if len(text) <= _LONGEST_INTEGER else text
