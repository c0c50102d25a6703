"""What makes a whole file unusable, as the readers of tables, of JSON and of documents say it."""

from __future__ import annotations

from scrapers.files.errors import BY_CODE as _OF_TABLES
from scrapers.files.errors import (
    ColumnsMissing,
    FileEmpty,
    FileError,
    FileMissing,
    FileTooHeavy,
    FileUnreadable,
    WrongEncoding,
)

__all__ = [
    "BY_CODE",
    "ColumnsMissing",
    "FileEmpty",
    "FileEncrypted",
    "FileError",
    "FileMissing",
    "FileTooHeavy",
    "FileUnreadable",
    "FileWithoutText",
    "WrongEncoding",
]


class FileEncrypted(FileError):
    """The document asks for a password."""

    code = "file.encrypted"


class FileWithoutText(FileError):
    """The document shows pictures of text, or nothing at all."""

    code = "file.without_text"


BY_CODE: dict[str, type[FileError]] = {
    **_OF_TABLES,
    FileEncrypted.code: FileEncrypted,
    FileWithoutText.code: FileWithoutText,
}
