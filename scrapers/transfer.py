"""The body of an answer, piece by piece: unpacked by ourselves, so that neither size nor packing gets out of hand."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO

import httpx

from scrapers.errors import AnswerTooLarge, SourceChanged

PIECE = 256 * 1024
ACCEPTED_ENCODINGS = "gzip, deflate"
_GZIP = frozenset({"gzip", "x-gzip"})


class BrokenTransfer(Exception):
    """A body ended early or cannot be unpacked; it may be whole when it is asked for again."""


class Unpacker:
    """One content coding, undone in pieces of bounded size."""

    def __init__(self, coding: str) -> None:
        coding = coding.strip().casefold()
        if coding not in {"", "identity", "deflate", *_GZIP}:
            raise SourceChanged(f"the answer is packed by {coding[:40]!r}, which nobody asked for")
        self._gzip = coding in _GZIP
        self._plain = coding in {"", "identity"}
        self._inflate = self._fresh()
        self._fed = False

    def _fresh(self) -> zlib._Decompress:
        return zlib.decompressobj(zlib.MAX_WBITS | 16 if self._gzip else zlib.MAX_WBITS)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What ``data`` holds, in pieces of at most PIECE bytes. Raises BrokenTransfer."""
        if self._plain:
            yield data
            return
        try:
            if data and not self._fed and not self._gzip and data[0] & 0x0F != 8:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)  # "deflate" without its envelope
            more = bool(data)
            while more:
                self._fed = True
                if self._inflate.eof:
                    data = data.lstrip(b"\0") if self._gzip else b""  # members may be padded
                    if not data:
                        return
                    self._inflate = self._fresh()
                piece = self._inflate.decompress(data, PIECE)
                if piece:
                    yield piece
                data = self._inflate.unconsumed_tail or self._inflate.unused_data
                more = bool(data) or len(piece) == PIECE
        except zlib.error as error:
            raise BrokenTransfer(f"cannot be unpacked ({error})") from None

    def finish(self) -> None:
        """Raise BrokenTransfer where the packed data ended early."""
        if self._fed and not self._plain and not self._inflate.eof:
            raise BrokenTransfer("ends in the middle of its packed data")


async def receive(answer: httpx.Response, sink: BinaryIO, limit: int, *, cut: bool = False) -> str:
    """Write the body into ``sink``; its SHA-256 in hexadecimal digits.

    Both what comes over the line and what it unpacks to are held to ``limit`` bytes: beyond, AnswerTooLarge is raised,
    or the rest is left unread where ``cut`` is set. Raises BrokenTransfer, SourceChanged and the errors of httpx.
    """
    announced = answer.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limit and not cut:
        raise AnswerTooLarge(f"{answer.request.url} announces {int(announced):,} bytes; {limit:,} are allowed")
    unpacker = Unpacker(answer.headers.get("content-encoding", ""))
    digest = hashlib.sha256()
    received = written = 0
    async for chunk in answer.aiter_raw():
        received += len(chunk)
        for piece in unpacker.feed(chunk):
            written += len(piece)
            if max(written, received) > limit:
                if cut:
                    sink.write(piece[: limit - written])
                    return digest.hexdigest()
                raise AnswerTooLarge(f"{answer.request.url} sends more than {limit:,} bytes")
            digest.update(piece)
            sink.write(piece)
    unpacker.finish()
    return digest.hexdigest()
