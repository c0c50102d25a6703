"""Which letters about what waits a person gets."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.kit.schemas import Schema
from app.members import account
from app.models.matter import MatterGroup
from app.web.entry.door import UNFIT, PlanDep
from app.web.forms import Form, filled, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.visitor import SignedInDep, VisitorDep

router = page_router("/account/letters")


class LettersIn(Schema):
    """The groups of matters that letters are wanted of."""

    wanted: list[MatterGroup] = []


@router.get("")
async def show_letters(request: Request, who: SignedInDep, plan: PlanDep, db: ReadSessionDep, now: NowDep) -> Response:
    """What a person is written about."""
    quiet = await account.quiet_of(db, who)
    form = filled(wanted=[group.value for group in MatterGroup if group not in quiet])
    return await _shown(request, who, plan, db, now, form)


@router.post("")
async def choose_letters(
    request: Request, visitor: VisitorDep, who: SignedInDep, plan: PlanDep, db: SessionDep, now: NowDep
) -> Response:
    """Change it; it holds for what is queued already."""
    order, form = read(LettersIn, await sent_form(request), visitor.lang)
    if order is None:
        return await _shown(request, who, plan, db, now, form)
    await account.choose_letters(db, who, order.wanted)
    return see_other(request, "/account/letters", done="letters-saved")


async def _shown(
    request: Request, who: SignedInDep, plan: PlanDep, db: ReadSessionDep, now: NowDep, form: Form
) -> Response:
    own = await account.account_of(db, request.state.keyring, who, now)
    status = UNFIT if form.errors else 200
    return page(request, "account/letters.html", status, account=own, plan=plan, groups=list(MatterGroup), form=form)
