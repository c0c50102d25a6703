"""Documents to JSON bytes and back, exactly: what an index saves beside its numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from matching.types import Amount, Label, LotDoc, ReferenceDoc, StartupDoc, StartupLesson, TenderDoc, TenderLesson

T = TypeVar("T", TenderDoc, StartupDoc)
Json = Any  # a decoded JSON value: checked field by field below

_NESTED = (Amount, Label, LotDoc, ReferenceDoc, StartupDoc, StartupLesson, TenderDoc, TenderLesson)


def encode(doc: TenderDoc | StartupDoc) -> bytes:
    """A document as JSON; fields at their default are left out."""
    return json.dumps(_plain(doc), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def decoder(kind: type[T]) -> Callable[[bytes], T]:
    """The reader of one kind of document. Raises ``ValueError``, ``TypeError`` or ``KeyError`` on anything else."""

    def decode(raw: bytes) -> T:
        doc = _build(kind, json.loads(raw.decode("utf-8", "surrogatepass")))
        assert isinstance(doc, kind)
        return doc

    return decode


def _plain(value: object) -> Json:
    if isinstance(value, _NESTED):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, dt.date):  # a datetime is one, too
        return value.isoformat()
    return value


def _readers(kind: type) -> Mapping[str, Callable[[Json], object]]:
    known = _READERS.get(kind)
    if known is None:
        known = _READERS[kind] = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
    return known


_READERS: dict[type, Mapping[str, Callable[[Json], object]]] = {}


def _reader(hint: object) -> Callable[[Json], object]:
    """How a field of this type is read back."""
    if get_origin(hint) is tuple:
        item = _reader(get_args(hint)[0])
        return lambda value: tuple(item(each) for each in value)
    for kind in (hint, *get_args(hint)):
        if kind in _NESTED:
            return lambda value, kind=kind: _build(kind, value)  # type: ignore[misc]
        if kind is Decimal:
            return Decimal
        if kind is dt.datetime:
            return dt.datetime.fromisoformat
        if kind is dt.date:
            return dt.date.fromisoformat
    return lambda value: value


def _build(kind: type, table: Mapping[str, Json]) -> object:
    readers = _readers(kind)
    return kind(**{name: None if value is None else readers[name](value) for name, value in table.items()})
