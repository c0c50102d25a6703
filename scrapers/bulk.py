"""Files: a feed or a document asked for only when it has changed, and files larger than memory, cut into payloads."""

from __future__ import annotations

import gzip
import tempfile
import zlib
from abc import abstractmethod
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, ClassVar

from scrapers.base import Haul, Run, Source
from scrapers.client import Request
from scrapers.cursor import Position
from scrapers.errors import AnswerTooLarge, SourceChanged, SourceUnavailable
from scrapers.manners import MIB
from scrapers.payload import Bundle, Payload

_CHUNK_BYTES = MIB
_CHUNK_LINES = 500
_LONGEST_LINE = 16 * MIB
_MOST_UNPACKED = 64 * 1024 * MIB


class FeedSource(Source):
    """Documents small enough for memory, each parsed as a whole; what has not changed is not even sent."""

    @abstractmethod
    def requests(self) -> Iterable[Request]:
        """What to ask for; the conditions of a conditional request are added here."""

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """One document after the other. Killed in between, those that were stored are not sent again."""
        for request in self.requests():
            known = run.validators.get(request.url)
            answer = await run.session.fetch(
                Request(url=request.url, headers=request.headers, max_bytes=request.max_bytes, known=known)
            )
            if answer.unchanged:
                yield Haul(unchanged=1)
                continue
            run.validators[request.url] = answer.validators
            yield Haul(bundles=(Bundle((self.payload(answer),)),))


class BulkFile(Source):
    """One file, however large: fetched to disk, cut into payloads of whole lines, and walked through to its end.

    ``lines`` turns the file into lines that can be parsed alone; the position within the file is kept, together with
    the digest that says whether it is still the same file.
    """

    max_file_bytes: ClassVar[int] = 8 * 1024 * MIB

    @abstractmethod
    def file_request(self) -> Request:
        """The request of the file."""

    def local_file(self) -> Path | None:
        """A file of this machine to be read in place of a request."""
        return None

    def lines(self, file: BinaryIO, folder: Path) -> Iterator[bytes]:  # noqa: ARG002 - scratch space for subclasses
        """The lines of the (unpacked) file. ``folder`` may hold what does not fit into memory."""
        yield from bounded_lines(file)

    async def walk(self, run: Run) -> AsyncGenerator[Haul, None]:
        """The file, chunk after chunk."""
        with tempfile.TemporaryDirectory(prefix="safqa-bulk-") as folder:
            local = self.local_file()
            if local is not None:
                for haul in self._hauls(local, run, local.name, ""):
                    yield haul
                return
            request, path = self.file_request(), Path(folder) / "file"
            known = run.validators.get(request.url) if run.position is None else None
            wished = Request(url=request.url, headers=request.headers, known=known, max_bytes=self.max_file_bytes)
            answer = await run.session.download(wished, path)
            if answer.unchanged:
                yield Haul(unchanged=1)
                return
            position: Position | None = None
            for haul in self._hauls(path, run, request.url, answer.validators.sha256):
                position = haul.position
                yield haul
            # Only now: a run that begins anew must not be told that the file is the same as before.
            run.validators[request.url] = answer.validators
            yield Haul(position=position)

    def saved(self, path: Path) -> Iterator[Bundle]:
        """A saved file, chunk after chunk."""
        for _, chunk in self._chunks(path, 0):
            yield Bundle((Payload(source=self.name, kind="lines", body=chunk, context={"file": path.name}),))

    def _hauls(self, path: Path, run: Run, address: str, digest: str) -> Iterator[Haul]:
        for done, chunk in self._chunks(path, _lines_done(run, digest)):
            payload = Payload(source=self.name, kind="lines", body=chunk, url=address)
            position: Position = {"sha256": digest, "lines": done}
            yield Haul(bundles=(Bundle((payload,)),), items=chunk.count(b"\n"), position=position)

    def _chunks(self, path: Path, skip: int) -> Iterator[tuple[int, bytes]]:
        with tempfile.TemporaryDirectory(prefix="safqa-lines-") as scratch, unpacked(path) as file:
            yield from chunks(self.lines(file, Path(scratch)), skip)


def _lines_done(run: Run, digest: str) -> int:
    """How many lines of this very file have been handed out before."""
    note = run.position or {}
    done = note.get("lines", 0)
    return done if isinstance(done, int) and note.get("sha256") == digest else 0


def unpacked(path: Path) -> BinaryIO:
    """A file, or what it holds where it is gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


@contextmanager
def whole_archive() -> Iterator[None]:
    """A packed file that breaks off may be whole when it is asked for again."""
    try:
        yield
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise SourceUnavailable(f"the file is broken ({error})") from None


def bounded_lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines without their breaks, blank ones left out. Raises SourceChanged and SourceUnavailable."""
    total = 0
    while True:
        with whole_archive():
            line = file.readline(_LONGEST_LINE + 1)
        if not line:
            return
        total += len(line)
        if len(line) > _LONGEST_LINE:
            raise SourceChanged(f"a line is longer than {_LONGEST_LINE // MIB} MB")
        if total > _MOST_UNPACKED:
            raise AnswerTooLarge("the file unpacks to more than is read of any file")
        if stripped := line.strip():
            yield stripped


def chunks(lines: Iterable[bytes], skip: int) -> Iterator[tuple[int, bytes]]:
    """Lines joined to chunks, behind the first ``skip``; each with the number of lines up to its end."""
    held: list[bytes] = []
    size = number = 0
    for number, line in enumerate(lines, start=1):
        if number <= skip:
            continue
        held.append(line)
        size += len(line)
        if size >= _CHUNK_BYTES or len(held) >= _CHUNK_LINES:
            yield number, b"\n".join([*held, b""])
            held, size = [], 0
    if held:
        yield number, b"\n".join([*held, b""])
