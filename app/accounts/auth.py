"""Authentication: the bearer token of a request becomes a :class:`Caller`, with the scope that the route states."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from fastapi.params import Depends as DependsMarker
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.caller import Caller
from app.accounts.repository import caller_by_digest
from app.accounts.scopes import SCOPES, Scope
from app.api.ratelimit import spend
from app.kit.errors import Forbidden, Unauthenticated
from app.kit.observability import current_work

__all__ = ["Caller", "CallerDep"]

_LONGEST_TOKEN = 200
bearer = HTTPBearer(auto_error=False, scheme_name="apiKey", description="An API key: `Authorization: Bearer sfq_…`.")


async def authenticate(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Caller:
    """The caller of this request.

    Raises:
        Unauthenticated: no token, or one that is unknown, revoked or expired.
        TooManyRequests: the key has used up its allowance.

    """
    if credentials is None or not 0 < len(credentials.credentials) <= _LONGEST_TOKEN:
        raise Unauthenticated
    digests = request.state.keyring.token_hashes(credentials.credentials)
    caller = await caller_by_digest(request.state.hot, digests)
    if caller is None:
        raise Unauthenticated
    if (work := current_work()) is not None:
        work.organisation_id = caller.organisation_id
    if request.state.limiter is not None:
        spend(request.state.limiter, str(caller.key_id))
    return caller


class _Scoped:
    """A dependency that lets through callers with one scope; its name shows in the OpenAPI document."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def __call__(self, caller: Annotated[Caller, Depends(authenticate)]) -> Caller:
        if self.scope not in caller.scopes:
            raise Forbidden(scope=self.scope)
        return caller


def CallerDep(scope: Scope) -> DependsMarker:  # noqa: N802 (reads like the class it stands for in a signature)
    """The dependency of a route that needs ``scope``: ``caller: Annotated[Caller, CallerDep("tenders:read")]``."""
    if scope not in SCOPES:
        raise ValueError(f"no such scope: {scope}")
    needed: DependsMarker = Depends(_Scoped(scope))
    return needed
