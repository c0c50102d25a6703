"""Routes of attestations: checked by anybody who holds the code, read and revoked by the two sides."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from app.accounts.auth import Caller, CallerDep
from app.api.deps import CpuDep, KeyringDep, Lang, NowDep, ReadSessionDep, SessionDep, require_patience
from app.api.idempotency import IdempotencyDep, IdempotentRoute
from app.api.problems import problems
from app.kit import i18n
from app.kit.errors import NotFound, TooManyRequests
from app.kit.schemas import CleanStr
from app.pilots import attestations
from app.pilots.document import attestation_pdf
from app.pilots.errors import AttestationIsRevoked
from app.pilots.schemas import AttestationOut, KeySet, PublicKeyOut, Revocation
from app.pilots.signing import KEYS_PATH, AttestationKeys, base64url
from app.pilots.views import attestation_view

PDF_SECONDS = 10.0
router = APIRouter(tags=["pilots"], route_class=IdempotentRoute)
well_known = APIRouter(tags=["pilots"])


def get_public_url(request: Request) -> str | None:
    """Where this installation is reached from outside, as far as its operator says."""
    public_url: str | None = request.state.public_url
    return public_url


class _Pdf(Response):
    media_type = "application/pdf"


@router.get(
    "/attestations/{code}", dependencies=[Depends(require_patience)], responses=problems(NotFound, TooManyRequests)
)
async def check_attestation(code: CleanStr, db: ReadSessionDep, keyring: KeyringDep) -> AttestationOut:
    """Whether an attestation is valid or revoked, and what it says. For anybody who holds its code, without a key."""
    return attestation_view(await attestations.check(db, code), AttestationKeys(keyring))


@router.get(
    "/attestations/{code}/document",
    response_class=_Pdf,
    responses={200: {"content": {"application/pdf": {}}, "description": "The document."}, **problems(NotFound)},
)
async def get_attestation_document(
    code: CleanStr,
    caller: Annotated[Caller, CallerDep("pilots:read")],
    db: ReadSessionDep,
    cpu: CpuDep,
    accepted: Lang,
    public_url: Annotated[str | None, Depends(get_public_url)],
    lang: Annotated[
        i18n.Lang | None, Query(description="Its language; that of `Accept-Language` if not given.")
    ] = None,
) -> Response:
    """The attestation as a PDF in Arabic, French or English, for its two sides. The signature is attached to it."""
    found = await attestations.of_side(db, caller, code)
    chosen = lang or accepted
    made = await cpu.run(attestation_pdf, found, chosen, public_url, deadline=PDF_SECONDS)
    headers = {
        "Content-Disposition": f'attachment; filename="attestation-{found.code}-{chosen}.pdf"',
        "Content-Language": chosen,
    }
    return _Pdf(made, headers=headers)


@router.post("/attestations/{code}/revoke", responses=problems(NotFound, AttestationIsRevoked))
async def revoke_attestation(
    code: CleanStr,
    why: Revocation,
    caller: Annotated[Caller, CallerDep("pilots:write")],
    db: SessionDep,
    keyring: KeyringDep,
    now: NowDep,
    _: IdempotencyDep,
) -> AttestationOut:
    """Take an attestation that you gave back, for a reason that whoever checks it reads. It stays so; a reference that
    was made of it leaves the profile.
    """
    return attestation_view(await attestations.revoke(db, caller, code, why.because, now), AttestationKeys(keyring))


@well_known.get(KEYS_PATH)
async def get_attestation_keys(keyring: KeyringDep) -> KeySet:
    """The public keys of attestations as a JSON Web Key Set (RFC 7517), to check them offline. A revocation is known
    here only.
    """
    return KeySet(
        keys=[PublicKeyOut(kid=key.key_id, x=base64url(key.raw)) for key in AttestationKeys(keyring).public()]
    )
