"""The id of a request: given by the caller when it is well formed, made here otherwise."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection
from starlette.types import Scope

from app.kit.ids import RequestId, new_request_id

_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")
_SCOPE_KEY = "safqa.request_id"


def assign_request_id(scope: Scope) -> RequestId:
    """Take or make the id of this request, and keep it in the scope."""
    given = Headers(scope=scope).get("x-request-id", "")
    request_id = RequestId(given) if _WELL_FORMED.fullmatch(given) else new_request_id()
    scope[_SCOPE_KEY] = request_id
    return request_id


def request_id_of(connection: HTTPConnection) -> RequestId:
    """The id of this request."""
    found = connection.scope.get(_SCOPE_KEY)
    return RequestId(found) if isinstance(found, str) else assign_request_id(connection.scope)
