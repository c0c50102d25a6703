"""A folder that files are dropped into: what is whole is taken, and nothing outside of it is ever opened."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scrapers.errors import SourceMisconfigured

SUFFIXES = (".csv", ".csv.gz", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
"""What somebody may mean as a table; those that are not read are refused by their content, aloud."""
_MOST_FILES = 10_000


class NotTaken(Exception):
    """A file of the folder is left where it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A folder, or one file of it (``only``)."""

    folder: Path
    only: str | None = None

    @contextmanager
    def opened(self) -> Iterator[int]:
        """The folder as a descriptor: what is opened through it lies in it. Raises SourceMisconfigured."""
        try:
            descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError as error:
            raise SourceMisconfigured(f"{self.folder} is no folder that can be read ({error.strerror})") from None
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    async def ready(self, seconds: float) -> tuple[list[str], list[str]]:
        """The files whose size and time stay the same for ``seconds``, oldest first; and the others. Raises
        SourceMisconfigured.
        """
        before = self._stamps()
        if before:
            await asyncio.sleep(seconds)
        after = self._stamps()
        still = [name for name, stamp in before.items() if after.get(name) == stamp]
        return sorted(still, key=lambda name: (before[name][1], name)), sorted(after.keys() - set(still))

    def _stamps(self) -> dict[str, tuple[int, int, int]]:
        """Size, time and number of every file that counts; hidden ones are those of programs that copy."""
        with self.opened() as folder:
            with os.scandir(folder) as entries:
                names = [self.only] if self.only else sorted(entry.name for entry in entries)
            found: dict[str, tuple[int, int, int]] = {}
            for name in names:
                if not self.only and (name.startswith((".", "~$")) or not name.casefold().endswith(SUFFIXES)):
                    continue
                try:
                    told = os.stat(name, dir_fd=folder, follow_symlinks=False)
                except OSError:
                    continue
                if not stat.S_ISDIR(told.st_mode):
                    found[name] = (told.st_size, told.st_mtime_ns, told.st_ino)
                if len(found) > _MOST_FILES:
                    raise SourceMisconfigured(f"{self.folder} holds more than {_MOST_FILES:,} files: move some away")
        if self.only and not found:
            raise SourceMisconfigured(f"{self.folder / self.only} is no file that can be read")
        return found

    def read(self, name: str, most: int) -> bytes:
        """The bytes of a file. Raises NotTaken where it is no regular file, too large, or still being written."""
        try:
            with self.opened() as folder:
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        except OSError as error:
            why = (
                "is a symbolic link, and those are not followed"
                if (self.folder / name).is_symlink()
                else error.strerror
            )
            raise NotTaken(f"{name}: {why}") from None
        with os.fdopen(descriptor, "rb") as file:
            before = os.fstat(descriptor)
            if not stat.S_ISREG(before.st_mode):
                raise NotTaken(f"{name} is not a regular file")
            body = file.read(most + 1)
            after = os.fstat(descriptor)
        if len(body) > most:
            raise NotTaken(f"{name} has more than the {most // (1024 * 1024)} MB that a file may have: divide it")
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(body) != after.st_size:
            raise NotTaken(f"{name} is still being written")
        return body
