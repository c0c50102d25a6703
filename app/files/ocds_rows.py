"""OCDS packages, records and releases: every release of a procedure compiled into one tender.

A file may hold the releases of one procedure anywhere, so they are set aside on disk while the file is read and
compiled procedure by procedure afterwards: memory holds the releases of one procedure at a time. A compiled release
that the publisher sent is taken as it is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

from app.files.contract import Format, Rejected, Row, Unit
from app.files.json_rows import array_items, excerpt, line_objects
from scrapers.errors import RecordRejected
from scrapers.files.input_file import InputFile
from scrapers.ocds_documents import Held, compiled, held, telling
from scrapers.ocds_mapping import tender_fields
from scrapers.ocds_shelf import ReleaseShelf

_PREFIX = {
    Format.OCDS_RELEASES: "releases.item",
    Format.OCDS_RECORDS: "records.item",
    Format.OCDS_DOCUMENT: "",
    Format.OCDS_ARRAY: "item",
}


def ocds_rows(source: InputFile, format_: Format) -> Iterator[Row | Rejected]:
    """Tenders of an OCDS file, in the order in which their procedures first appear."""
    found = line_objects(source) if format_ is Format.OCDS_LINES else array_items(source, _PREFIX[format_])
    with (
        tempfile.TemporaryDirectory(prefix="safqa-ocds-") as folder,
        ReleaseShelf(Path(folder) / "releases") as shelf,
    ):
        for row in found:
            if isinstance(row, Rejected):
                yield row
                continue
            for one in held(row.fields):
                if isinstance(one, RecordRejected):
                    yield Rejected(row.line, one.code, one.reason, excerpt(orjson.dumps(row.fields)), row.unit)
                else:
                    shelf.add(one.ocid, _Shelved(row.line, row.unit, one).written())
        for procedure in shelf.procedures():
            yield _tender([_Shelved.read(written) for written in procedure])


@dataclass(frozen=True, slots=True)
class _Shelved:
    """A release with where it stood in the file."""

    line: int
    unit: Unit
    held: Held

    def written(self) -> bytes:
        one = self.held
        return orjson.dumps([self.line, self.unit, one.ocid, one.release, one.published, one.whole, one.compiled])

    @classmethod
    def read(cls, written: bytes) -> _Shelved:
        line, unit, *parts = orjson.loads(written)
        return cls(line, unit, Held(*parts))


def _tender(shelved: Sequence[_Shelved]) -> Row | Rejected:
    first = shelved[0]
    group = telling([one.held for one in shelved])
    releases = [one.release for one in group]
    notice = orjson.dumps(releases[0] if len(releases) == 1 else releases)
    try:
        procedure = compiled(group)
        fields = tender_fields(procedure.release, published=procedure.published, tags=procedure.tags)
    except RecordRejected as refusal:
        return Rejected(first.line, refusal.code, refusal.reason, excerpt(orjson.dumps(releases[0])), first.unit)
    return Row(first.line, fields, None, first.unit, notice)
