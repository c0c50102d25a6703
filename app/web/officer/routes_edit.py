"""Writing a call: new, changed, and changed by two people at once. What was typed is shown again until it is kept."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.responses import Response
from sqlalchemy.engine import RowMapping

from app.accounts.caller import Caller
from app.api.deps import NowDep, ReadSessionDep, SessionDep
from app.audit import service as audit
from app.db.base import JsonObject
from app.kit.errors import NotFound, PreconditionFailed, ValidationFailed
from app.kit.i18n import Lang
from app.kit.ids import TenderId
from app.models.audit_entry import AuditAction
from app.models.organisation import OrganisationKind
from app.models.tender import TenderStatus
from app.tenders import browse, service
from app.tenders.regions import regions
from app.tenders.schemas import NewTender, TenderBody
from app.tenders.service import Edit, tender_etag
from app.tenders.states import TRANSITIONS, Action, TenderState
from app.web.forms import Form, sent_form
from app.web.officer.differing import differences, merged
from app.web.officer.draft import HOME_COUNTRY, PROCEDURES, Draft, form_of, record_of
from app.web.officer.lots import lot_rows, one_less, one_more, without_empty
from app.web.officer.mirror import of_typed
from app.web.officer.saying import label_of, lines_of
from app.web.officer.showing import Changed, shown_typed
from app.web.pages import page, page_router, see_other
from app.web.visitor import Guard, VisitorDep

router = page_router("/calls")
Writer = Annotated[
    Caller, Depends(Guard("tenders:write", OrganisationKind.BUYER, OrganisationKind.OPERATOR))
]  # fmt: skip
_TAKE: Final = "take."
_CLAUSES: Final = ("turnover", "references", "certificate", "team", "presence", "consortium", "subcontracting")


@dataclass(frozen=True, slots=True)
class Editing:
    """Whose form it is: ``row`` is the call as it stands, ``None`` for one that is not entered yet."""

    request: Request
    lang: Lang
    row: RowMapping | None = None

    def show(self, form: Form, status: int = 200, /, **more: object) -> Response:
        """The form, with what was asked to be shown beside it."""
        if form.value("do") == "mirror" and self.request.headers.get("hx-request"):
            return page(self.request, "officer/mirror_live.html", panel=more.get("panel"))
        known = form.value("procedure")
        return page(
            self.request, "officer/edit.html", status, form=form, call=self.row, lots=lot_rows(form.values),
            procedures=PROCEDURES, other_procedure=known if known not in PROCEDURES.values() else "",
            regions=regions(), clauses=_CLAUSES, **({"shown": None} | more),
        )  # fmt: skip


@router.get("/new")
async def new_call(request: Request, _: Writer, visitor: VisitorDep) -> Response:
    """An empty form, with what is known of who writes it."""
    assert visitor.who is not None
    reference = f"AO-{request.state.clock():%Y}-{secrets.token_hex(3).upper()}"
    known: JsonObject = {"buyer": {"name": visitor.who.organisation}}
    return Editing(request, visitor.lang).show(form_of(known, reference=reference))


@router.post("/new")
async def enter_call(request: Request, caller: Writer, db: SessionDep, visitor: VisitorDep, now: NowDep) -> Response:
    """Keep a draft."""
    editing, form = Editing(request, visitor.lang), await sent_form(request)
    changed = _rows_changed(form)
    if changed is not None:
        return editing.show(changed)
    form = without_empty(form)
    before: JsonObject = {"id": form.value("reference").strip(), "country": HOME_COUNTRY}
    draft = record_of(form, before, visitor.lang)
    again = await _shown_again(editing, caller, form, draft)
    if again is not None:
        return again
    assert draft.record is not None
    try:
        made = await service.post(db, caller, NewTender.model_validate({**draft.record, "status": "draft"}), now)
    except service.TenderExists as refused:
        return editing.show(form.refused(refused, visitor.lang), 422)
    except ValidationFailed as refused:
        return editing.show(form.refused(refused, visitor.lang, {"deadline": "deadline_day"}), 422)
    return see_other(request, f"/calls/{made.id}", done="call-saved")


@router.get("/{tender_id:uuid}/edit")
async def edit_call(
    tender_id: uuid.UUID, request: Request, caller: Writer, db: ReadSessionDep, visitor: VisitorDep
) -> Response:
    """The form of a draft or of a published call."""
    row = await browse.own(db, caller, TenderId(tender_id))
    if row["status"] not in TRANSITIONS[Action.AMEND]:
        return see_other(request, f"/calls/{tender_id}")  # the way back, once it can't be amended any more
    form = form_of(row["record"], reference=row["external_id"], version=row["version"])
    return Editing(request, visitor.lang, row).show(form)


@router.post("/{tender_id:uuid}/edit")
async def save_call(
    tender_id: uuid.UUID, request: Request, caller: Writer, db: SessionDep, visitor: VisitorDep, now: NowDep
) -> Response:
    """Keep what was typed as a version of its own: at once for a draft, after a look at it for a published call."""
    row = await browse.own(db, caller, TenderId(tender_id))
    editing, form = Editing(request, visitor.lang, row), await sent_form(request)
    changed = _rows_changed(form)
    if changed is not None:
        return editing.show(changed)
    form = without_empty(form)
    before = await browse.own_record(db, caller, TenderId(tender_id), _version(form.value("version")))
    draft = record_of(form, before, visitor.lang)
    again = await _shown_again(editing, caller, form, draft)
    if again is not None and draft.record is not None and form.value("do") == "mirror":
        fields: JsonObject = {"typed": [each.name for each in differences(row["record"], row["record"], draft.record)]}
        await audit.record(db, caller, TenderId(tender_id), AuditAction.MIRROR_VIEWED, fields, now)
    typed = Typed(form, before, draft.record or {})
    again = again or _shown_between(editing, row, typed)
    if again is not None:
        return again
    etag = tender_etag(row["id"], row["version"], row["simplified_access"])
    body = TenderBody.model_validate(typed.onto(row))
    try:
        await service.amend(db, Edit(caller, TenderId(tender_id), now, etag), body)
    except PreconditionFailed:  # between our look and the lock
        return _conflict(Editing(request, visitor.lang, await browse.own(db, caller, TenderId(tender_id))), typed)
    except (ValidationFailed, TenderState) as refused:
        return editing.show(form.refused(refused, visitor.lang, {"deadline": "deadline_day"}), refused.status)
    return see_other(request, f"/calls/{tender_id}", done="call-saved")


async def _shown_again(editing: Editing, caller: Caller, form: Form, draft: Draft) -> Response | None:
    """The form again: with what is wrong, how founders will see it, or how many of them could bid. Nothing is kept."""
    if draft.record is None:
        return editing.show(Form(form.values, draft.errors), 422)
    match form.value("do"):
        case "mirror":
            return editing.show(form, panel=await of_typed(editing.request, caller, draft.record, editing.lang))
        case "preview":
            return editing.show(form, shown=await shown_typed(draft.record, editing.lang))
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Typed:
    """A form, the record it was filled from, and the one that it says."""

    form: Form
    before: JsonObject
    record: JsonObject

    def knows(self, row: RowMapping) -> bool:
        """Whether whoever typed has seen the call as it stands, or says the same."""
        return (
            str(row["version"]) in (self.form.value("onto"), self.form.value("version")) or self.record == row["record"]
        )

    def onto(self, row: RowMapping) -> JsonObject:
        """The record to be kept, with what was chosen where somebody else has changed the call meanwhile."""
        if self.form.value("version") == str(row["version"]):
            return self.record
        taken = {name: told[0] for name, told in self.form.values.items() if name.startswith(_TAKE) and told}
        choices = {name.removeprefix(_TAKE): choice for name, choice in taken.items()}
        return merged(self.before, row["record"], self.record, choices)


def _shown_between(editing: Editing, row: RowMapping, typed: Typed) -> Response | None:
    """What is shown before anything is kept: somebody else's changes, or one's own to a published call."""
    do, lang = typed.form.value("do"), editing.lang
    if not typed.knows(row):
        return _conflict(editing, typed)
    if row["status"] is TenderStatus.PUBLISHED and do != "send":
        told = [
            Changed(
                label_of(each.name, lang), lines_of(each.name, each.theirs, lang), lines_of(each.name, each.mine, lang)
            )
            for each in differences(row["record"], row["record"], typed.onto(row))
        ]
        return page(editing.request, "officer/review.html", call=row, changes=told, kept=_kept(typed.form, {"do"}))
    return None


def _conflict(editing: Editing, typed: Typed) -> Response:
    """Both versions side by side, what was typed kept in the page."""
    assert editing.row is not None
    lang = editing.lang
    told = [
        (each, label_of(each.name, lang), lines_of(each.name, each.theirs, lang), lines_of(each.name, each.mine, lang))
        for each in differences(typed.before, editing.row["record"], typed.record)
    ]
    kept = _kept(typed.form, {"do", "onto"})
    return page(editing.request, "officer/conflict.html", 409, call=editing.row, differences=told, kept=kept)


def _kept(form: Form, but: AbstractSet[str]) -> list[tuple[str, str]]:
    """What a page between carries along: every field as it was typed, choices too unless they are made anew."""
    return [
        (name, value)
        for name, values in form.values.items()
        if name not in but and not ("onto" in but and name.startswith(_TAKE))
        for value in values
    ]


def _rows_changed(form: Form) -> Form | None:
    """The form with a row of lots more or less, if that is what was asked."""
    do = form.value("do")
    if do == "add-lot":
        return one_more(form)
    row = do.removeprefix("drop-lot-")
    return one_less(form, int(row)) if do != row and row.isdecimal() and len(row) < 5 else None


def _version(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise NotFound
    return int(typed)
