"""JSON Merge Patch (RFC 7396)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi.exceptions import RequestValidationError
from pydantic import JsonValue, ValidationError


def merge_patch(target: JsonValue, patch: JsonValue) -> JsonValue:
    """What a document and a patch make: objects are merged, ``null`` removes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = merge_patch(merged.get(name), value)
    return merged


@contextmanager
def read_as_body() -> Iterator[None]:
    """Where what a patch makes is read: what is wrong with it is told as of the body of a request.

    Raises:
        RequestValidationError: instead of ``ValidationError``, with pointers that begin at the body.
    """
    try:
        yield
    except ValidationError as wrong:
        raise RequestValidationError([{**one, "loc": ("body", *one["loc"])} for one in wrong.errors()]) from wrong
