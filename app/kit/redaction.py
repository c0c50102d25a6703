"""Keeps secrets out of the logs, by the name of a field and by the shape of a value."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, MutableMapping

MASK = "***"

_SECRET_NAMES = re.compile(
    r"authorization|cookie|passw|secret|token|api_?key(?!_id)|signature|credential|private_?key|dsn|database_url",
    re.IGNORECASE,
)
_SECRET_SHAPES = (
    # First what a value must hold to have the shape: told far faster than the shape itself.
    ("_", re.compile(r"\b([a-z][a-z0-9]*(?:_[a-z0-9]+)*_)[0-9A-Za-z]{43}\b"), rf"\1{MASK}"),  # our tokens
    ("whsec_", re.compile(r"\bwhsec_[0-9A-Za-z+/=]+"), f"whsec_{MASK}"),
    ("", re.compile(r"(?i)\b(bearer|basic)\s+[0-9A-Za-z._~+/=-]+"), rf"\1 {MASK}"),
    ("://", re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s:/@]*):[^\s@/]+@"), rf"\1:{MASK}@"),  # postgresql://user:pass@host
)
_SHORTEST = 8


def redact(value: object) -> object:
    """A copy of a log value without secrets, containers included."""
    if isinstance(value, str):
        if len(value) < _SHORTEST:
            return value
        for mark, shape, replacement in _SECRET_SHAPES:
            if mark in value:
                value = shape.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {key: MASK if _is_secret(key, item) else redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redact(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return redact(str(value))


def redact_event(_logger: object, _method: str, event: MutableMapping[str, object]) -> MutableMapping[str, object]:
    """The structlog processor form of :func:`redact`, over every field of an event, tracebacks included."""
    for key, item in event.items():
        if not key.startswith("_"):
            event[key] = MASK if _is_secret(key, item) else redact(item)
    return event


def _is_secret(key: object, value: object) -> bool:
    return not isinstance(value, bool | int | float | None) and _names_a_secret(str(key))


@functools.lru_cache(maxsize=1000)
def _names_a_secret(key: str) -> bool:
    return _SECRET_NAMES.search(key) is not None
