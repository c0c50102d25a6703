"""What may go wrong with a profile, beside what any request meets."""

from __future__ import annotations

from collections.abc import Iterable

from app.kit.errors import AppError
from app.models.organisation import OrganisationKind


class UnstorableField(ValueError):
    """A field that is valid JSON text, but that no database or other JSON reader would give back as it came.

    ``pointer`` is a JSON pointer as a fragment, ``code`` stable: ``unstorable-text``, ``unstorable-number`` or
    ``too-deep``.
    """

    def __init__(self, pointer: str, code: str) -> None:
        super().__init__(f"{pointer}: {code}")
        self.pointer = pointer
        self.code = code


class StartupAlreadyExists(AppError):
    """The caller's organisation has a startup with this external id already; change that one instead."""

    status, slug = 409, "startup-already-exists"


class StartupClaimed(AppError):
    """The startup has taken its profile over, so that only the startup itself may change it from now on."""

    status, slug = 409, "startup-claimed"


class StartupNotAgreed(AppError):
    """A profile that somebody else made can't be shown before its startup has agreed, by claiming it."""

    status, slug = 409, "startup-not-agreed"


class WrongOrganisationKind(AppError):
    """The organisation behind this key is of a kind that has no part in this: buyers make no startups, for one."""

    status, slug = 403, "wrong-organisation-kind"

    def __init__(self, *, kind: OrganisationKind, allowed: Iterable[OrganisationKind]) -> None:
        super().__init__(kind=kind.value, allowed=sorted(one.value for one in allowed))


class ClaimNotFound(AppError):
    """The claim token is unknown, was replaced by a newer one, or its profile is gone."""

    status, slug = 404, "claim-not-found"


class ClaimExpired(AppError):
    """The claim token is too old; ask whoever gave it to you for a new one."""

    status, slug = 410, "claim-expired"


class ClaimUsed(AppError):
    """The claim token has been used; each works once."""

    status, slug = 409, "claim-used"
