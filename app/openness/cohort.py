"""Which single changes would help a cohort most.

Each startup is tried on hundreds of calls, which takes too long for a request: it is done beside requests, kept by
startup with the versions it was made of, and added up at each look.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from app.eligibility.telling import disclaimer
from app.kit.aside import ASIDE_SECONDS, Aside
from app.kit.errands import Errands
from app.kit.errors import ServiceUnavailable
from app.kit.kept import Kept
from app.matches.live import PATIENCE_SECONDS
from app.openness.facts import readable
from app.openness.openings import Member, effort_out, members, named, openings_of, profile_of, sentence_of
from app.openness.repository import OpennessRepository, Version
from app.openness.schemas_openings import CohortOpeningOut, CohortOpeningsOut, HelpedOut
from app.openness.service import Asked, Means
from matching.openness.effort import EffortTable, default_efforts
from matching.openness.openings import CohortOpening, Opens, cohort_openings, opens

MOST_OF_COHORT: Final = 100
CALLS_OF_COHORT: Final = 200
"""How many startups of a cohort are looked at, the newest, and with how many calls each, the best fitting ones."""

MOST_KEPT: Final = 20_000
_TOGETHER: Final = 2
_MOST_OPENINGS: Final = 50
_HOUR: Final = 3600
_LONGEST_WAIT: Final = 60.0
_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """What a startup's openings were at ``at``. ``made_of``: the versions of profile and evidence, and the day;
    ``calls``: the state of the calls it was ranked over, and the hour. ``opens``: ``None`` where profile or evidence
    can't be read any more.
    """

    made_of: Version
    calls: Version
    at: dt.datetime
    opens: Opens | None


Opened: TypeAlias = Kept[uuid.UUID, Standing]


@dataclass(frozen=True, slots=True)
class Desk:
    """What looking at a cohort needs of the process."""

    means: Means
    errands: Errands
    opened: Opened


@dataclass(frozen=True, slots=True)
class Look:
    """What can be told now. ``told`` is ``None`` until each startup was worked out as it stands: ``done`` of ``whole``
    are. ``current`` off: calls have come or gone since, and are being looked at.
    """

    told: CohortOpeningsOut | None
    done: int
    whole: int
    current: bool


async def of_cohort(desk: Desk, asked: Asked) -> CohortOpeningsOut:
    """What would help the caller's startups most, each compared with the calls that fit it best, as they are now.

    Raises:
        ServiceUnavailable: it takes longer than a request may; it goes on, and will be there later.

    """
    for _ in range(_TRIES):
        look = await look_at(desk, asked)
        if look.told is not None and look.current:
            return look.told
        await desk.errands.ended(_key(asked), _LONGEST_WAIT)
    if look.told is None:
        raise ServiceUnavailable(retry_after_seconds=10)
    return look.told


async def look_at(desk: Desk, asked: Asked) -> Look:
    """What is known of it now; what is not, is begun. Three statements, however many startups."""
    means = desk.means
    async with means.sessions() as session:
        versions = await OpennessRepository(session).cohort_versions(asked.caller, MOST_OF_COHORT)
    if versions:  # nobody's openings need no index, which may not be read yet
        await means.ranker.index.catch_up(PATIENCE_SECONDS)
    calls = (means.ranker.index.calls_taken, int(asked.now.timestamp()) // _HOUR)
    made_of = {id_: (*version, asked.now.date().toordinal()) for id_, version in versions.items()}
    known = {
        id_: one for id_, mark in made_of.items() if (one := desk.opened.get(id_)) is not None and one.made_of == mark
    }
    missing = [id_ for id_ in made_of if id_ not in known]
    older = [id_ for id_, one in known.items() if one.calls != calls]
    if missing or older:
        desk.errands.begin(_key(asked), partial(_work_out, desk, asked, [*missing, *older], (made_of, calls)))
    told = None if missing else _told(asked, known)
    return Look(told, len(known), len(made_of), current=not older)


def _key(asked: Asked) -> Hashable:
    return "openings", asked.caller.organisation_id


async def _work_out(
    desk: Desk, asked: Asked, ids: Sequence[uuid.UUID], marks: tuple[Mapping[uuid.UUID, Version], Version]
) -> None:
    """A few at a time: other work has its turns between. The marks were read before what they stand for, so that a
    change in between is seen at the next look.
    """
    made_of, calls = marks
    means = desk.means
    for start in range(0, len(ids), _TOGETHER):
        part = ids[start : start + _TOGETHER]
        opened = await _opened(means, asked, part, desk.errands.aside)
        for id_ in part:
            desk.opened.take(id_, Standing(made_of[id_], calls, asked.now, opened.get(id_)))


async def _opened(means: Means, asked: Asked, ids: Collection[uuid.UUID], aside: Aside) -> Mapping[uuid.UUID, Opens]:
    """What opens how many calls to those of these startups that can be read."""
    async with means.sessions() as session:
        stored = await OpennessRepository(session).told_to(asked.caller, ids)
    read = [readable(id_, partial(profile_of, id_, each, asked.now)) for id_, each in stored.items()]
    found = await members(means, asked, [each for each in read if each is not None], CALLS_OF_COHORT, aside)
    return await aside.run(_opens_of, found, asked, default_efforts(), deadline=ASIDE_SECONDS)


def _opens_of(found: Sequence[Member], asked: Asked, efforts: EffortTable) -> dict[uuid.UUID, Opens]:
    return {each.id: opens(openings_of(each, asked, efforts)) for each in found}


def _told(asked: Asked, known: Mapping[uuid.UUID, Standing]) -> CohortOpeningsOut:
    efforts = default_efforts()
    read = {str(id_): each.opens for id_, each in known.items() if each.opens is not None}
    found = cohort_openings(read, efforts)
    return CohortOpeningsOut(
        as_of=min((each.at for each in known.values()), default=asked.now),
        startups=len(read),
        unreadable=len(known) - len(read),
        openings=[_out(each, efforts, asked) for each in found[:_MOST_OPENINGS]],
        effort_as_of=efforts.as_of,
        effort_source=efforts.source,
        disclaimer=disclaimer(asked.lang),
    )


def _out(each: CohortOpening, efforts: EffortTable, asked: Asked) -> CohortOpeningOut:
    return CohortOpeningOut(
        kind=each.kind,
        what=each.what,
        sentence=sentence_of(each.kind, named(each.kind, each.what, asked.lang), asked.lang),
        pairs=each.pairs,
        startups=[HelpedOut(startup_id=uuid.UUID(id_), opens=opens) for id_, opens in each.helps],
        effort=effort_out(each.kind, efforts),
    )
