"""How deep a JSON document is nested and how long its texts are, found while it streams by.

ijson names every value by its path, so that a document of a hundred thousand open brackets would ask for gigabytes of
names; and it reads a text from its beginning again with every chunk. Neither is handed to it beyond a bound.
"""

from __future__ import annotations

import re
from typing import Protocol

MAX_DEPTH = 200
MAX_TEXT = 16 * 1024 * 1024
"""Bytes of one text."""
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*("|\\?\Z)', re.DOTALL)
_OPENING = b"[{"
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class UnreasonableJson(Exception):
    """A document is nested too deeply, or holds too long a text; the sentence goes behind the document's name."""


class DepthGauge:
    """Counts open brackets outside of strings, chunk by chunk. Raises UnreasonableJson beyond a bound."""

    def __init__(self) -> None:
        self._depth = 0
        self._carry = b""
        self._end = b'"'
        self._text = 0

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes of the document."""
        self._end = b'"'
        outside = _STRING.sub(self._cut, self._carry + chunk)
        self._carry = b"" if self._end == b'"' else b'"' + self._end
        if self._text > MAX_TEXT:
            raise UnreasonableJson(f"holds a text of more than {MAX_TEXT // 1024**2} MB")
        brackets = outside.translate(None, _NOT_BRACKETS)
        opened = brackets.count(b"[") + brackets.count(b"{")
        if self._depth + opened <= MAX_DEPTH:
            self._depth = max(0, self._depth + 2 * opened - len(brackets))
            return
        for bracket in brackets:
            self._depth += 1 if bracket in _OPENING else -1
            if self._depth > MAX_DEPTH:
                raise UnreasonableJson(f"is nested more than {MAX_DEPTH} levels deep")

    def _cut(self, found: re.Match[bytes]) -> bytes:
        """Forget a string; one that the chunk breaks off goes on in the next."""
        self._end = found[1]
        goes_on = self._carry and found.start() == 0
        self._text = len(found[0]) + (self._text - len(self._carry) if goes_on else 0)
        return b""


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes."""


class GaugedStream:
    """A stream whose bytes pass a depth gauge before anybody parses them."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._gauge = DepthGauge()

    def read(self, size: int = -1) -> bytes:
        """The next bytes, judged."""
        chunk = self._stream.read(size)
        self._gauge.feed(chunk)
        return chunk
