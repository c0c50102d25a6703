"""Every error as ``application/problem+json`` (RFC 9457), in the reader's language, silent on our insides."""

from __future__ import annotations

import http
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Literal, TypeAlias, cast
from urllib.parse import quote

from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.api.context import request_id_of
from app.kit.errors import (
    AppError,
    BadRequest,
    FieldError,
    Internal,
    Json,
    MethodNotAllowed,
    NotFound,
    UnsupportedMedia,
    ValidationFailed,
    all_problems,
)
from app.kit.i18n import DEFAULT_LANG, Fact, Lang, has_message, negotiate, translate
from app.kit.observability import get_logger
from app.kit.schemas import OutSchema

log = get_logger(__name__)

PROBLEM_JSON = "application/problem+json"
MAX_FIELD_ERRORS = 100
"""Wrong fields that one answer tells: a list of half a million wrong items would be answered thirty times as long."""
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
Location: TypeAlias = Literal["body", "query", "path", "header"]


class ProblemItem(OutSchema):
    """One thing wrong in the request."""

    location: Location = Field(description="The part of the request that `pointer` points into.")
    pointer: str = Field(description="JSON pointer (RFC 6901) as a fragment: `#/lots/0/cpv`.")
    code: str = Field(description="Stable code of what is wrong.")
    detail: str = Field(description="The same for a person, in the language of the answer.")


class Problem(OutSchema):
    """RFC 9457 problem details. Further members hold the facts of the problem type."""

    model_config = ConfigDict(extra="allow", json_schema_serialization_defaults_required=False)

    type: str = Field(description="`/problems/<slug>`; read it for what the problem means. Stable.")
    title: str = Field(description="What this type of problem is, in the language of the answer.")
    status: int
    detail: str = Field(description="What happened this time.")
    instance: str = Field(description="The path that was asked for.")
    request_id: str = Field(description="Quote it when you ask for help; also in `X-Request-Id`.")
    errors: list[ProblemItem] | None = Field(
        default=None, description="For `invalid-request`: each wrong field, the first 100."
    )


class ProblemType(OutSchema):
    """A type of problem, explained."""

    type: str
    slug: str
    status: int
    title: str
    detail: str
    meaning: str = Field(description="When it happens, for developers (English).")


class NotModified(Exception):
    """The caller already has this version; answered as 304 with the validator."""

    def __init__(self, etag: str) -> None:
        super().__init__(etag)
        self.etag = etag


ErrorPage: TypeAlias = Callable[[Request, AppError], Awaitable[Response | None]]
"""How the pages tell an error; ``None`` where whoever asks is no browser."""


async def tell(request: Request, error: AppError) -> Response:
    """An error as whoever asked understands it: a page for a reader of pages, a problem document for a program."""
    page: ErrorPage | None = getattr(request.app.state, "error_page", None)
    try:
        shown = None if page is None else await page(request, error)
    except Exception:  # a fault of the page that tells of one
        log.exception("error_page.failed", slug=error.slug)
        shown = None
    return problem_response(request, error) if shown is None else shown


def problem_response(request: Request, error: AppError) -> Response:
    """The problem document of an error, in the language the caller accepts."""
    lang = negotiate(request.headers.get("accept-language"))
    facts = {name: value for name, value in error.facts.items() if isinstance(value, str | int | float | None)}
    body: dict[str, Json] = {
        "type": f"/problems/{error.slug}",
        "title": translate(f"problem.{error.slug}.title", lang),
        "status": error.status,
        "detail": _detail_of(error.slug, lang, facts),
        "instance": _asked_path(request),
        "request_id": request_id_of(request),
        **error.facts,
    }
    if error.field_errors:
        body["errors"] = [_item(wrong, lang) for wrong in error.field_errors]
    headers = {**error.headers, "Content-Language": lang, "Vary": "Accept-Language", "Cache-Control": "no-store"}
    return JSONResponse(body, error.status, headers, PROBLEM_JSON)


def _asked_path(request: Request) -> str:
    """The path as it was sent: decoded, ``..%2f`` would read like another one."""
    sent: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    return quote(sent, safe="/:@!$&'()*+,;=~%")


def problems(*classes: type[AppError]) -> dict[int | str, dict[str, object]]:
    """The ``responses=`` of a route that may answer with these problems."""
    by_status: dict[int, list[type[AppError]]] = {}
    for cls in classes:
        by_status.setdefault(cls.status, []).append(cls)
    return {status: describe_problems(status, found) for status, found in by_status.items()}


def describe_problems(status: int, classes: Sequence[type[AppError]]) -> dict[str, object]:
    """The OpenAPI response object of one status."""
    described = [f"`{cls.slug}`: {' '.join((cls.__doc__ or '').split())}" for cls in classes]
    return {
        "description": "\n\n".join(described) or http.HTTPStatus(status).phrase,
        "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def install_problem_handlers(app: FastAPI) -> None:
    """Answer our errors, validation errors, the framework's own, and "not modified"."""
    app.add_exception_handler(AppError, _on_app_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(NotModified, _on_not_modified)


async def _on_app_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return await tell(request, error)


async def _on_invalid_request(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    told = error.errors()[:MAX_FIELD_ERRORS]
    return await tell(request, ValidationFailed(*(_field_error(raw) for raw in told)))


async def _on_http_exception(request: Request, error: Exception) -> Response:
    """What Starlette and FastAPI raise by themselves: unknown route, wrong method, unreadable body."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, AppError):
        return await tell(request, error.__cause__)
    plain: dict[int, AppError] = {404: NotFound(), 405: MethodNotAllowed(), 400: BadRequest()}
    if error.status_code == 415:
        plain[415] = UnsupportedMedia(accepted=["application/json"])
    answer = plain.get(error.status_code) or (BadRequest() if error.status_code < 500 else Internal())
    answer.headers.update(error.headers or {})
    if error.status_code == 405:
        answer.headers["Allow"] = ", ".join(_allowed(request))
    return await tell(request, answer)


def _allowed(request: Request) -> list[str]:
    """The methods that the asked path knows: Starlette tells those of its first route only."""
    routes = request.app.router.routes
    return [
        method
        for method in _METHODS
        if any(route.matches({**request.scope, "method": method})[0] is Match.FULL for route in routes)
    ]


async def _on_not_modified(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)
    return Response(status_code=304, headers={"ETag": error.etag})


def _detail_of(slug: str, lang: Lang, facts: Mapping[str, Fact]) -> str:
    key = f"problem.{slug}.detail"
    return translate(key, lang, **facts) if has_message(key) else translate(f"problem.{slug}.title", lang)


def sentence_of_field(wrong: FieldError, lang: Lang) -> str:
    """What is wrong with a field, for a person."""
    key = f"validation.{wrong.code}"
    return translate(key, lang, **wrong.facts) if has_message(key) else wrong.fallback or wrong.code


def field_errors_of(error: ValidationError) -> Sequence[FieldError]:
    """What is wrong in a value that was validated by itself, the first hundred."""
    told = error.errors(include_url=False)[:MAX_FIELD_ERRORS]
    return [_field_error({**raw, "loc": ("body", *raw["loc"])}) for raw in told]


def _item(wrong: FieldError, lang: Lang) -> dict[str, Json]:
    detail = sentence_of_field(wrong, lang)
    return {"location": wrong.location, "pointer": wrong.pointer, "code": wrong.code, "detail": detail}


def _field_error(raw: Mapping[str, object]) -> FieldError:
    """A pydantic error without the input it quotes and the page it links to."""
    where, *path = cast("Sequence[str | int]", raw["loc"])
    location = cast("Location", where if where in ("query", "path", "header") else "body")
    context = raw.get("ctx")
    facts = {
        name: value
        for name, value in (context.items() if isinstance(context, Mapping) else ())
        if isinstance(value, str | int | float)
    }
    return FieldError(
        pointer="#" + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path),
        code=str(raw["type"]).replace("_", "-"),
        location=location,
        facts=facts,
        fallback=str(raw["msg"]).removeprefix("Value error, "),
    )


router = APIRouter(prefix="/problems", tags=["problems"])


@router.get("")
async def list_problem_types(request: Request) -> list[ProblemType]:
    """Every type of problem that the API answers with."""
    lang = negotiate(request.headers.get("accept-language"))
    return [_explain(cls, lang) for cls in all_problems().values()]


@router.get("/{slug}", responses=problems(NotFound))
async def get_problem_type(slug: str, request: Request) -> ProblemType:
    """What a type of problem means: the page that the `type` of a problem document points to."""
    cls = all_problems().get(slug)
    if cls is None:
        raise NotFound
    return _explain(cls, negotiate(request.headers.get("accept-language")))


def _explain(cls: type[AppError], lang: Lang = DEFAULT_LANG) -> ProblemType:
    return ProblemType(
        type=f"/problems/{cls.slug}",
        slug=cls.slug,
        status=cls.status,
        title=translate(f"problem.{cls.slug}.title", lang),
        detail=_detail_of(cls.slug, lang, {}),
        meaning=" ".join((cls.__doc__ or "").split()),
    )
