"""``/profile/new``: tell a little, correct what was understood of it, see the first matches."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Annotated, Final

from fastapi import Query
from fastapi.responses import Response
from pydantic import ValidationError

from app.api.deps import CpuDep
from app.api.problems import field_errors_of, sentence_of_field
from app.eligibility.lists import Wanted
from app.kit.errors import AppError, ValidationFailed
from app.kit.i18n import translate
from app.kit.paging import PageRequest
from app.matches import service as matches
from app.matches.deps import RankerDep
from app.matches.kept import MatchFilters
from app.matches.listing import is_ranking, listed
from app.matches.profiles import profile_of_draft
from app.models.profile_proposal import ProfileProposal, ProposalState
from app.models.startup import Startup
from app.profiling import service as proposals
from app.profiling.schemas import ProfileFields
from app.startups import service as startups
from app.startups.errors import StartupAlreadyExists
from app.web.forms import Form, filled, read, sent_file, sent_form
from app.web.founder import onboarding
from app.web.founder import profile_form as forms
from app.web.founder.here import Editing, Here, Reading, Writing
from app.web.founder.routes_profile import conflict, editor
from app.web.founder.understood import TERMS, understood
from app.web.opportunities.cards import match_cards
from app.web.pages import page_router, see_other
from app.web.rendering import link

router = page_router("/profile/new")
MOST_LOOKS: Final = 30
"""How often a page looks again by itself, every two seconds, before it leaves that to its reader."""

_FIRST = 5
_MOST_QUOTES = 40
_PROPOSED = ("description", "technologies", "sectors", "regions", "languages")
Proposal = Annotated[str | None, Query(max_length=64)]
Look = Annotated[int, Query(ge=0, le=1_000)]


@router.get("")
async def tell(here: Editing, another: str | None = None) -> Response:
    """Step 1: a website, a few lines, or a deck."""
    if here.choice is not None and another is None:
        return here.show("founder/new_known.html")
    return _first_step(here, filled(key=uuid.uuid4().hex))


@router.post("")
async def understand(here: Editing) -> Response:
    """Make of it a profile to correct."""
    form = await sent_form(here.request)
    given, form = read(onboarding.BeginningIn, form, here.lang)
    website = None
    try:
        website = onboarding.checked_website(form.value("website"))
    except ValidationError as error:
        form = form.wrong(website=sentence_of_field(field_errors_of(error)[0], here.lang))
    file = await sent_file(here.request, "deck")
    readable = website is not None and onboarding.websites_allowed(here.request)
    if file is None and not readable and not form.value("about").strip():
        form = onboarding.needs_something(form, here)
    if given is None or form.errors:
        return _first_step(here, form, 422)
    await here.db.rollback()  # no connection waits for a deck to be read
    try:
        told = await onboarding.read_all(here.request, given, website, file)
        async with here.request.state.sessions.begin() as db:
            begun = await onboarding.begin(replace(here, db=db), told)
            return _on(here, begun.startup, "check", begun.proposal)
    except StartupAlreadyExists:
        return here.on_to("/profile")
    except AppError as refused:
        said = next(iter(form.refused(refused, here.lang).errors.values()))
        return _first_step(here, form.wrong(**{"deck" if file else "about": said}), 422)


@router.get("/check")
async def check(here: Editing, proposal: Proposal = None, look: Look = 0) -> Response:
    """Step 2: what was understood, to be corrected."""
    startup = await startups.show(here.db, here.caller, here.startup_id)
    found = await onboarding.proposal_of(here, proposal)
    if onboarding.waiting(found):
        again = _again(here, "check", look, proposal)
        return here.show("founder/new_wait.html", read=found.address if found else "", again=again)
    form = forms.form_of(onboarding.drafted(startup, found), version=str(startup.version))
    form = Form({**form.values, "listed": ["true"] if startup.listed else []})
    return editor(here, form, template="founder/new_check.html", **_shown(found))


@router.post("/check")
async def correct(here: Writing, proposal: Proposal = None) -> Response:
    """Let the corrected profile count."""
    sent = await sent_form(here.request)
    startup = await startups.lock_for_change(here.db, here.caller, here.startup_id)
    found = await onboarding.proposal_of(here, proposal, lock=True)
    shown = _shown(found)
    clash = await conflict(here, startup, sent, "founder/new_check.html", **shown)
    if clash is not None:
        return clash
    record, form = forms.checked(forms.record_of(sent, startup.record), sent, here.lang)
    if record is None:
        return editor(here, form, 422, template="founder/new_check.html", **shown)
    try:
        if found is not None and found.state is ProposalState.READY:
            edits = ProfileFields.model_validate({name: _plain(getattr(record, name)) for name in _PROPOSED})
            await proposals.confirm(here.db, here.caller, found, edits, here.now)
        await startups.replace(here.db, here.caller, startup, record, here.now)
        await startups.set_listed(here.db, startup, here.now, listed=sent.has("listed", "true"))
    except ValidationFailed as refused:
        await here.db.rollback()
        wrong = forms.with_errors(form, refused.field_errors, here.lang)
        return editor(here, wrong, 422, template="founder/new_check.html", **shown)
    return _on(here, startup, "first", None)


@router.post("/understood")
async def look_again(here: Editing, ranker: RankerDep) -> Response:
    """What would be understood of the form as it stands; nothing is kept. A part of a page, for htmx."""
    sent = await sent_form(here.request)
    startup = await startups.show(here.db, here.caller, here.startup_id)
    record, _ = forms.checked(forms.record_of(sent, startup.record), sent, here.lang)
    await here.db.rollback()  # the connection is not held while it is computed
    terms = await profile_of_draft(ranker, record, TERMS) if record is not None else []
    return here.show("founder/understood_part.html", understood=understood(terms, here.lang))


@router.get("/first")
async def first_matches(here: Reading, cpu: CpuDep, look: Look = 0) -> Response:
    """Step 3: the first calls that fit, once they are ranked."""
    asked = PageRequest(_FIRST, None, here.request.state.cursors)
    found, _ = await listed(here.db, here.caller, here.startup_id, MatchFilters(), "score", asked)
    items = await matches.shown(here.db, here.caller, found, here.lang, Wanted(cpu, here.now))
    startup = await startups.show(here.db, here.caller, here.startup_id)
    ranking = not items and await is_ranking(here.db, here.startup_id, startup.version)
    again = _again(here, "first", look, None) if ranking else None
    return here.show("founder/new_first.html", cards=match_cards(items, {}, here.lang), ranking=ranking, again=again)


def _first_step(here: Here, form: Form, status: int = 200) -> Response:
    return here.show(
        "founder/new.html", status, form=form, websites=onboarding.websites_allowed(here.request),
        most=onboarding.MOST_ABOUT,
        names={name: translate(f"web.founder.new.{name}", here.lang) for name in ("about", "website", "deck")},
    )  # fmt: skip


def _shown(proposal: ProfileProposal | None) -> dict[str, object]:
    """What the page of step 2 says of the proposal: where it was read, why not, which passages stand behind it."""
    if proposal is None:
        return {"proposal": None, "read": None, "problem": None, "quotes": []}
    problem = proposal.problem_code if proposal.state is ProposalState.FAILED else None
    return {
        "proposal": str(proposal.id), "read": proposal.address, "problem": problem,
        "quotes": proposal.evidence[:_MOST_QUOTES],
    }  # fmt: skip


def _on(here: Here, startup: Startup, step: str, proposal: ProfileProposal | None) -> Response:
    """On to the next step about this startup, which may be one among several from now on."""
    several = here.choice is not None and (here.choice.param is not None or here.choice.id != startup.id)
    named = str(startup.id) if several else None
    query = {"startup": named, "proposal": str(proposal.id) if proposal else None}
    return see_other(here.request, link(f"/profile/new/{step}", **query))


def _again(here: Here, step: str, look: int, proposal: str | None) -> str | None:
    """Where a waiting page looks again; ``None`` once it has done so often enough."""
    if look >= MOST_LOOKS:
        return None
    return here.path(f"/profile/new/{step}", proposal=proposal, look=look + 1)


def _plain(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
