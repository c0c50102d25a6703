"""Files that people give to be kept: small ones, taken whole into memory, and only what they are taken for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from app.kit.errors import PayloadTooLarge, UnsupportedMedia


@dataclass(frozen=True, slots=True)
class Given:
    """A file that came in: its name, what it was found to be, and its bytes."""

    filename: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Intake:
    """Which files are taken: of so many bytes at most, and of these types.

    ``type_of`` tells one of ``accepted`` by what a file holds: the name and the type that came with it say nothing.
    """

    most_bytes: int
    accepted: Sequence[str]
    type_of: Callable[[BinaryIO], str | None]

    def read(self, file: BinaryIO, filename: str, size: int) -> Given:
        """A file of ``size`` bytes, whole in memory.

        Raises:
            PayloadTooLarge: it is larger than one file may be.
            UnsupportedMedia: by its content it is none of those that are taken.
        """
        if size > self.most_bytes:
            raise PayloadTooLarge(limit_bytes=self.most_bytes)
        media_type = self.type_of(file)
        if media_type is None:
            raise UnsupportedMedia(accepted=self.accepted)
        file.seek(0)
        return Given(filename, media_type, file.read())
