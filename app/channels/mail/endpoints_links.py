"""Where the links of letters lead: pages for the owners of addresses, who have no key. The token is the right.

Programs that scan mail follow links, so a GET shows a page and changes nothing; its button posts. Mail programs post to
unsubscribe by themselves (RFC 8058). How often a network may ask is limited, as all that is answered without a key.
"""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, Depends, Path, status
from fastapi.responses import HTMLResponse

from app.api.deps import KeyringDep, Lang, NowDep, ReadSessionDep, SessionDep, require_patience
from app.channels.mail import quieting, rendering, service
from app.channels.mail.repository import LinkRepository
from app.kit import i18n
from app.models.digest import DigestState, DigestSubscription

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_patience)])

Token = Annotated[str, Path(max_length=100, pattern="^[0-9A-Za-z_]+$")]
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


@router.get("/mail/confirm/{token}", response_class=HTMLResponse)
async def ask_to_confirm(
    token: Token, db: ReadSessionDep, keyring: KeyringDep, now: NowDep, lang: Lang
) -> HTMLResponse:
    """Ask whether digests are wanted; nothing changes."""
    found = await LinkRepository(db).to_confirm(keyring.token_hashes(token), now)
    if found is not None and found[0].state is DigestState.CONFIRMED:
        return _page(found, lang, "confirmed", None)
    return _page(found, lang, "confirm", f"/mail/confirm/{token}")


@router.post("/mail/confirm/{token}", response_class=HTMLResponse)
async def confirm(token: Token, db: SessionDep, keyring: KeyringDep, now: NowDep, lang: Lang) -> HTMLResponse:
    """Digests are wanted."""
    return _page(await service.confirm(db, keyring, token, now), lang, "confirmed", None)


@router.get("/mail/unsubscribe/{token}", response_class=HTMLResponse)
async def ask_to_unsubscribe(token: Token, db: ReadSessionDep, keyring: KeyringDep, lang: Lang) -> HTMLResponse:
    """Ask whether digests are to end; nothing changes."""
    found = await LinkRepository(db).to_unsubscribe(keyring.token_hashes(token))
    if found is not None and found[0].state is DigestState.UNSUBSCRIBED:
        return _page(found, lang, "unsubscribed", None)
    return _page(found, lang, "unsubscribe", f"/mail/unsubscribe/{token}")


@router.post("/mail/unsubscribe/{token}", response_class=HTMLResponse)
async def unsubscribe(token: Token, db: SessionDep, keyring: KeyringDep, now: NowDep, lang: Lang) -> HTMLResponse:
    """Digests end, at once; whatever the body says (RFC 8058)."""
    return _page(await service.unsubscribe(db, keyring, token, now), lang, "unsubscribed", None)


@router.get("/mail/quiet/{token}", response_class=HTMLResponse)
async def ask_to_quieten(token: Token, db: ReadSessionDep, keyring: KeyringDep, lang: Lang) -> HTMLResponse:
    """Ask whether a person is to get no more letters of a group; nothing changes."""
    found = await quieting.reader_of(db, keyring, token)
    if found is None or found.off:
        return _quiet_page(found, lang, "quieted", None)
    return _quiet_page(found, lang, f"quiet-{found.group}", f"/mail/quiet/{token}")


@router.post("/mail/quiet/{token}", response_class=HTMLResponse)
async def quieten(token: Token, db: SessionDep, keyring: KeyringDep, lang: Lang) -> HTMLResponse:
    """A person gets no more letters of a group, at once; whatever the body says (RFC 8058)."""
    found = await quieting.reader_of(db, keyring, token)
    if found is not None:
        await quieting.quieten(db, found)
    return _quiet_page(found, lang, "quieted", None)


def _quiet_page(found: quieting.Reader | None, lang: i18n.Lang, key: str, action: str | None) -> HTMLResponse:
    if found is None:
        return _page(None, lang, key, action)
    text = rendering.page(cast("i18n.Lang", found.lang or lang), key, "", action)
    return HTMLResponse(text, headers=_HEADERS)


def _page(found: tuple[DigestSubscription, str] | None, lang: i18n.Lang, key: str, action: str | None) -> HTMLResponse:
    if found is None:
        text = rendering.page(lang, "unknown", "", None)
        return HTMLResponse(text, status.HTTP_404_NOT_FOUND, headers=_HEADERS)
    subscription, organisation = found
    text = rendering.page(cast("i18n.Lang", subscription.lang), key, organisation, action)
    return HTMLResponse(text, headers=_HEADERS)
