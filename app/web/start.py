"""The first page, the choice of a language, and what browsers ask for by themselves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from app.kit.i18n import Lang
from app.web.assets import asset_url
from app.web.entry.door import PlanDep
from app.web.navigation import home_of
from app.web.pages import keep_lang, local_path, page, page_router, see_other
from app.web.visitor import VisitorDep

router = page_router()


@router.get("/")
async def start(request: Request, visitor: VisitorDep, plan: PlanDep) -> Response:
    """What Safqa is; for whoever is signed in, the page they begin with."""
    if visitor.who is not None:
        return RedirectResponse(home_of(visitor.who.caller.kind), 303)
    return page(request, "landing.html", plan=plan)


@router.post("/language")
async def choose_language(
    request: Request, lang: Annotated[Lang, Form()], following: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    """Go on in another language, on the same page."""
    response = see_other(request, local_path(following))
    keep_lang(request, response, lang)
    return response


@router.get("/robots.txt")
async def robots() -> PlainTextResponse:
    """Only the first page is for search engines."""
    return PlainTextResponse("User-agent: *\nAllow: /$\nDisallow: /\n")


@router.get("/favicon.ico")
async def favicon() -> RedirectResponse:
    """The mark, for browsers that ask without having read a page."""
    return RedirectResponse(asset_url("mark.svg"), 308)
