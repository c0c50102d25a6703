"""The profile: shown, edited by one or two people at once, its versions, who may find it, taken along, erased."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path
from fastapi.responses import JSONResponse, Response
from pydantic import TypeAdapter

from app.api.deps import PageParams
from app.kit.errors import NotFound, ValidationFailed
from app.kit.i18n import translate
from app.kit.paging import Keyset
from app.matches.deps import RankerDep
from app.matches.profiles import profile_of
from app.models.startup import Startup
from app.startups import portability, service
from app.startups.endpoints_history import export_startup
from app.startups.views import whole_view
from app.web.forms import Form as Shown
from app.web.forms import sent_form
from app.web.founder import profile_form as forms
from app.web.founder.changes import changes, merged, told
from app.web.founder.here import Editing, Here, Reading, Writing
from app.web.founder.places import country_choices, language_choices, region_choices
from app.web.founder.rows import rows_of
from app.web.founder.understood import TERMS, understood
from app.web.pages import page_router, see_other

router: APIRouter = page_router("/profile")
VERSIONS: Final = Keyset("pages.profile.history", TypeAdapter(tuple[int]))
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("")
async def show_profile(here: Reading) -> Response:
    """The whole profile, and what can be done with it."""
    if here.choice is None:
        return here.none_yet()
    startup = await service.show(here.db, here.caller, here.startup_id)
    return here.show(
        "founder/profile.html", startup=startup, profile=whole_view(startup),
        languages_said=told("languages", startup.record.get("languages"), here.lang),
        country_said=dict(country_choices(here.lang, startup.country or "")).get(startup.country or ""),
    )  # fmt: skip


@router.get("/understood")
async def show_understood(here: Reading, ranker: RankerDep) -> Response:
    """What the ranker made of the profile: what matches rest on."""
    if here.choice is None:
        return here.none_yet()
    found = await profile_of(here.db, ranker, here.caller, here.startup_id, TERMS)
    return here.show("founder/understood.html", understood=understood(found.terms, here.lang))


@router.get("/edit")
async def edit_profile(here: Editing) -> Response:
    """The profile as a form."""
    startup = await service.show(here.db, here.caller, here.startup_id)
    return editor(here, forms.form_of(startup.record, version=str(startup.version)))


@router.post("/edit")
async def save_profile(here: Writing) -> Response:
    """Keep what the form says, unless somebody else has changed the profile since: then both are shown."""
    sent = await sent_form(here.request)
    startup = await service.lock_for_change(here.db, here.caller, here.startup_id)
    if (answer := await conflict(here, startup, sent, "founder/edit.html")) is not None:
        return answer
    record, form = forms.checked(forms.record_of(sent, startup.record), sent, here.lang)
    if record is None:
        return editor(here, form, 422)
    try:
        await service.replace(here.db, here.caller, startup, record, here.now)
    except ValidationFailed as refused:
        await here.db.rollback()
        return editor(here, forms.with_errors(form, refused.field_errors, here.lang), 422)
    return here.on_to("/profile", done="profile-saved")


async def conflict(here: Here, startup: Startup, sent: Shown, template: str, **shown: object) -> Response | None:
    """The form with both people's changes, where the locked profile is not what ``sent`` was filled from."""
    if sent.value("version") == str(startup.version):
        return None
    try:
        base = (await service.version(here.db, here.caller, here.startup_id, _number(sent.value("version")))).record
    except NotFound:
        base = startup.record
    record, theirs = merged(base, startup.record, forms.record_of(sent, base), here.lang)
    form = forms.form_of(record, version=str(startup.version))
    kept = {**sent.values, **form.values}
    return editor(here, Shown(kept), 409, template=template, theirs=theirs, **shown)


def editor(
    here: Here, form: Shown, status: int = 200, /, *, template: str = "founder/edit.html", **shown: object
) -> Response:
    """The form of the profile, or a part of it."""
    spoken = form.values.get("language", ())
    return here.show(template, status, **{
        "form": form, "theirs": (), "names": _names(here), "regions": region_choices(here.lang),
        "spoken": language_choices(here.lang, spoken), "countries": country_choices(here.lang, form.value("country")),
        "label_rows": rows_of(form, "label", "name"),
        "reference_rows": rows_of(form, "reference", "title"), **shown,
    })  # fmt: skip


@router.get("/history")
async def list_versions(here: Reading, asked: PageParams) -> Response:
    """When the profile changed, and by whose hand, the newest first."""
    if here.choice is None:
        return here.none_yet()
    before = asked.after(VERSIONS)
    last = before[0] if before else None
    found = await service.versions(here.db, here.caller, here.startup_id, last, asked.limit + 1)
    following = asked.next_cursor(found, VERSIONS, lambda one: (one.version,))
    return here.show(
        "founder/history.html", versions=found[: asked.limit], us=here.caller.organisation_id,
        next=here.path("/profile/history", cursor=following) if following else None,
        first=here.path("/profile/history") if before else None,
    )  # fmt: skip


@router.get("/history/{version}")
async def show_version(version: Number, here: Reading) -> Response:
    """What a version changed."""
    after = await service.version(here.db, here.caller, here.startup_id, version)
    before = await service.version(here.db, here.caller, here.startup_id, version - 1) if version > 1 else None
    return here.show(
        "founder/version.html", version=after, us=here.caller.organisation_id,
        changes=changes(before.record if before else {}, after.record, here.lang),
    )  # fmt: skip


@router.post("/listing")
async def choose_listing(here: Writing, listed: Annotated[bool, Form()]) -> Response:
    """Let buyers find the profile, or hide it from them."""
    startup = await service.lock_for_change(here.db, here.caller, here.startup_id)
    await service.set_listed(here.db, startup, here.now, listed=listed)
    return here.on_to("/profile", done="profile-listed" if listed else "profile-hidden")


@router.get("/export")
async def export_profile(here: Reading) -> Response:
    """All that is held about the startup, as one document to keep."""
    told_all = await export_startup(here.startup_id, here.caller, here.db, here.now)
    name = f"safqa-{here.now.astimezone(dt.UTC):%Y-%m-%d}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return JSONResponse(told_all.model_dump(mode="json"), headers=headers)


@router.get("/erase")
async def ask_before_erasing(here: Editing) -> Response:
    """What erasing takes away, and whether it is meant."""
    startup = await service.show(here.db, here.caller, here.startup_id)
    return here.show("founder/erase.html", startup=startup, form=Shown())


@router.post("/erase")
async def erase_profile(here: Writing) -> Response:
    """Erase the startup for good, if its name was typed to say so."""
    sent = await sent_form(here.request)
    startup = await service.lock_for_change(here.db, here.caller, here.startup_id)
    if sent.value("name").strip().casefold() != startup.name.strip().casefold():
        form = sent.wrong(name=translate("web.founder.erase.differs", here.lang))
        return here.show("founder/erase.html", 422, startup=startup, form=form)
    await portability.erase(here.db, startup, here.now)
    return see_other(here.request, "/profile", done="profile-erased")


def _names(here: Here) -> dict[str, str]:
    """The words of the form's fields, for the list of what is wrong with them."""
    fields = (*forms.TEXTS, *forms.LISTS, "places", "turnover", "currency")
    return {name: translate(f"web.founder.field.{name}", here.lang) for name in fields}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
