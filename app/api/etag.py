"""Strong entity tags: a reader saves the transfer, a writer can't overwrite a version it has not seen."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import Header, Request, Response

from app.api.problems import NotModified
from app.kit.errors import PreconditionFailed, PreconditionRequired

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of the version you change; 412 if there is a newer one."),
]


def make_etag(*parts: object) -> str:
    """A strong tag for what these parts (id, version, viewer's rights ...) determine entirely."""
    digest = hashlib.blake2b("\0".join(map(str, parts)).encode(), digest_size=12)
    return f'"{digest.hexdigest()}"'


def set_etag(request: Request, response: Response, etag: str) -> None:
    """Put the tag on the answer; raises :class:`NotModified` (304) if ``If-None-Match`` already has it."""
    if request.method in ("GET", "HEAD") and _lists(request.headers.get("if-none-match"), etag, weak=True):
        raise NotModified(etag)
    response.headers["ETag"] = etag


def require_match(if_match: str | None, etag: str) -> None:
    """Let a change pass only if it names the present version: 428 without a tag, 412 with another one."""
    if if_match is None:
        raise PreconditionRequired
    if not _lists(if_match, etag, weak=False):
        raise PreconditionFailed


def _lists(header: str | None, etag: str, *, weak: bool) -> bool:
    """Whether a list of tags names this one. Our tags hold no comma, so that splitting at commas is exact for them."""
    if header is None:
        return False
    tags = [tag.strip() for tag in header.split(",")]
    return tags == ["*"] or etag in tags or (weak and f"W/{etag}" in tags)
