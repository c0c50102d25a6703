"""Opening a file that a stranger wrote: what it is, how large it may grow, line by line within bounds."""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from scrapers.files.contract import MIB, Limits
from scrapers.files.errors import FileEmpty, FileMissing, FileTooHeavy, FileUnreadable

_GZIP = b"\x1f\x8b"
_BUFFER = MIB


def in_words(size: int) -> str:
    """A size in bytes for people: ``512 MB``."""
    return f"{size / MIB:,.0f} MB" if size >= MIB else f"{size / 1024:,.0f} kB"


@dataclass(frozen=True, slots=True)
class InputFile:
    """A regular file within limits, plain or gzip, that can be read from its beginning as often as needed.

    ``held``: the bytes themselves, where they are in memory already (``path`` is then only a name).
    """

    path: Path
    compressed: bool
    limits: Limits
    held: bytes | None = None

    @classmethod
    def check(cls, path: Path, limits: Limits) -> InputFile:
        """Look at the file without reading it. Raises one of the errors of ``scrapers.files.errors``."""
        try:
            found = path.stat()
            if not stat.S_ISREG(found.st_mode):
                raise FileMissing("is a directory" if stat.S_ISDIR(found.st_mode) else "is not a regular file")
            with path.open("rb") as file:
                compressed = file.read(2) == _GZIP
        except FileNotFoundError:
            raise FileMissing("does not exist") from None
        except (OSError, ValueError) as error:
            raise FileMissing(f"cannot be opened ({getattr(error, 'strerror', None) or error})") from None
        if found.st_size == 0:
            raise FileEmpty("is empty")
        if found.st_size > limits.file:
            raise FileTooHeavy(f"has {in_words(found.st_size)}; a file may have {in_words(limits.file)}")
        return cls(path, compressed, limits)

    @classmethod
    def of(cls, body: bytes, name: str, limits: Limits) -> InputFile:
        """Bytes that are in memory. Raises FileEmpty and FileTooHeavy."""
        if not body:
            raise FileEmpty("is empty")
        if len(body) > limits.file:
            raise FileTooHeavy(f"has {in_words(len(body))}; a file may have {in_words(limits.file)}")
        return cls(Path(name), body.startswith(_GZIP), limits, body)

    def raw(self) -> BinaryIO:
        """The file as it is."""
        return self.path.open("rb") if self.held is None else io.BytesIO(self.held)

    def open(self) -> io.BufferedReader:
        """The content, decompressed, refusing to grow over the limit while it is read."""
        return io.BufferedReader(_Bounded(self.raw(), self.compressed, self.limits.unpacked), _BUFFER)

    def head(self, size: int) -> bytes:
        """The first ``size`` bytes of the content."""
        with self.open() as stream:
            return stream.read(size)


class _Bounded(io.RawIOBase):
    """Counts what comes out of a stream and turns damage of the compression into one error."""

    def __init__(self, file: BinaryIO, compressed: bool, limit: int) -> None:
        super().__init__()
        self._file = file
        self._stream: BinaryIO = gzip.GzipFile(fileobj=file) if compressed else file  # type: ignore[assignment]
        self._left = limit
        self._limit = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            chunk = self._stream.read(len(buffer))
        except EOFError:
            raise FileUnreadable("is a gzip file that was cut off before its end") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise FileUnreadable(f"is a damaged gzip file ({error})") from None
        except OSError as error:
            raise FileUnreadable(f"cannot be read ({error.strerror or error})") from None
        self._left -= len(chunk)
        if self._left < 0:
            raise FileTooHeavy(f"unpacks to more than the {in_words(self._limit)} a file may have")
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        self._stream.close()
        self._file.close()
        super().close()


def lines(stream: io.BufferedReader, limit: int) -> Iterator[bytes | None]:
    """Each line with its end; ``None`` stands for a line longer than ``limit``, which is skipped without being held."""
    while line := stream.readline(limit + 1):
        if len(line) <= limit or line.endswith(b"\n"):
            yield line
            continue
        while (more := stream.readline(_BUFFER)) and not more.endswith(b"\n"):
            pass
        yield None
