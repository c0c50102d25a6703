"""Who is calling: what every service receives instead of a request."""

from __future__ import annotations

from dataclasses import dataclass

from app.kit.ids import ApiKeyId, OrganisationId
from app.models.organisation import OrganisationKind


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated key, or a person who is signed in, with its organisation.

    ``key_id``: which key, or which person; what is done is put down to it.
    """

    organisation_id: OrganisationId
    kind: OrganisationKind
    scopes: frozenset[str]
    key_id: ApiKeyId

    @property
    def is_operator(self) -> bool:
        """Whether the caller runs this installation."""
        return self.kind is OrganisationKind.OPERATOR
