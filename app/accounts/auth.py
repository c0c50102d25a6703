"""Authentication: the bearer token of a request becomes a :class:`Caller`, with the scope that the route states."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import Depends, Request
from fastapi.params import Depends as DependsMarker
from fastapi.security import HTTPBearer

from app.accounts.caller import Caller
from app.accounts.repository import caller_by_digest
from app.accounts.scopes import SCOPES, Scope
from app.api.ratelimit import RateLimiter, spend
from app.kit.errors import Forbidden, Unauthenticated
from app.kit.observability import current_work

__all__ = ["Caller", "CallerDep", "Key", "KeyDep"]

_LONGEST_TOKEN = 200


class Key:
    """The key that a request came with, for a route that needs ``scope``; whose it is, is not known yet."""

    def __init__(self, request: Request, scope: Scope) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN:
            raise Unauthenticated
        self.digests: Sequence[bytes] = request.state.keyring.token_hashes(token)
        self._limiter: RateLimiter | None = request.state.limiter
        self._scope = scope

    def admit(self, caller: Caller | None) -> Caller:
        """Let the request pass for the caller that the database found for the key.

        Raises:
            Unauthenticated: none: the key is unknown, revoked or expired.
            TooManyRequests: the key has used up its allowance.
            Forbidden: it has not the scope.

        """
        if caller is None:
            raise Unauthenticated
        if (work := current_work()) is not None:
            work.organisation_id = caller.organisation_id
        if self._limiter is not None:
            spend(self._limiter, str(caller.key_id))
        if self._scope not in caller.scopes:
            raise Forbidden(scope=self._scope)
        return caller


class _Bearer(HTTPBearer):
    """Shows in the OpenAPI document that a route needs a key.

    It reads the header itself: each dependency of a dependency costs a tenth of what a hot read does.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            auto_error=False, scheme_name="apiKey", description="An API key: `Authorization: Bearer sfq_…`."
        )
        if scope not in SCOPES:
            raise ValueError(f"no such scope: {scope}")
        self.scope = scope


class _Scoped(_Bearer):
    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        key = Key(request, self.scope)
        return key.admit(await caller_by_digest(request.state.hot, key.digests))


class _Keyed(_Bearer):
    async def __call__(self, request: Request) -> Key:  # type: ignore[override]
        return Key(request, self.scope)


def CallerDep(scope: Scope) -> DependsMarker:  # noqa: N802 (reads like the class it stands for in a signature)
    """The dependency of a route that needs ``scope``: ``caller: Annotated[Caller, CallerDep("tenders:read")]``."""
    needed: DependsMarker = Depends(_Scoped(scope))
    return needed


def KeyDep(scope: Scope) -> DependsMarker:  # noqa: N802
    """For a read that finds its caller in its own statement; it must ``admit`` it before it answers anything."""
    needed: DependsMarker = Depends(_Keyed(scope))
    return needed
