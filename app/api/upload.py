"""Receiving a file: spooled to disk while it comes in; neither memory nor a transaction waits for its sender."""

from __future__ import annotations

import asyncio
import hashlib
import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Annotated, BinaryIO, Final

from fastapi import Query, Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import UploadFile as FormFile

from app.api.idempotency import IdempotencyKeyHeader, claim
from app.kit.errors import FieldError, ValidationFailed
from app.kit.schemas import CleanStr

__all__ = ["Filename", "IdempotencyKeyHeader", "Upload", "filename_of", "receive", "upload_body"]

_PIECE: Final = 1024 * 1024
_NO_NAME: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


def upload_body(what: str, *media_types: str) -> dict[str, object]:
    """The OpenAPI of a body that :func:`receive` takes: the file itself, or a form with it as ``file``."""
    return {
        "requestBody": {
            "required": True,
            "description": f"{what}, or a form with it as `file`. What it holds decides how it is read.",
            "content": {
                "application/octet-stream": _BINARY,
                **dict.fromkeys(media_types, _BINARY),
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "required": ["file"],
                        "properties": {"file": {"type": "string", "format": "binary"}},
                    }
                },
            },
        }
    }


Filename = Annotated[
    CleanStr,
    Query(min_length=1, max_length=255, description="The file's name, for people; a form brings its own."),
]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has come in whole. ``file`` lives as long as the request."""

    file: BinaryIO
    filename: str
    size: int


@asynccontextmanager
async def receive(
    request: Request, session: AsyncSession, filename: str, idempotency_key: str | None
) -> AsyncIterator[Upload]:
    """The uploaded file; with a key, claimed over its content, or answered as it was the first time.

    Raises:
        ValidationFailed: there is nothing in it, or a form without a file.

    """
    if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        async with request.form(max_files=1, max_fields=10) as form:
            part = form.get("file")
            if not isinstance(part, FormFile):
                raise ValidationFailed(FieldError("#/file", "missing", fallback="a form needs the part `file`"))
            yield await _checked(request, session, idempotency_key, Upload(part.file, filename_of(part.filename), 0))
        return
    with tempfile.TemporaryFile(prefix="safqa-upload-") as file:
        pending = bytearray()
        async for piece in request.stream():
            pending += piece
            if len(pending) >= _PIECE:
                await asyncio.to_thread(file.write, bytes(pending))
                pending.clear()
        file.write(pending)
        yield await _checked(request, session, idempotency_key, Upload(file, filename, 0))


async def _checked(request: Request, session: AsyncSession, key: str | None, upload: Upload) -> Upload:
    size, digest = await asyncio.to_thread(_measure, upload.file)
    if size == 0:
        raise ValidationFailed(FieldError("#", "empty", fallback="the file is empty"))
    if key is not None:
        await claim(request, session, key, digest)
    return Upload(upload.file, upload.filename, size)


def _measure(file: BinaryIO) -> tuple[int, bytes]:
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    while piece := file.read(_PIECE):
        digest.update(piece)
        size += len(piece)
    return size, digest.digest()


def filename_of(given: str | None) -> str:
    """The name that a form gave its file, without folders, and without what can't be stored or turns a line around."""
    return _NO_NAME.sub("", (given or "").replace("\\", "/").rpartition("/")[2])[:255] or "upload"
