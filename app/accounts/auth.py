"""Authentication: the bearer token of a request becomes a :class:`Caller`, with the scope that the route states."""

from __future__ import annotations

from fastapi import Depends, Request
from fastapi.params import Depends as DependsMarker
from fastapi.security import HTTPBearer

from app.accounts.caller import Caller
from app.accounts.repository import caller_by_digest
from app.accounts.scopes import SCOPES, Scope
from app.api.ratelimit import spend
from app.kit.errors import Forbidden, Unauthenticated
from app.kit.observability import current_work

__all__ = ["Caller", "CallerDep"]

_LONGEST_TOKEN = 200


async def authenticate(request: Request) -> Caller:
    """The caller of this request.

    Raises:
        Unauthenticated: no token, or one that is unknown, revoked or expired.
        TooManyRequests: the key has used up its allowance.

    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not 0 < len(token) <= _LONGEST_TOKEN:
        raise Unauthenticated
    caller = await caller_by_digest(request.state.hot, request.state.keyring.token_hashes(token))
    if caller is None:
        raise Unauthenticated
    if (work := current_work()) is not None:
        work.organisation_id = caller.organisation_id
    if request.state.limiter is not None:
        spend(request.state.limiter, str(caller.key_id))
    return caller


class _Scoped(HTTPBearer):
    """A dependency that lets through callers with one scope; its base shows it in the OpenAPI document.

    It reads the header itself: each dependency of a dependency costs a tenth of what a hot read does.
    """

    def __init__(self, scope: Scope) -> None:
        super().__init__(
            auto_error=False, scheme_name="apiKey", description="An API key: `Authorization: Bearer sfq_…`."
        )
        self.scope = scope

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        caller = await authenticate(request)
        if self.scope not in caller.scopes:
            raise Forbidden(scope=self.scope)
        return caller


def CallerDep(scope: Scope) -> DependsMarker:  # noqa: N802 (reads like the class it stands for in a signature)
    """The dependency of a route that needs ``scope``: ``caller: Annotated[Caller, CallerDep("tenders:read")]``."""
    if scope not in SCOPES:
        raise ValueError(f"no such scope: {scope}")
    needed: DependsMarker = Depends(_Scoped(scope))
    return needed
