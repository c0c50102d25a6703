"""Secrets that a page shows once: they travel from the form to the page after it in a sealed cookie, and nowhere else.

The page after a form is a plain GET that can be reloaded; for two minutes it shows what was made, then no more.
"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Final, cast

from fastapi import Request
from fastapi.responses import Response

from app.kit.crypto import DecryptionFailed, Keyring
from app.web.pages import see_other
from app.web.visitor import is_secure

COOKIE: Final = "safqa_once"
_SECONDS: Final = 120
_LONGEST: Final = 3_000


def show_once(request: Request, path: str, **secrets: str) -> Response:
    """On to the page at ``path``, which may show these secrets: see :func:`shown_once`."""
    keyring: Keyring = request.state.keyring
    sealed = keyring.encrypt(json.dumps(secrets).encode(), context=_context(request, path))
    response = see_other(request, path)
    response.set_cookie(
        COOKIE, base64.urlsafe_b64encode(sealed).decode(), max_age=_SECONDS, path=path, secure=is_secure(request),
        httponly=True, samesite="strict",
    )  # fmt: skip
    return response


def shown_once(request: Request) -> dict[str, str]:
    """The secrets that this page may show just now; none, if it was come upon in another way."""
    sealed = request.cookies.get(COOKIE, "")
    if not 0 < len(sealed) <= _LONGEST:
        return {}
    keyring: Keyring = request.state.keyring
    try:
        plain = keyring.decrypt(base64.urlsafe_b64decode(sealed), context=_context(request, request.url.path))
    except (DecryptionFailed, binascii.Error, ValueError):
        return {}
    return cast("dict[str, str]", json.loads(plain))


def _context(request: Request, path: str) -> str:
    """Bound to the page and to the session: a cookie that was carried elsewhere says nothing."""
    who = request.state.visitor.who
    return f"once:{path}:{who.session_id if who else request.state.visitor.visit}"
