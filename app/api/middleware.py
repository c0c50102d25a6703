"""What surrounds every request: its id, its log line, its metrics, and the headers that make answers safe to show."""

from __future__ import annotations

import time
from http import HTTPStatus

from starlette.requests import ClientDisconnect, Request
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.context import assign_request_id
from app.api.problems import tell
from app.kit.errors import Internal
from app.kit.metrics import Metrics
from app.kit.observability import Work, get_logger, working

log = get_logger(__name__)

CLIENT_CLOSED_REQUEST = 499
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}
_SECURITY_PAIRS = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]


class RequestMiddleware:
    """Goes outermost: what it does holds for every answer, refusals and faults of ours included.

    A fault (an exception that nobody answered) becomes a 500 problem document, and one log line with the traceback.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = assign_request_id(scope)
        with working(request_id=request_id) as work:
            exchange = _Exchange(scope, send, work, request_id)
            try:
                await self.app(scope, receive, exchange.send)
            except ClientDisconnect:
                pass  # went away while its body came in: there is nobody to answer, and no fault to look for
            except Exception:
                log.exception("request.failed", method=scope["method"], route=route_template(scope))
                if exchange.status is not None:
                    raise  # half an answer is out: only a broken connection tells the caller
                refusal = await tell(Request(scope), Internal())
                await refusal(scope, receive, exchange.send)
            finally:
                self._account(scope, exchange, work)

    def _account(self, scope: Scope, exchange: _Exchange, work: Work) -> None:
        seconds = time.perf_counter() - exchange.started
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = route_template(scope)
        status = exchange.status or CLIENT_CLOSED_REQUEST
        self.metrics.request_done(method=method, route=route, status=status, seconds=seconds, queries=work.queries)
        level = "warning" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "debug" if route in _QUIET else "info"
        getattr(log, level)(
            "request.done",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 2),
            organisation=str(work.organisation_id) if work.organisation_id else None,
            queries=work.queries,
            rows=work.rows,
        )


class _Exchange:
    """One answer on its way out."""

    def __init__(self, scope: Scope, send: Send, work: Work, request_id: str) -> None:
        self.started = time.perf_counter()
        self.status: int | None = None
        self._scope = scope
        self._send = send
        self._work = work
        self._request_id = request_id

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            given = message.get("headers", [])
            names = {name for name, _ in given}
            added = [pair for pair in _SECURITY_PAIRS if pair[0] not in names]
            added += [(name.lower().encode(), value.encode()) for name, value in self._work.headers.items()]
            message = {**message, "headers": [*given, *added, (b"x-request-id", self._request_id.encode())]}
        await self._send(message)


def route_template(scope: Scope) -> str:
    """The path of the matched route with its parameters' names (``/v1/tenders/{tender_id}``), or ``unmatched``."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    route: BaseRoute | None = included or scope.get("route")
    return str(getattr(route, "path_format", None) or getattr(route, "path", None) or "unmatched")
