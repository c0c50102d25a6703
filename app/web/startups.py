"""Which startup of their organisation a founder looks at: the only one, or one of several by ``?startup=``."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Query
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.kit.errors import NotFound
from app.kit.ids import StartupId
from app.startups import service
from app.startups.filters import StartupFilters
from app.startups.repository import StartupRepository

MOST_TO_CHOOSE_FROM: Final = 50

StartupParam = Annotated[str | None, Query(alias="startup", max_length=64)]
"""The part of a page's address that names the startup: as it came, for :func:`chosen_startup` to judge."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A startup of the organisation: ``others`` are pairs of (id, name) of all that may be chosen, it included."""

    id: StartupId
    name: str
    others: Sequence[tuple[str, str]]

    @property
    def param(self) -> str | None:
        """What links and forms say as ``startup``; nothing where there is only one."""
        return str(self.id) if len(self.others) > 1 else None


async def chosen_startup(session: AsyncSession, caller: Caller, wanted: str | None) -> Choice | None:
    """The startup that a page is about; ``None`` where the organisation has none yet.

    Raises:
        NotFound: ``wanted`` names none that the caller sees.

    """
    found = await StartupRepository(session).by_name(caller, StartupFilters(), None, MOST_TO_CHOOSE_FROM)
    others = [(str(line.id), line.name) for line in found]
    if wanted is None:
        return Choice(StartupId(found[0].id), found[0].name, others) if found else None
    try:
        startup_id = StartupId(uuid.UUID(wanted))
    except ValueError:
        raise NotFound from None
    name = dict(others).get(str(startup_id))
    if name is None:  # beyond the first ones, or nobody's
        name = (await service.show(session, caller, startup_id)).name
        others = [(str(startup_id), name), *others]
    return Choice(startup_id, name, others)
