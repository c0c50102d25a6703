"""Releases on disk, given back grouped by procedure: a publisher may put those of one procedure anywhere in a file."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Self


class ReleaseShelf:
    """The standard library's database on a temporary file: memory holds the releases of one procedure at a time."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000; PRAGMA temp_store=FILE;"
            "CREATE TABLE procedure (seq INTEGER PRIMARY KEY, ocid TEXT UNIQUE NOT NULL);"
            "CREATE TABLE release (procedure INTEGER NOT NULL, seq INTEGER NOT NULL, body BLOB NOT NULL,"
            " PRIMARY KEY (procedure, seq)) WITHOUT ROWID;"
            "BEGIN",
        )
        self._seq = itertools.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, ocid: str, body: bytes) -> None:
        """Set one release aside."""
        self._base.execute("INSERT OR IGNORE INTO procedure (ocid) VALUES (?)", (ocid,))
        self._base.execute(
            "INSERT INTO release SELECT seq, ?, ? FROM procedure WHERE ocid = ?", (next(self._seq), body, ocid)
        )

    def procedures(self) -> Iterator[list[bytes]]:
        """The releases of one procedure after the other, in the order in which they came."""
        rows = self._base.execute("SELECT procedure, body FROM release ORDER BY procedure, seq")
        for _, group in itertools.groupby(rows, key=lambda row: row[0]):
            yield [body for _, body in group]
