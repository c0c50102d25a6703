"""What the sheet of a startup and its printed report show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.cohorts import service as cohorts
from app.cohorts.service import Row
from app.eligibility.lists import Wanted
from app.kit.cpu_pool import CpuPool
from app.kit.i18n import MOROCCO, Lang
from app.kit.ids import StartupId
from app.matches.kept import KeptMatches, MatchFilters
from app.matches.schemas import MatchOut
from app.matches.service import shown
from app.models.startup import Startup
from app.startups import claims
from app.startups import service as startups

MOST_MATCHES: Final = 15
SOON: Final = dt.timedelta(days=30)
_REASONS: Final = 3
_SUMS: Final = frozenset({"base", "rest"})
"""Reasons that stand for many small ones: they say nothing by themselves."""


@dataclass(frozen=True, slots=True)
class MatchLine:
    """A match: ``why`` are its weightiest reasons in words, ``amount`` the call's value as a decimal number."""

    match: MatchOut
    why: Sequence[str]
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A startup as its incubator sees it. ``soon``: its next deadlines; ``claim_until``: an open invitation's end."""

    startup: Startup
    row: Row
    untold: Sequence[str]
    matches: Sequence[MatchLine]
    soon: Sequence[MatchLine]
    claim_until: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """Who looks at which startup, when, in which language, with whose threads."""

    caller: Caller
    startup_id: StartupId
    now: dt.datetime
    lang: Lang
    cpu: CpuPool


async def sheet(db: AsyncSession, asked: Asked) -> Sheet:
    """A startup's sheet.

    Raises:
        NotFound: there is no such startup of the caller's.

    """
    caller, startup_id, now = asked.caller, asked.startup_id, asked.now
    startup = await startups.show(db, caller, startup_id)
    row = await cohorts.sheet(db, caller, startup_id, now.astimezone(MOROCCO).date())
    claim_until = None if row.line.claimed else await claims.open_until(db, caller, startup_id, now)
    found = await KeptMatches(db).of_startup(caller, startup_id, MatchFilters(), None, MOST_MATCHES)
    wanted = Wanted(asked.cpu, now, frozenset({"pass", "fail", "unknown"}))
    matches = [_line(each) for each in await shown(db, caller, found, asked.lang, wanted)]
    dated = [(each.match.tender.deadline_at, each) for each in matches if each.match.tender.deadline_at]
    soon = sorted(((at, each) for at, each in dated if now < at <= now + SOON), key=lambda pair: pair[0])
    untold = cohorts.untold_fields(startup.record)
    return Sheet(startup, row, untold, matches, [each for _, each in soon], claim_until)


def _line(match: MatchOut) -> MatchLine:
    alone = (reason for reason in match.reasons if reason.code not in _SUMS)
    weighty = sorted(alone, key=lambda reason: -reason.contribution)[:_REASONS]
    value = match.tender.value
    why = list(dict.fromkeys(reason.sentence for reason in weighty if reason.contribution > 0))
    if value is None:
        return MatchLine(match, why, None, None)
    return MatchLine(match, why, Decimal(str(value.amount)), value.currency)
