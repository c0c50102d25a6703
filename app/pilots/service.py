"""What buyers and startups do to a pilot: post, open, apply, choose, cancel, close."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.etag import make_etag, require_match
from app.db.base import JsonObject
from app.kit.errors import FieldError, NotFound, ValidationFailed
from app.kit.ids import StartupId, new_uuid
from app.models.organisation import OrganisationKind
from app.models.pilot import Pilot, PilotApplication, PilotState
from app.models.startup import Startup
from app.pilots import telling
from app.pilots.attestation_repository import AttestationRepository
from app.pilots.attestations import Issuer
from app.pilots.errors import ApplicationsOver
from app.pilots.repository import PilotRepository, Seen
from app.pilots.schemas import Closing, NewPilot, PilotBody
from app.pilots.states import Action, PilotStateRefuses, after
from app.startups.errors import WrongOrganisationKind
from app.tenders.columns import fold_words
from app.tenders.regions import region_of

POSTERS = frozenset({OrganisationKind.BUYER, OrganisationKind.OPERATOR})


def pilot_etag(pilot_id: uuid.UUID, version: int, *, inside: bool) -> str:
    """The entity tag of a version of a pilot; ``inside``: as its two sides see it."""
    return make_etag("pilot", pilot_id, version, inside)


async def post(session: AsyncSession, caller: Caller, body: NewPilot, now: dt.datetime) -> Pilot:
    """Enter a pilot, as a draft or open at once.

    Raises:
        WrongOrganisationKind: startups and incubators post no pilots.

    """
    if caller.kind not in POSTERS:
        raise WrongOrganisationKind(kind=caller.kind, allowed=POSTERS)
    pilot = Pilot(
        id=new_uuid(),
        buyer_id=caller.organisation_id,
        state=PilotState(body.state),
        **_columns(body),
        verdicts=[],
        version=1,
        state_since=now,
        created_at=now,
        updated_at=now,
    )
    await PilotRepository(session).add(pilot)
    return pilot


async def show(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID) -> Seen:
    """A pilot with what stands beside it.

    Raises:
        NotFound: there is none, or it is another buyer's draft.

    """
    seen = await PilotRepository(session).visible(caller, pilot_id)
    if seen is None:
        raise NotFound
    return seen


async def replace(
    session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, body: PilotBody, if_match: str | None, now: dt.datetime
) -> None:
    """Make a draft say something else.

    Raises:
        NotFound: there is none of the caller's.
        PilotStateRefuses: it is open or further on.
        PreconditionFailed: there is a newer version.

    """
    pilot = await _held(session, caller, pilot_id)
    require_match(if_match, pilot_etag(pilot.id, pilot.version, inside=True))
    after(Action.CHANGE, pilot.state)
    for name, value in _columns(body).items():
        setattr(pilot, name, value)
    _touch(pilot, now)
    await PilotRepository(session).flush()


async def discard(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID) -> None:
    """Delete a draft; what startups have seen is cancelled instead."""
    pilot = await _held(session, caller, pilot_id)
    after(Action.DELETE, pilot.state)
    await PilotRepository(session).delete(caller.organisation_id, pilot_id)


async def open_up(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, now: dt.datetime) -> None:
    """Let startups see a draft and apply for it."""
    await _moved(session, caller, pilot_id, Action.OPEN, now)


async def cancel(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, because: str, now: dt.datetime) -> None:
    """End a pilot without a result."""
    pilot = await _moved(session, caller, pilot_id, Action.CANCEL, now)
    pilot.cancelled_because = because
    await PilotRepository(session).flush()
    await telling.cancelled(session, caller, pilot, now)


async def choose(
    session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, startup_id: uuid.UUID, now: dt.datetime
) -> None:
    """Let one of the startups that applied run the pilot.

    Raises:
        NotFound: there is no such pilot of the caller's, or no such application for it.

    """
    pilot = await _moved(session, caller, pilot_id, Action.CHOOSE, now)
    chosen = await PilotRepository(session).applied(pilot_id, startup_id)
    if chosen is None:
        raise NotFound
    pilot.startup_id = chosen.id
    await PilotRepository(session).flush()
    await telling.chosen(session, caller, pilot, chosen, now)


async def close(
    session: AsyncSession, issuer: Issuer, caller: Caller, pilot_id: uuid.UUID, said: Closing, now: dt.datetime
) -> None:
    """End a pilot with a verdict on each criterion. If all were met, it is attested.

    The startup is held before the pilot, here as when it applies: in another order the two could wait for one another.

    Raises:
        NotFound: there is none of the caller's.
        PilotStateRefuses: nobody runs it, or somebody was chosen at this very moment.
        ValidationFailed: a criterion has no verdict, or several.

    """
    ran_by = (await require_own(session, caller, pilot_id)).startup_id
    startup = None if ran_by is None else await AttestationRepository(session).startup(ran_by)
    pilot = await _moved(session, caller, pilot_id, Action.CLOSE, now)
    if pilot.startup_id != ran_by:  # chosen since it was looked at, and not held: nobody would be attested
        raise PilotStateRefuses(action=Action.CLOSE, at=PilotState.OPEN)
    if sorted(one.criterion for one in said.verdicts) != list(range(1, len(pilot.criteria) + 1)):
        raise ValidationFailed(
            FieldError("#/verdicts", "verdict-for-each-criterion", fallback="must hold one verdict for each criterion")
        )
    verdicts: list[JsonObject] = [
        one.model_dump(mode="json") for one in sorted(said.verdicts, key=lambda one: one.criterion)
    ]
    pilot.verdicts = verdicts
    pilot.statement = said.statement
    if said.paid is not None:
        pilot.paid_amount, pilot.paid_currency = said.paid.amount, said.paid.currency
    await PilotRepository(session).flush()
    if startup is None:  # erased meanwhile
        return
    if successful(pilot):
        await issuer.issue(session, pilot, startup, now)
    await telling.closed(session, caller, pilot, startup, now)


def successful(pilot: Pilot) -> bool | None:
    """Whether every criterion was met; ``None`` until the pilot is closed."""
    if pilot.state is not PilotState.CLOSED:
        return None
    return all(one["verdict"] == "met" for one in pilot.verdicts)


async def apply(
    session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, startup_id: StartupId, message: str, now: dt.datetime
) -> PilotApplication:
    """Apply with a startup of the caller's own, or say it otherwise.

    Raises:
        NotFound: there is no such pilot to be seen, or the startup is not the caller's own.
        PilotStateRefuses: the pilot is not open.
        ApplicationsOver: its last day for applications has passed.

    """
    repository = PilotRepository(session)
    if await repository.own_startup(caller, startup_id, lock=True) is None:
        raise NotFound
    pilot = await repository.held_open(caller, pilot_id)
    if pilot is None:
        raise NotFound
    after(Action.APPLY, pilot.state)
    if pilot.apply_by is not None and pilot.apply_by <= now:
        raise ApplicationsOver(apply_by=pilot.apply_by.isoformat())
    made = await repository.apply(pilot_id, startup_id, message, now)
    await telling.applied(session, caller, pilot, startup_id, now)
    return made


async def application_of(
    session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, startup_id: StartupId
) -> PilotApplication | None:
    """What a startup of the caller's own said for a pilot, if it applied.

    Raises:
        NotFound: the startup is not the caller's own.

    """
    await own_startup(session, caller, startup_id)
    return await PilotRepository(session).application(pilot_id, startup_id)


async def take_back(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, startup_id: StartupId) -> None:
    """Take an application back, as long as the pilot is open.

    Raises:
        NotFound: there is none, or the startup is not the caller's own.
        PilotStateRefuses: somebody has been chosen.

    """
    repository = PilotRepository(session)
    if await repository.own_startup(caller, startup_id) is None:
        raise NotFound
    pilot = await repository.held_open(caller, pilot_id)
    if pilot is None:
        raise NotFound
    after(Action.APPLY, pilot.state)
    if not await repository.take_back(pilot_id, startup_id):
        raise NotFound


async def own_startup(session: AsyncSession, caller: Caller, startup_id: StartupId) -> Startup:
    """A startup of the caller's own.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    startup = await PilotRepository(session).own_startup(caller, startup_id)
    if startup is None:
        raise NotFound
    return startup


async def require_own(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID) -> Pilot:
    """A pilot of the caller's own.

    Raises:
        NotFound: there is none, or it is somebody else's.

    """
    seen = await show(session, caller, pilot_id)
    if seen.pilot.buyer_id != caller.organisation_id:
        raise NotFound
    return seen.pilot


async def _held(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID) -> Pilot:
    pilot = await PilotRepository(session).own_for_update(caller.organisation_id, pilot_id)
    if pilot is None:
        raise NotFound
    return pilot


async def _moved(session: AsyncSession, caller: Caller, pilot_id: uuid.UUID, action: Action, now: dt.datetime) -> Pilot:
    pilot = await _held(session, caller, pilot_id)
    pilot.state = after(action, pilot.state)
    pilot.state_since = now
    _touch(pilot, now)
    return pilot


def _touch(pilot: Pilot, now: dt.datetime) -> None:
    pilot.version += 1
    pilot.updated_at = now


def _columns(body: PilotBody) -> dict[str, object]:
    fields: dict[str, object] = body.model_dump(exclude={"state", "budget"})
    told = (body.title, *body.trades, *body.cpv, body.place or "", body.problem, *body.criteria)
    return {
        **fields,
        "budget_amount": body.budget.amount,
        "budget_currency": body.budget.currency,
        "region": region_of(body.place, body.country),
        "search_text": " ".join(word for text in told for word in fold_words(text))[:20_000],
    }
