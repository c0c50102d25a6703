"""What a role lets a member of an organisation do: a part of what a key of the organisation may.

Whoever entered an organisation under an address that nobody has confirmed is its member provisionally: nothing that
lets anybody in later on, or tells them of it (keys, members, endpoints, digests, feeds), is made before. The owner of
the address may be somebody else, and finds none of it when they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.accounts.scopes import DEFAULT_SCOPES, Scope
from app.models.organisation import OrganisationKind
from app.models.person import Role

__all__ = ["LASTING", "Role", "scopes_of"]

_ADMINS_ONLY: Sequence[Scope] = ("accounts:write",)
LASTING: Final[frozenset[Scope]] = frozenset({"accounts:write", "webhooks:write", "digests:write"})
"""What gives access, or word of what goes on, for longer than a session."""


def scopes_of(kind: OrganisationKind, role: Role, *, provisional: bool = False) -> frozenset[str]:
    """The scopes of a member: an admin has all of the organisation's kind, a reader those that change nothing; none
    that last while they are a member ``provisional``-ly.
    """
    every = [scope for scope in DEFAULT_SCOPES[kind] if not (provisional and scope in LASTING)]
    match role:
        case Role.ADMIN:
            return frozenset(every)
        case Role.MEMBER:
            return frozenset(scope for scope in every if scope not in _ADMINS_ONLY)
        case Role.READER:
            return frozenset(scope for scope in every if scope.endswith(":read"))
