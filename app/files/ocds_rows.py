"""OCDS packages, records and releases: every release of a procedure compiled into one tender.

A file may hold the releases of one procedure anywhere, so they are set aside on disk while the file is read and
compiled procedure by procedure afterwards: memory holds the releases of one procedure at a time. A compiled release
that the publisher sent is taken as it is.
"""

from __future__ import annotations

import itertools
import sqlite3
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import orjson

from app.files.contract import Format, Rejected, Row, Unit
from app.files.json_rows import array_items, excerpt, line_objects
from app.files.source import Source
from scrapers.errors import RecordRejected
from scrapers.ocds_compile import compile_releases
from scrapers.ocds_mapping import tender_fields

_PREFIX = {
    Format.OCDS_RELEASES: "releases.item",
    Format.OCDS_RECORDS: "records.item",
    Format.OCDS_DOCUMENT: "",
    Format.OCDS_ARRAY: "item",
}


def ocds_rows(source: Source, format_: Format) -> Iterator[Row | Rejected]:
    """Tenders of an OCDS file, in the order in which their procedures first appear."""
    found = line_objects(source) if format_ is Format.OCDS_LINES else array_items(source, _PREFIX[format_])
    with tempfile.TemporaryDirectory(prefix="safqa-ocds-") as folder, _Shelf(Path(folder) / "releases") as shelf:
        for row in found:
            if isinstance(row, Rejected):
                yield row
                continue
            yield from _set_aside(row, shelf)
        for procedure in shelf.procedures():
            yield _tender(procedure)


def _set_aside(row: Row, shelf: _Shelf) -> Iterator[Rejected]:
    """Shelve the releases of a release, a record or a whole package."""
    if "ocid" not in row.fields:
        nested = [item for key in ("releases", "records") for item in _list(row.fields.get(key))]
        for item in nested:
            if isinstance(item, dict) and "ocid" in item:
                yield from _set_aside(Row(row.line, item, None, row.unit), shelf)
            else:
                yield _refused(row, "ocds.no_ocid", "a release without an ocid")
        if not nested:
            yield _refused(row, "ocds.no_ocid", "neither a release with an ocid nor a package of them")
        return
    ocid = row.fields["ocid"]
    if not isinstance(ocid, str) or not ocid.strip():
        yield _refused(row, "ocds.no_ocid", "the ocid is not a text")
        return
    compiled = row.fields.get("compiledRelease")
    releases = row.fields.get("releases")
    if isinstance(compiled, dict):
        dates = [d for r in _list(releases) if isinstance(r, dict) and isinstance(d := r.get("date"), str)]
        shelf.add(_Release(ocid, {**compiled, "ocid": ocid}, row.line, row.unit, min(dates, default=None)))
    elif isinstance(releases, list):
        embedded = [r for r in releases if isinstance(r, dict) and ("tender" in r or "ocid" in r)]
        if not embedded:
            yield _refused(row, "ocds.linked_releases", "the record only links to its releases")
        for release in embedded:
            shelf.add(_Release(ocid, {**release, "ocid": ocid}, row.line, row.unit))
    else:
        shelf.add(_Release(ocid, row.fields, row.line, row.unit))


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _refused(row: Row, code: str, reason: str) -> Rejected:
    return Rejected(row.line, code, reason, excerpt(orjson.dumps(row.fields)), row.unit)


@dataclass(frozen=True, slots=True)
class _Release:
    """One release with where it stood; ``published`` is the first date of a procedure that came compiled."""

    ocid: str
    body: dict[str, object]
    line: int
    unit: Unit
    published: str | None = None


def _tender(procedure: list[_Release]) -> Row | Rejected:
    first = procedure[0]
    raw = orjson.dumps(first.body)
    try:
        if len(procedure) == 1:
            fields = tender_fields(first.body, published=first.published)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # ids used twice in one array: ocdsmerge keeps the last
                compiled = compile_releases([release.body for release in procedure])
            fields = tender_fields(compiled.release, published=compiled.published, tags=compiled.tags)
    except RecordRejected as refusal:
        return Rejected(first.line, refusal.code, refusal.reason, excerpt(raw), first.unit)
    notice = raw if len(procedure) == 1 else orjson.dumps([release.body for release in procedure])
    return Row(first.line, fields, None, first.unit, notice)


class _Shelf:
    """Releases on disk, given back grouped by procedure; the database of the standard library, on a temporary file."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, isolation_level=None)
        self._base.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-8000; PRAGMA temp_store=FILE;"
            "CREATE TABLE procedure (seq INTEGER PRIMARY KEY, ocid TEXT UNIQUE NOT NULL);"
            "CREATE TABLE release (procedure INTEGER NOT NULL, seq INTEGER NOT NULL, line INTEGER NOT NULL,"
            " unit TEXT NOT NULL, published TEXT, body BLOB NOT NULL, PRIMARY KEY (procedure, seq)) WITHOUT ROWID;"
            "BEGIN",
        )
        self._seq = itertools.count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    def add(self, release: _Release) -> None:
        self._base.execute("INSERT OR IGNORE INTO procedure (ocid) VALUES (?)", (release.ocid,))
        self._base.execute(
            "INSERT INTO release SELECT seq, ?, ?, ?, ?, ? FROM procedure WHERE ocid = ?",
            (next(self._seq), release.line, release.unit, release.published, orjson.dumps(release.body), release.ocid),
        )

    def procedures(self) -> Iterator[list[_Release]]:
        """The releases of one procedure after the other, as they stood in the file."""
        rows = self._base.execute(
            "SELECT procedure.ocid, body, line, unit, published FROM release"
            " JOIN procedure ON procedure.seq = release.procedure ORDER BY release.procedure, release.seq",
        )
        for _, group in itertools.groupby(rows, key=lambda row: row[0]):
            yield [_Release(ocid, orjson.loads(body), line, unit, day) for ocid, body, line, unit, day in group]
