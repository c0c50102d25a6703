"""The views of one call: its notice, eligibility with what it asks for, the plan, the ways in, and partners."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from app.api.deps import CpuDep, NowDep, ReadSessionDep
from app.awards.service import awards_of
from app.eligibility import service as eligibility
from app.eligibility.service import Pair
from app.eligibility.telling import told_check
from app.kit.ids import TenderId
from app.linking.service import links_of
from app.matches import deciding
from app.matches import service as matches
from app.matches.decisions import Pair as DecidedPair
from app.openness import consortia
from app.openness.deps import MeansDep
from app.openness.schemas_consortia import ConsortiaIn
from app.openness.service import Asked
from app.planning import service as planning
from app.planning.endpoints import LookoutDep
from app.planning.telling import tell_readiness, tell_routes
from app.requirements import service as requirements
from app.support.equal_treatment import may_meet
from app.tenders import browse
from app.web.pages import page, page_router
from app.web.reasons import gathered, telling
from app.web.startups import StartupParam
from app.web.tender.asked import demands_of
from app.web.tender.notice import amount_of, notice_of, sums_of
from app.web.tender.opening import FounderViewDep, Reader, lang_of, opened
from app.web.tender.timeline import timeline_of

router: APIRouter = page_router("/tenders/{tender_id:uuid}")
_MOST_WANTED = 50


@router.get("")
async def show_call(
    tender_id: uuid.UUID,
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    startup: StartupParam = None,
    before: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
) -> Response:
    """A call: its notice and how it changed; for a founder why it fits, whether they may bid, and what they decided."""
    lang, here = lang_of(request), await opened(db, caller, tender_id, startup)
    call, choice = here.call, here.choice
    links = await links_of(db, call.tender.id)
    awards = await awards_of(db, call.tender.id)
    steps, further = await browse.timeline(db, caller, TenderId(tender_id), before)
    story = judged = None
    if choice is not None:
        story = await matches.story_of(db, caller, DecidedPair(TenderId(tender_id), choice.id), lang)
        judged = await eligibility.for_startup(db, cpu, Pair(caller, TenderId(tender_id), choice.id, now, lang))
    match = story.match if story else None
    return page(
        request,
        "tender/call.html",
        here=here,
        notice=notice_of(call.tender, lang, match.reasons if match else (), match.lot_id if match else None),
        story=story,
        reasons=gathered(telling(match.reasons), lang) if match else [],
        judged=judged,
        links=[each for each in links if each.state != "unlinked"],
        awards=[(each, amount_of(each.value)) for each in awards],
        steps=timeline_of(steps, lang),
        further=further,
        may_meet=call.tender.source is None and may_meet(call.tender.status, call.tender.sector),
    )


@router.get("/eligibility")
async def show_eligibility(
    tender_id: uuid.UUID,
    request: Request,
    caller: Reader,
    db: ReadSessionDep,
    cpu: CpuDep,
    now: NowDep,
    startup: StartupParam = None,
) -> Response:
    """What a call asks for, and for a founder whether they may bid, clause by clause."""
    lang, here = lang_of(request), await opened(db, caller, tender_id, startup)
    told = await requirements.show(db, caller, TenderId(tender_id))
    judged = None
    if here.choice is not None:
        judged = await eligibility.for_startup(db, cpu, Pair(caller, TenderId(tender_id), here.choice.id, now, lang))
    return page(request, "tender/eligibility.html", here=here, told=told, demands=demands_of(told, lang), judged=judged)


@router.get("/plan")
async def show_plan(request: Request, founder: FounderViewDep, out: LookoutDep) -> Response:
    """What a bid still takes: pieces, money, working days, and who helps with what is missing."""
    ready, support = await planning.ready_with_support(out, founder.pair)
    plan = tell_readiness(ready, founder.pair.lang)
    sums, short = sums_of(plan.cash)
    return page(request, "tender/plan.html", here=founder.opened, plan=plan, sums=sums, short=short, support=support)


@router.get("/routes")
async def show_blocking(request: Request, founder: FounderViewDep, db: ReadSessionDep, cpu: CpuDep) -> Response:
    """What shuts the startup out; the ways around it are worked out by themselves."""
    judged = await eligibility.for_startup(db, cpu, founder.pair)
    blocking = [each for each in judged.checks if each.effect == "binds" and each.outcome != "pass"]
    return page(request, "tender/routes.html", here=founder.opened, judged=judged, blocking=blocking)


@router.get("/ways")
async def show_ways(request: Request, founder: FounderViewDep, out: LookoutDep) -> Response:
    """The lawful ways in where a call shuts the startup out."""
    judged, routes = await planning.ways_in(out, founder.pair)
    lang = founder.pair.lang
    sentences = {each.clause or each.rule: told_check(each, lang).sentence for each in judged.checks}
    ways = tell_routes(judged, routes, lang)
    return page(request, "tender/ways.html", here=founder.opened, ways=ways, sentences=sentences)


@router.get("/partners")
async def show_partners(request: Request, founder: FounderViewDep, db: ReadSessionDep) -> Response:
    """Who else looks for a partner for a call; who could bid together is worked out by itself."""
    pair = founder.pair
    found = await deciding.partners_wanted(db, pair.caller, pair.tender_id, None, _MOST_WANTED)
    wanted = await deciding.partners_wanted_items(db, found)
    others = [one for one in wanted if one.startup.id != pair.startup_id]
    asking = len(others) < len(wanted)
    return page(request, "tender/partners.html", here=founder.opened, wanted=others, asking=asking)


@router.get("/consortia")
async def show_consortia(request: Request, founder: FounderViewDep, means: MeansDep) -> Response:
    """The smallest sets of startups that could answer a call together, this one in each of them."""
    pair = founder.pair
    asked = Asked(pair.caller, pair.now, pair.lang)
    made = await consortia.for_startup(means, asked, pair.startup_id, pair.tender_id, ConsortiaIn())
    needs = {need.id: need for need in made.needs}
    return page(request, "tender/consortia.html", here=founder.opened, made=made, needs=needs)
