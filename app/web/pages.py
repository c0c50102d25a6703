"""A page: a template, what it shows, and the headers that keep a browser to what the page means.

Every area's router is made by :func:`page_router`: its routes look up the visitor and refuse forms that are not ours
before they do anything. What goes wrong is told by :func:`error_page`, in the reader's language.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Coroutine
from typing import Final, cast
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from fastapi.routing import APIRoute

from app.api.context import request_id_of
from app.db.outages import DATABASE_ERRORS
from app.kit.errors import AppError, Unauthenticated
from app.kit.i18n import has_message, translate
from app.web.assets import accepts_gzip
from app.web.rendering import render, words_of
from app.web.visitor import (
    DONE_COOKIE,
    LANG_COOKIE,
    SAFE_METHODS,
    Visitor,
    check_form,
    is_secure,
    look,
    session_cookie,
    unknown_visitor,
    visit_cookie,
)

POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_MAYBE_ELSEWHERE: Final = {403, 404}  # what another organisation of the same person may be shown
_KEPT_BY_NOBODY: Final = "private, no-store"
_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": _KEPT_BY_NOBODY,
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language, Accept-Encoding, HX-Request",
}
_SMALLEST_ZIPPED: Final = 800
_YEAR_SECONDS: Final = 365 * 86_400
_NOTE_SECONDS: Final = 20
_OF_PATHS: Final = ":/%#?=&;,+@!$'()*[]~"
"""What stands in addresses as it is; a header holds no other letters than Latin ones."""
_NOT_PAGES: Final = ("/v1/", "/problems", "/openapi.json", "/docs", "/feeds/", "/.well-known/", "/healthz", "/readyz")

Handler = Callable[[Request], Coroutine[object, object, Response]]


class PageRoute(APIRoute):
    """A route of pages: the visitor is known, a form that changes something is one of ours, and nobody keeps answers
    for others: downloads neither.
    """

    def get_route_handler(self) -> Handler:
        """What answers a request."""
        answer = super().get_route_handler()

        async def handle(request: Request) -> Response:
            visitor = await look(request)
            try:
                if request.method not in SAFE_METHODS:
                    await check_form(request, visitor)
                response = await answer(request)
                response.headers.setdefault("Cache-Control", _KEPT_BY_NOBODY)
                return response
            finally:
                await request.close()  # the files of a form

        return cast("Handler", handle)


def page_router(prefix: str = "") -> APIRouter:
    """The router of an area of pages."""
    return APIRouter(prefix=prefix, route_class=PageRoute, include_in_schema=False)


def page(request: Request, template: str, status: int = 200, /, **shown: object) -> HTMLResponse:
    """The page of a template. ``shown``: what it calls by name, beside what every page has (see rendering.py)."""
    visitor: Visitor = request.state.visitor
    done = request.cookies.get(DONE_COOKIE)
    key = f"web.done.{done}"
    if done is not None and has_message(key):
        shown = {**shown, "done": translate(key, visitor.lang)}
    body = render(template, {**words_of(request, visitor), **shown}).encode()
    headers = {**_HEADERS, "Content-Language": visitor.lang}
    if len(body) >= _SMALLEST_ZIPPED and accepts_gzip(request):
        body, headers["Content-Encoding"] = gzip.compress(body, 5), "gzip"
    response = HTMLResponse(body, status, headers)
    keep_visit(request, response, visitor)
    if done is not None:
        response.delete_cookie(DONE_COOKIE)
    return response


def see_other(request: Request, path: str, *, done: str | None = None) -> Response:
    """On to another page of ours after a form. ``done``: the code of the sentence (``web.done.<code>``) told there."""
    if request.headers.get("hx-request") and not request.headers.get("hx-boosted"):
        response = Response(status_code=204, headers={"HX-Redirect": quote(path, safe=_OF_PATHS)})
    else:
        response = RedirectResponse(path, 303)
    if done is not None:
        _keep(request, response, DONE_COOKIE, done, _NOTE_SECONDS)
    return response


def local_path(given: str | None, otherwise: str = "/") -> str:
    """A path of this installation that a link or form named; ``otherwise`` if it leads, or may lead, elsewhere."""
    if not given or not given.startswith("/") or given.startswith(("//", "/\\")) or "\\" in given:
        return otherwise
    if any(ord(char) < 33 or ord(char) == 127 for char in given):
        return otherwise
    parts = urlsplit(given)
    return otherwise if parts.scheme or parts.netloc else given


def keep_visit(request: Request, response: Response, visitor: Visitor) -> None:
    """Give a browser that comes for the first time what is bound to it before sign-in."""
    if visitor.new_visit:
        _keep(request, response, visit_cookie(request), visitor.visit)


def keep_session(request: Request, response: Response, token: str, seconds: int) -> None:
    """Give the browser the token of a session."""
    _keep(request, response, session_cookie(request), token, seconds)


def forget_session(request: Request, response: Response) -> None:
    """Take it away again."""
    response.delete_cookie(session_cookie(request), secure=is_secure(request), httponly=True, samesite="lax")


def keep_lang(request: Request, response: Response, lang: str) -> None:
    """Have the browser remember the language that was chosen."""
    _keep(request, response, LANG_COOKIE, lang, _YEAR_SECONDS)


def _keep(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    response.set_cookie(
        name, value, max_age=seconds, path="/", secure=is_secure(request), httponly=True, samesite="lax"
    )


def wants_page(request: Request) -> bool:
    """Whether who asks is a browser that shows a page, rather than a program of the API."""
    path = request.url.path
    if path == "/v1" or path.startswith(_NOT_PAGES):
        return False
    return "text/html" in request.headers.get("accept", "") or request.headers.get("hx-request") == "true"


async def error_page(request: Request, error: AppError) -> Response | None:
    """A refusal as a page: what happened, and what to do about it. Who is not signed in is led to where one does.

    ``None`` for programs of the API, which get a problem document.
    """
    if not wants_page(request):
        return None
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    following = f"?next={quote(asked, safe='/')}" if request.method in SAFE_METHODS else ""
    if isinstance(error, Unauthenticated):
        return see_other(request, "/sign-in" + following)
    try:
        await look(request)
    except DATABASE_ERRORS:  # what is told may be just that
        request.state.visitor = unknown_visitor(request)
    fragment = request.headers.get("hx-request") and not request.headers.get("hx-boosted")
    template = "error_fragment.html" if fragment else "error.html"
    answer = page(
        request, template, error.status, error=error, request_id=request_id_of(request),
        may_ask_again=request.method in SAFE_METHODS,
        other_organisations=f"/organisation{following}" if error.status in _MAYBE_ELSEWHERE else None,
    )  # fmt: skip
    answer.headers.update({name: value for name, value in error.headers.items() if name != "WWW-Authenticate"})
    return answer
