"""A row's fields to a record, or to the reason why it is none."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError

from app.files.contract import Accepted, Rejected, Row, Side
from app.files.json_rows import excerpt
from app.files.seen import SeenIds
from scrapers.normalise import Edge, offset_of_day, parse_iso, to_instant, zone_of_country
from scrapers.records import StartupRecord, TenderRecord

_EDGES: tuple[tuple[str, Edge], ...] = (("published", "start"), ("deadline", "end"))
_SHOWN_FAULTS = 5
_DEPTH = 60


class Validator:
    """Validates the rows of one file; the later of two rows with one id is refused."""

    def __init__(self, side: Side, zone: ZoneInfo | None) -> None:
        self._model = TenderRecord if side == "tender" else StartupRecord
        self._tender = side == "tender"
        self._zone = zone
        self._seen = SeenIds()

    def check(self, row: Row) -> Accepted | Rejected:
        """Accept a row as a record or say why not."""
        fields = row.fields
        if row.raw is None or b"null" in row.raw:
            fields = {key: _without_nulls(value) for key, value in fields.items() if value is not None}
        try:
            if row.raw is None or row.raw.count(b"[") + row.raw.count(b"{") > _DEPTH:
                _refuse_depth(fields, _DEPTH)
            if self._tender:
                self._resolve_times(fields)
            record = self._model.model_validate(fields)
        except ValidationError as error:
            return _rejected(row, "field.invalid", _in_words(error))
        except ValueError as error:
            return _rejected(row, "field.invalid", str(error))
        if not self._seen.add(record.id):
            return _rejected(row, "id.duplicate", f"id: {record.id!r} stands earlier in the file")
        return Accepted(record, row.line, row.notice)

    def _resolve_times(self, fields: dict[str, object]) -> None:
        """Turn written times into instants and note how each was found (``deadline_basis``)."""
        for name, edge in _EDGES:
            fields.pop(f"{name}_basis", None)
            written = fields.get(name)
            if written is None:
                continue
            try:
                when = parse_iso(written) if isinstance(written, str) else written
                if isinstance(when, dt.date):
                    offset = offset_of_day(written) if isinstance(written, str) else None
                    fields[name], fields[f"{name}_basis"] = to_instant(when, offset or self._zone_for(fields), edge)
            except ValueError as error:
                raise ValueError(f"{name}: {error}") from None

    def _zone_for(self, fields: dict[str, object]) -> ZoneInfo | None:
        country = fields.get("country")
        return self._zone or zone_of_country(country if isinstance(country, str) else None)


def _without_nulls(value: object) -> object:
    """A null says the same as an absent field."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value


def _refuse_depth(value: object, left: int) -> None:
    """Records are shallow; what is nested deeper than this is an attack on whoever walks it."""
    if left == 0:
        raise ValueError(f"is nested more than {_DEPTH} levels deep")
    if isinstance(value, dict):
        for item in value.values():
            _refuse_depth(item, left - 1)
    elif isinstance(value, list):
        for item in value:
            _refuse_depth(item, left - 1)


def _rejected(row: Row, code: str, reason: str) -> Rejected:
    raw = row.raw if row.raw is not None else orjson.dumps(row.fields, default=str)
    return Rejected(row.line, code, reason, excerpt(raw), row.unit)


def _in_words(error: ValidationError) -> str:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    said = []
    for fault in faults[:_SHOWN_FAULTS]:
        path = ".".join(str(part) for part in fault["loc"] if not str(part).startswith("function-"))
        message = fault["msg"].removeprefix("Value error, ")
        said.append(f"{path}: {message[:1].lower()}{message[1:]}")
    if len(faults) > _SHOWN_FAULTS:
        said.append(f"and {len(faults) - _SHOWN_FAULTS} more")
    return "; ".join(said)
