"""Who looks at a page, in which language, and whether a form that came in was one of ours.

A session is a token in a cookie, of which the database knows a keyed hash. A form carries a token that is derived from
the session (or, before sign-in, from a random cookie) and masked anew for each page, so that a compressed answer gives
nothing away; the browser's own word on where the request comes from (``Sec-Fetch-Site``, ``Origin``) must agree.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request
from starlette.datastructures import FormData

from app.accounts.caller import Caller
from app.accounts.scopes import Scope
from app.api.ratelimit import RateLimiter, spend
from app.kit.crypto import Keyring
from app.kit.errors import AppError, Forbidden, NotFound, Unauthenticated
from app.kit.i18n import LANGS, Lang, negotiate
from app.kit.observability import current_work
from app.members.roles import LASTING
from app.members.sessions import SignedIn, seen, signed_in
from app.models.organisation import OrganisationKind

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_FIELD: Final = "csrf_token"
CSRF_HEADER: Final = "x-csrf-token"
LANG_COOKIE: Final = "safqa_lang"
VISIT_COOKIE: Final = "safqa_visit"
DONE_COOKIE: Final = "safqa_done"
_SECRET_BYTES: Final = 32
_LONGEST_COOKIE: Final = 200


class NotFromHere(AppError):
    """A form came in without the token of the page it stood on, or from another site. Load the page anew."""

    status, slug = 403, "form-not-from-here"


class AddressUnconfirmed(AppError):
    """What lasts longer than a session is made once the address is confirmed: see :mod:`app.members.roles`."""

    status, slug = 403, "address-unconfirmed"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who looks. ``visit``: the random value that forms are bound to before sign-in; ``new_visit``: to be set."""

    lang: Lang
    who: SignedIn | None
    visit: str
    new_visit: bool
    secret: bytes

    @property
    def csrf_token(self) -> str:
        """The token of a form, masked anew each time it is read."""
        mask = secrets.token_bytes(_SECRET_BYTES)
        return base64.urlsafe_b64encode(mask + _xor(mask, self.secret)).decode()

    def knows(self, token: str) -> bool:
        """Whether a form's token is one of this visitor's."""
        try:
            raw = base64.urlsafe_b64decode(token.encode("ascii", "replace"))
        except (binascii.Error, ValueError):
            return False
        if len(raw) != 2 * _SECRET_BYTES:
            return False
        return hmac.compare_digest(_xor(raw[:_SECRET_BYTES], raw[_SECRET_BYTES:]), self.secret)


def session_cookie(request: Request) -> str:
    """The name of the cookie of the session: with the prefix that binds it to this host, where https is spoken."""
    return "__Host-safqa" if is_secure(request) else "safqa"


def visit_cookie(request: Request) -> str:
    """The name of the cookie that forms are bound to before sign-in."""
    return f"__Host-{VISIT_COOKIE}" if is_secure(request) else VISIT_COOKIE


def is_secure(request: Request) -> bool:
    """Whether browsers reach this installation by https."""
    public: str | None = getattr(request.state, "public_url", None)
    return bool(public and public.startswith("https://"))


async def look(request: Request) -> Visitor:
    """The visitor of a request; found once per request."""
    known = getattr(request.state, "visitor", None)
    if isinstance(known, Visitor):
        return known
    keyring: Keyring = request.state.keyring
    token = request.cookies.get(session_cookie(request), "")
    who = None
    if 0 < len(token) <= _LONGEST_COOKIE:
        who = await signed_in(request.state.hot, keyring.token_hashes(token))
    visit = request.cookies.get(visit_cookie(request), "")
    new_visit = not 20 <= len(visit) <= _LONGEST_COOKIE
    if new_visit:
        visit = secrets.token_urlsafe(24)
    bound_to = token if who is not None else visit
    secret = hmac.digest(keyring.signing_key("csrf"), bound_to.encode("utf-8", "surrogatepass"), "sha256")
    visitor = Visitor(_lang(request, who), who, visit, new_visit and who is None, secret)
    request.state.visitor = visitor
    if who is not None and (work := current_work()) is not None:
        work.organisation_id = who.caller.organisation_id
    if who is not None and who.seen_long_ago:
        async with request.state.sessions.begin() as session:
            await seen(session, who.session_id, request.state.clock())
    return visitor


async def is_still_here(request: Request) -> bool:
    """Whether whoever asked would be let in now as they were then: what goes on for minutes asks again and again."""
    before = (await look(request)).who
    keyring: Keyring = request.state.keyring
    digests = keyring.token_hashes(request.cookies.get(session_cookie(request), ""))
    now = await signed_in(request.state.hot, digests)
    return before is not None and now is not None and now.caller == before.caller


def unknown_visitor(request: Request) -> Visitor:
    """Whoever asked for what is no page, or while they could not be looked up."""
    return Visitor(_lang(request, None), None, "", new_visit=False, secret=bytes(_SECRET_BYTES))


def _lang(request: Request, who: SignedIn | None) -> Lang:
    chosen = request.cookies.get(LANG_COOKIE)
    if chosen in LANGS:
        return chosen
    if who is not None and who.lang is not None:
        return who.lang
    return negotiate(request.headers.get("accept-language"))


async def check_form(request: Request, visitor: Visitor) -> None:
    """Let a request that changes something pass only if one of our own pages sent it.

    It is read to its end, and then its sender must be signed in as before: else whoever holds back the end of a form
    could send it after they were shut out.

    Raises:
        NotFromHere: it did not.
        Unauthenticated: it brings more than the fields of a form, from somebody who is not signed in; or they were shut
            out, or given another role, while it came in.

    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise NotFromHere
    origin = request.headers.get("origin")
    if origin is not None and not _is_ours(request, origin):
        raise NotFromHere
    token = request.headers.get(CSRF_HEADER)
    kind = request.headers.get("content-type", "")
    if visitor.who is None and not kind.startswith("application/x-www-form-urlencoded"):
        raise Unauthenticated  # files of strangers are not even read
    if token is not None and not visitor.knows(token):
        raise NotFromHere
    form: FormData = await request.form(max_files=50, max_fields=2_000)
    if token is None:
        sent = form.get(CSRF_FIELD)
        if not visitor.knows(sent if isinstance(sent, str) else ""):
            raise NotFromHere
    if visitor.who is not None and not await is_still_here(request):
        raise Unauthenticated


def _is_ours(request: Request, origin: str) -> bool:
    """Whether a page of this installation sent it: a proxy may change the host that we are asked by, not our own."""
    public: str | None = getattr(request.state, "public_url", None)
    hosts = {request.headers.get("host"), urlsplit(public).netloc if public else None}
    return urlsplit(origin).netloc in hosts - {None, ""}


async def get_visitor(request: Request) -> Visitor:
    """Whoever looks, signed in or not."""
    return await look(request)


VisitorDep = Annotated[Visitor, Depends(get_visitor)]


async def get_signed_in(request: Request) -> SignedIn:
    """Whoever is signed in; all others are asked to sign in first."""
    who = (await look(request)).who
    if who is None:
        raise Unauthenticated
    limiter: RateLimiter | None = request.state.limiter
    if limiter is not None:
        spend(limiter, str(who.caller.key_id))
    return who


SignedInDep = Annotated[SignedIn, Depends(get_signed_in)]


def Guard(  # noqa: N802
    scope: Scope, *kinds: OrganisationKind, lasting: bool = False
) -> Callable[[Request], Awaitable[Caller]]:
    """The dependency of a page for these kinds of organisation (any, if none is named) that needs ``scope``::

        caller: Annotated[Caller, Depends(Guard("tenders:write", OrganisationKind.BUYER))]

    It raises ``Unauthenticated`` (which a page answers with the way to sign-in), ``NotFound`` for other kinds of
    organisation, ``Forbidden`` where the person's role has not the scope, and ``AddressUnconfirmed`` for who is a
    member provisionally, where the scope gives access that lasts, or what is made with it does (``lasting``).
    """

    async def guard(request: Request) -> Caller:
        who = await get_signed_in(request)
        if kinds and who.caller.kind not in kinds:
            raise NotFound
        if who.provisional and (lasting or scope in LASTING):
            raise AddressUnconfirmed
        if scope not in who.caller.scopes:
            raise Forbidden(scope=scope)
        return who.caller

    return guard


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
