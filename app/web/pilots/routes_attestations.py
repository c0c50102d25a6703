"""Attestations: checked by anybody who holds a code, printed and taken back by the two sides."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from app.api.deps import CpuDep, KeyringDep, NowDep, ReadSessionDep, SessionDep, require_patience
from app.kit.errors import NotFound
from app.kit.i18n import LANGS, Lang
from app.kit.schemas import CleanStr
from app.pilots import attestations
from app.pilots.endpoints_attestations import get_attestation_document, get_public_url
from app.pilots.schemas import Revocation
from app.pilots.signing import KEYS_PATH, AttestationKeys, read_code
from app.pilots.views import attestation_view
from app.web.forms import Form, read, sent_form
from app.web.pages import page, page_router, see_other
from app.web.pilots.access import Buyer, Reader
from app.web.pilots.attested import Told
from app.web.visitor import VisitorDep

router = page_router("/attestations")


@router.get("")
async def show_door(
    request: Request, visitor: VisitorDep, code: Annotated[CleanStr, Query(max_length=100)] = ""
) -> Response:
    """Where a code is typed."""
    del visitor
    typed = code.strip()
    found = read_code(typed) if typed else None
    if found is not None:
        return RedirectResponse(f"/attestations/{found}", 303)
    return page(request, "pilots/check.html", 404 if typed else 200, code=typed)


@router.get("/{code}", dependencies=[Depends(require_patience)])
async def show_attestation(
    code: CleanStr, request: Request, visitor: VisitorDep, db: ReadSessionDep, keyring: KeyringDep
) -> Response:
    """Whether an attestation is valid, and what it says."""
    try:
        found = await attestations.check(db, code)
    except NotFound:
        return page(request, "pilots/check.html", 404, code=code)
    caller = visitor.who.caller if visitor.who is not None else None
    side = False
    if caller is not None:
        try:
            side = await attestations.of_side(db, caller, code) is not None
        except NotFound:
            side = False
    told = attestation_view(found, AttestationKeys(keyring))
    return page(
        request,
        "pilots/attestation.html",
        one=told,
        said=Told.model_validate(told.facts),
        pilot_id=found.pilot_id if side else None,
        langs=LANGS,
        keys_path=KEYS_PATH,
        gave=caller is not None and caller.organisation_id == found.buyer_id and "pilots:write" in caller.scopes,
        form=Form(),
    )


@router.get("/{code}/document")
async def get_document(
    code: CleanStr,
    caller: Reader,
    visitor: VisitorDep,
    db: ReadSessionDep,
    cpu: CpuDep,
    public_url: Annotated[str | None, Depends(get_public_url)],
    lang: Annotated[Lang | None, Query()] = None,
) -> Response:
    """The attestation as a signed paper, for its two sides."""
    return await get_attestation_document(code, caller, db, cpu, visitor.lang, public_url, lang)


@router.post("/{code}/revoke")
async def revoke(
    code: CleanStr, request: Request, caller: Buyer, visitor: VisitorDep, db: SessionDep, now: NowDep
) -> Response:
    """Take an attestation back, for a reason that whoever checks it reads."""
    given = await attestations.of_side(db, caller, code)
    why, form = read(Revocation, await sent_form(request), visitor.lang)
    if why is None:
        told = attestation_view(given, AttestationKeys(request.state.keyring))
        return page(
            request, "pilots/attestation.html", 422, one=told, said=Told.model_validate(told.facts),
            pilot_id=given.pilot_id, langs=LANGS, keys_path=KEYS_PATH,
            gave=given.buyer_id == caller.organisation_id, form=form,
        )  # fmt: skip
    await attestations.revoke(db, caller, code, why.because, now)
    return see_other(request, f"/attestations/{given.code}", done="attestation-revoked")
