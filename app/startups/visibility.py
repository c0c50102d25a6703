"""Who sees what: conditions that every query of startups carries, so that nothing is filtered after it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, false, or_, true

from app.accounts.caller import Caller
from app.models.organisation import OrganisationKind
from app.models.startup import Startup


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The startups that the caller may know of: its own, its cohort, the listed ones for buyers, all for operators."""
    return and_(Startup.deleted_at.is_(None), _seen_by_kind(caller))


def _seen_by_kind(caller: Caller) -> ColumnElement[bool]:
    match caller.kind:
        case OrganisationKind.STARTUP:
            return Startup.owner_id == caller.organisation_id
        case OrganisationKind.INCUBATOR:
            return Startup.registrar_id == caller.organisation_id
        case OrganisationKind.BUYER:
            return Startup.listed.is_(True)
        case OrganisationKind.OPERATOR:
            return true()


def sees_whole(caller: Caller) -> bool:
    """Whether the caller sees the whole of the startups it may know of, or their public part only."""
    return caller.kind is not OrganisationKind.BUYER


def whole_for(caller: Caller) -> ColumnElement[bool]:
    """The startups of which the caller sees the whole profile, with its history."""
    return visible_to(caller) if sees_whole(caller) else false()


def may_change(caller: Caller, startup: Startup) -> bool:
    """Whether the caller may change a startup that stands: its own, one it brought in until it is claimed, or any."""
    if caller.is_operator or startup.owner_id == caller.organisation_id:
        return True
    return startup.registrar_id == caller.organisation_id and startup.owner_id is None


def changed_by(caller: Caller) -> ColumnElement[bool]:
    """The startups for which :func:`may_change` holds, or held until they were claimed."""
    if caller.is_operator:
        return Startup.deleted_at.is_(None)
    mine = or_(Startup.owner_id == caller.organisation_id, Startup.registrar_id == caller.organisation_id)
    return and_(Startup.deleted_at.is_(None), mine)
