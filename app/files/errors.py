"""What makes a whole file unusable, as the readers of tables and of JSON both say it."""

from __future__ import annotations

from scrapers.files.errors import (
    BY_CODE,
    FileEmpty,
    FileError,
    FileMissing,
    FileTooHeavy,
    FileUnreadable,
    WrongEncoding,
)

__all__ = ["BY_CODE", "FileEmpty", "FileError", "FileMissing", "FileTooHeavy", "FileUnreadable", "WrongEncoding"]
