"""What a role lets a member of an organisation do: a part of what a key of the organisation may."""

from __future__ import annotations

from collections.abc import Sequence

from app.accounts.scopes import DEFAULT_SCOPES, Scope
from app.models.organisation import OrganisationKind
from app.models.person import Role

__all__ = ["Role", "scopes_of"]

_ADMINS_ONLY: Sequence[Scope] = ("accounts:write",)


def scopes_of(kind: OrganisationKind, role: Role) -> frozenset[str]:
    """The scopes of a member: an admin has all of the organisation's kind, a reader those that change nothing."""
    every = DEFAULT_SCOPES[kind]
    match role:
        case Role.ADMIN:
            return frozenset(every)
        case Role.MEMBER:
            return frozenset(scope for scope in every if scope not in _ADMINS_ONLY)
        case Role.READER:
            return frozenset(scope for scope in every if scope.endswith(":read"))
