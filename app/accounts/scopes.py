"""The closed list of scopes, and which of them a key of each kind of organisation gets by default."""

from __future__ import annotations

from typing import Literal, TypeAlias, get_args

from app.models.organisation import OrganisationKind

Scope: TypeAlias = Literal[
    "startups:read",
    "startups:write",
    "tenders:read",
    "tenders:write",
    "matches:read",
    "matches:write",
    "pilots:read",
    "pilots:write",
    "support:read",
    "support:write",
    "imports:read",
    "imports:write",
    "events:read",
    "webhooks:read",
    "webhooks:write",
    "digests:read",
    "digests:write",
    "accounts:read",
    "accounts:write",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)

_READ: tuple[Scope, ...] = (
    "startups:read", "tenders:read", "matches:read", "pilots:read", "support:read", "events:read",
    "accounts:read",
)  # fmt: skip
_HOOKS: tuple[Scope, ...] = ("webhooks:read", "webhooks:write", "digests:read", "digests:write")
_KEYS: tuple[Scope, ...] = ("accounts:write",)
_IMPORTS: tuple[Scope, ...] = ("imports:read", "imports:write")
DEFAULT_SCOPES: dict[OrganisationKind, tuple[Scope, ...]] = {
    OrganisationKind.STARTUP: (
        *_READ,
        "startups:write",
        "matches:write",
        "pilots:write",
        "support:write",
        *_HOOKS,
        *_KEYS,
    ),
    OrganisationKind.BUYER: (
        *_READ,
        "tenders:write",
        "matches:write",
        "pilots:write",
        "support:write",
        *_IMPORTS,
        *_HOOKS,
        *_KEYS,
    ),
    OrganisationKind.INCUBATOR: (
        *_READ,
        "startups:write",
        "matches:write",
        "support:write",
        *_IMPORTS,
        *_HOOKS,
        *_KEYS,
    ),
    OrganisationKind.OPERATOR: SCOPES,
}
