"""Errors that a caller may meet, as classes with a status, a stable slug and facts.

The sentence is made at the edge, in the reader's language, from ``problem.<slug>.title`` and ``problem.<slug>.detail``
of the catalogues in ``app/locale/``; the slug is the public code and never changes once published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"

RESERVED_MEMBERS = frozenset({"type", "title", "status", "detail", "instance", "request_id", "errors"})
_PROBLEMS: dict[str, type[AppError]] = {}


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong in a request: where it stands, and its stable code.

    ``pointer`` is a JSON pointer (``#/lots/0/cpv``) into the ``location``: the body, or the named parameters of the
    query, path or header. ``facts`` are the numbers of the sentence ``validation.<code>`` of the catalogues;
    ``fallback`` is said where no catalogue has that code.
    """

    pointer: str
    code: str
    location: Literal["body", "query", "path", "header"] = "body"
    facts: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    fallback: str = ""


class AppError(Exception):
    """A refusal that the caller is told about. Subclasses set ``status`` and a unique ``slug``.

    ``facts`` become extension members of the problem document, so they must be JSON and must not be secret.
    """

    status: ClassVar[int]
    slug: ClassVar[str]
    facts: dict[str, Json]
    field_errors: tuple[FieldError, ...]
    headers: dict[str, str]

    def __init_subclass__(cls) -> None:
        """Enter the class in the closed list of problem types, which refuses a slug used twice."""
        super().__init_subclass__()
        if "slug" not in cls.__dict__:
            return
        known = _PROBLEMS.setdefault(cls.slug, cls)
        if known is not cls and (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
            raise TypeError(f"problem slug {cls.slug!r} is already used by {known.__qualname__}")

    def __init__(self, **facts: Json) -> None:
        if clash := RESERVED_MEMBERS & facts.keys():
            raise TypeError(f"facts of a problem may not be called {sorted(clash)}")
        super().__init__(self.slug, facts)
        self.facts = facts
        self.field_errors = ()
        self.headers = {}


def all_problems() -> dict[str, type[AppError]]:
    """Every problem type whose module is loaded, by slug, sorted."""
    return dict(sorted(_PROBLEMS.items()))


class BadRequest(AppError):
    """The request could not be read at all."""

    status, slug = 400, "bad-request"


class Unauthenticated(AppError):
    """No key was sent, or one that is unknown, revoked or expired."""

    status, slug = 401, "unauthenticated"

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"WWW-Authenticate": "Bearer"}


class Forbidden(AppError):
    """The key is good, but was not given the scope this route needs."""

    status, slug = 403, "insufficient-scope"

    def __init__(self, *, scope: str) -> None:
        super().__init__(scope=scope)
        self.headers = {"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{scope}"'}


class NotFound(AppError):
    """No such thing, or not one that this caller may know of."""

    status, slug = 404, "not-found"


class MethodNotAllowed(AppError):
    """The address exists, the method does not apply to it."""

    status, slug = 405, "method-not-allowed"


class IdempotencyInProgress(AppError):
    """A request with the same Idempotency-Key is still being worked on."""

    status, slug = 409, "idempotency-in-progress"

    def __init__(self) -> None:
        super().__init__()
        self.headers = {"Retry-After": "1"}


class PreconditionFailed(AppError):
    """If-Match names another version than the present one."""

    status, slug = 412, "precondition-failed"


class PayloadTooLarge(AppError):
    """The body is larger than this route takes."""

    status, slug = 413, "payload-too-large"

    def __init__(self, *, limit_bytes: int) -> None:
        super().__init__(limit_bytes=limit_bytes)


class UnsupportedMedia(AppError):
    """The body's Content-Type is not one that this route reads."""

    status, slug = 415, "unsupported-media-type"

    def __init__(self, *, accepted: Sequence[str]) -> None:
        super().__init__(accepted=list(accepted))


class ValidationFailed(AppError):
    """Some fields of the request are not as documented; each is listed with its pointer."""

    status, slug = 422, "invalid-request"

    def __init__(self, *errors: FieldError) -> None:
        super().__init__()
        self.field_errors = errors


class InvalidCursor(AppError):
    """The cursor was not made by this list, or was changed."""

    status, slug = 422, "invalid-cursor"


class IdempotencyKeyReused(AppError):
    """The Idempotency-Key was used before with another request."""

    status, slug = 422, "idempotency-key-reused"


class PreconditionRequired(AppError):
    """This change needs an If-Match header with the version it was made from."""

    status, slug = 428, "precondition-required"


class TooManyRequests(AppError):
    """The key has used up its allowance; ``retry_after_seconds`` says when it is worth asking again."""

    status, slug = 429, "too-many-requests"

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)
        self.headers = {"Retry-After": str(retry_after_seconds)}


class Internal(AppError):
    """We have a fault of our own; the request id finds it in the logs."""

    status, slug = 500, "internal-error"


class ServiceUnavailable(AppError):
    """Busy or starting: the same request is worth repeating after a moment."""

    status, slug = 503, "service-unavailable"

    def __init__(self, *, retry_after_seconds: int = 1) -> None:
        super().__init__(retry_after_seconds=retry_after_seconds)
        self.headers = {"Retry-After": str(retry_after_seconds)}
