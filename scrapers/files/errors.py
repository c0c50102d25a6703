"""What makes a whole file unusable. One sentence each, fit for a person who sent the file."""

from __future__ import annotations


class FileError(Exception):
    """The file cannot be used. ``code`` is stable; ``reason`` follows the file's name in a message."""

    code = "file.unusable"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FileMissing(FileError):
    """There is no such regular file, or it may not be read."""

    code = "file.missing"


class FileEmpty(FileError):
    """There is nothing in the file."""

    code = "file.empty"


class FileUnreadable(FileError):
    """The file is damaged, or not in a format that is read here."""

    code = "file.unreadable"


class ColumnsMissing(FileUnreadable):
    """A table whose heading row does not name all the columns that a record can't be without."""

    code = "file.columns"


class WrongEncoding(FileError):
    """The text is in none of the encodings that are read, or in two at once."""

    code = "file.encoding"


class FileTooHeavy(FileError):
    """Reading the file would take more bytes, memory or time than a file may have."""

    code = "file.too_heavy"


BY_CODE: dict[str, type[FileError]] = {
    kind.code: kind
    for kind in (FileError, FileMissing, FileEmpty, FileUnreadable, ColumnsMissing, WrongEncoding, FileTooHeavy)
}
