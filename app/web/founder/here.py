"""What every page of this area begins with: who looks, at which startup, over which transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.caller import Caller
from app.accounts.scopes import Scope
from app.api.deps import NowDep, get_read_session, get_session
from app.kit.errors import NotFound
from app.kit.i18n import Lang
from app.kit.ids import StartupId
from app.models.organisation import OrganisationKind
from app.web.pages import page, see_other
from app.web.rendering import link
from app.web.startups import Choice, StartupParam, chosen_startup
from app.web.visitor import Guard, Visitor


@dataclass(frozen=True, slots=True)
class Here:
    """A request to a page about one startup. ``choice``: ``None`` where the organisation has no startup yet."""

    request: Request
    caller: Caller
    db: AsyncSession
    choice: Choice | None
    now: dt.datetime

    @property
    def startup_id(self) -> StartupId:
        """The startup's id. Raises NotFound: there is none yet."""
        if self.choice is None:
            raise NotFound
        return self.choice.id

    @property
    def lang(self) -> Lang:
        """The reader's language."""
        visitor: Visitor = self.request.state.visitor
        return visitor.lang

    def path(self, path: str, **query: str | int | None) -> str:
        """The address of another page about the same startup."""
        return link(path, startup=self.choice.param if self.choice else None, **query)

    def show(self, template: str, status: int = 200, /, **shown: object) -> Response:
        """A page about the startup: beside what it shows, ``choice``, ``to``, ``may_write`` and :func:`worth`."""
        may_write = "startups:write" in self.caller.scopes
        own = {"choice": self.choice, "to": self.path, "may_write": may_write, "worth": worth}
        return page(self.request, template, status, **{**own, **shown})

    def none_yet(self) -> Response:
        """The page that says that there is no profile yet, and where one begins."""
        return self.show("founder/none.html")

    def on_to(self, path: str, *, done: str | None = None, **query: str | int | None) -> Response:
        """On to another page about the same startup after a form."""
        return see_other(self.request, self.path(path, **query), done=done)


def worth(amount: float | str) -> Decimal:
    """An amount of an answer of the API, which is a number or, where that would lose digits, text."""
    return Decimal(str(amount))


def _opened(scope: Scope, session: Callable[[Request], AsyncIterator[AsyncSession]]) -> Callable[..., Awaitable[Here]]:
    """What opens a page for founders whose role has ``scope``, over a transaction of ``session``."""
    founder, transaction = Depends(Guard(scope, OrganisationKind.STARTUP)), Depends(session, scope="function")

    async def opened(
        request: Request,
        now: NowDep,
        caller: Caller = founder,
        db: AsyncSession = transaction,
        startup: StartupParam = None,
    ) -> Here:
        return Here(request, caller, db, await chosen_startup(db, caller, startup), now)

    return opened


Reading = Annotated[Here, Depends(_opened("startups:read", get_read_session))]
"""A page that shows."""

Editing = Annotated[Here, Depends(_opened("startups:write", get_read_session))]
"""A page with a form that only those may fill who may change something."""

Writing = Annotated[Here, Depends(_opened("startups:write", get_session))]
"""A form that changes: its transaction is committed when the answer leaves."""
