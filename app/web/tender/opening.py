"""What every view of a call begins with: the call, if the reader may see it, and the startup it is looked at for."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.api.deps import NowDep, ReadSessionDep
from app.eligibility.service import Pair
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import TenderId
from app.models.organisation import OrganisationKind
from app.models.tender import TenderStatus
from app.tenders import browse
from app.tenders.browse import WholeCall
from app.web.rendering import link
from app.web.startups import Choice, StartupParam, chosen_startup
from app.web.visitor import Guard, Visitor


@dataclass(frozen=True, slots=True)
class Opened:
    """A call on a page. ``choice``: the startup it is looked at for, of founders and their partner organisations."""

    call: WholeCall
    choice: Choice | None
    path: str
    may_act: bool

    @property
    def startup(self) -> str | None:
        """What links say as ``startup``."""
        return None if self.choice is None else self.choice.param

    def view(self, name: str) -> str:
        """The address of one of the call's views, for the same startup."""
        return link(f"{self.path}/{name}" if name else self.path, startup=self.startup)


Reader = Annotated[Caller, Depends(Guard("tenders:read"))]
Founder = Annotated[
    Caller,
    Depends(Guard("matches:read", OrganisationKind.STARTUP, OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR)),
]
Actor = Annotated[
    Caller,
    Depends(Guard("matches:write", OrganisationKind.STARTUP, OrganisationKind.INCUBATOR, OrganisationKind.OPERATOR)),
]


async def opened(db: AsyncSession, caller: Caller, tender_id: uuid.UUID, wanted: str | None) -> Opened:
    """A call with the startup it is looked at for: an organisation's own, or the one that is named.

    Raises:
        NotFound: no such call that the caller may see, or no such startup.

    """
    call = await browse.one(db, caller, TenderId(tender_id))
    own = caller.kind is OrganisationKind.STARTUP
    named = wanted is not None and caller.kind is not OrganisationKind.BUYER
    choice = await chosen_startup(db, caller, wanted) if own or named else None
    may_act = "matches:write" in caller.scopes and call.tender.status is not TenderStatus.DRAFT
    return Opened(call, choice, f"/tenders/{call.tender.id}", may_act)


def lang_of(request: Request) -> Lang:
    """The reader's language."""
    visitor: Visitor = request.state.visitor
    return visitor.lang


@dataclass(frozen=True, slots=True)
class FounderView:
    """A view for a founder: the call opened, and the question of who asks about which pair."""

    opened: Opened
    pair: Pair


async def founder_view(
    tender_id: uuid.UUID,
    request: Request,
    caller: Founder,
    db: ReadSessionDep,
    now: NowDep,
    startup: StartupParam = None,
) -> FounderView:
    """A call as a founder's view opens it; the connection is given back before anything is worked out.

    Raises:
        NotFound: no such call or startup, or nobody to look at it for.

    """
    found = await opened(db, caller, tender_id, startup)
    await db.close()
    if found.choice is None:
        raise NotFound
    return FounderView(found, Pair(caller, TenderId(tender_id), found.choice.id, now, lang_of(request)))


FounderViewDep = Annotated[FounderView, Depends(founder_view)]
