"""A cap on request bodies, declared or not, answered as a problem document.

Starlette has a limit of its own, which answers in plain text; integrators are promised problem documents only.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import tell
from app.kit.errors import PayloadTooLarge

_FOR_PROGRAMS: Final = "/v1/"
"""Where whatever comes is a file, spooled to disk: some programs call every body a form."""


class BodyLimitMiddleware:
    """Refuses bodies over ``limit_bytes``; paths starting with a key of ``larger`` have that limit instead, or for a
    key that begins with ``*``, paths ending like it. The form of a page is held in memory while it is read, whoever
    sent it: unless it comes in parts, as files do, it has ``limit_bytes`` everywhere.

    A declared length is refused before a byte is read; a chunked body as soon as it passes the limit.
    """

    def __init__(self, app: ASGIApp, *, limit_bytes: int, larger: Mapping[str, int]) -> None:
        self.app = app
        self.limit_bytes = limit_bytes
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a counted body, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        in_memory = _is_plain_form(headers) and not scope["path"].startswith(_FOR_PROGRAMS)
        limit = self.limit_bytes if in_memory else self._limit_for(scope["path"])
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared[:20]) > limit:
            refusal = await tell(Request(scope), PayloadTooLarge(limit_bytes=limit))
            await refusal(scope, receive, send)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # FastAPI turns any other exception from the body into a 400.
                raise HTTPException(413) from PayloadTooLarge(limit_bytes=limit)
            return message

        await self.app(scope, counted, send)

    def _limit_for(self, path: str) -> int:
        return next((limit for key, limit in self.larger.items() if _covers(key, path)), self.limit_bytes)


def _is_plain_form(headers: Headers) -> bool:
    return headers.get("content-type", "").strip().lower().startswith("application/x-www-form-urlencoded")


def _covers(key: str, path: str) -> bool:
    return path.endswith(key[1:]) if key.startswith("*") else path.startswith(key)
