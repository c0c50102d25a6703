"""A provider of identities that the operator set: OpenID Connect, by code with PKCE, state and nonce.

What the provider says of itself (discovery, its keys) is asked for once an hour. Its answers are bounded in time and
followed nowhere; an ID token counts only with its signature, issuer, audience, nonce and time.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, KeySetSerialization
from pydantic import BaseModel, JsonValue, ValidationError

from app.kit.crypto import same_secret

SCOPE: Final = "openid email profile"
CALLBACK: Final = "/sign-in/provider/callback"
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA"]
_KEPT_SECONDS: Final = 3_600.0
_SECONDS: Final = 10.0
_LARGEST: Final = 300_000
_LEEWAY: Final = 60
_LONGEST_NAME = 120
_LONGEST_SUBJECT: Final = 255
"""OpenID Connect Core 1.0, section 2."""


class ProviderFailed(Exception):
    """The provider could not be asked, or what came from it can't be relied on; the text is for the log."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """Us, as the provider knows us. ``name``: what people know it by; ``site``: where our pages are."""

    issuer: str
    client_id: str
    client_secret: str | None
    name: str
    site: str


@dataclass(frozen=True, slots=True)
class Begun:
    """Somebody on the way to the provider: where they go, and what is to be compared when they come back."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Who came back. ``mail``: only if the provider says that it was verified."""

    issuer: str
    subject: str
    mail: str | None
    name: str | None


class _Metadata(BaseModel):
    """What we need of a provider's discovery document (OpenID Connect Discovery 1.0, 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: _Metadata
    keys: KeySet
    at: float


class Provider:
    """The provider, with what it said of itself lately."""

    def __init__(self, us: OidcClient) -> None:
        self.us = us
        self._known: _Known | None = None
        self._asking = asyncio.Lock()

    async def begin(self) -> Begun:
        """Send somebody to the provider.

        Raises:
            ProviderFailed: it can't be reached.

        """
        known = await self._told()
        nonce, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        async with self._client(known.metadata) as client:
            url, state = client.create_authorization_url(
                known.metadata.authorization_endpoint, nonce=nonce, code_verifier=verifier
            )
        return Begun(str(url), str(state), nonce, verifier)

    async def finish(self, begun: Begun, answered: Mapping[str, str]) -> Identity:
        """Who came back with this answer (the query of the address they were sent to).

        Raises:
            ProviderFailed: the answer is not to what was asked, or does not hold.

        """
        state, code = answered.get("state", ""), answered.get("code", "")
        if not code or not same_secret(state.encode(), begun.state.encode()):
            raise ProviderFailed(f"no code for this state ({answered.get('error', 'none told')[:80]!r})")
        if answered.get("iss", self.us.issuer) != self.us.issuer:  # RFC 9207
            raise ProviderFailed("the answer is another issuer's")
        known = await self._told()
        try:
            async with self._client(known.metadata) as client:
                tokens = await client.fetch_token(
                    known.metadata.token_endpoint, code=code, code_verifier=begun.verifier
                )
                claims = await self._claims(known, tokens, begun.nonce)
                if "email" not in claims and known.metadata.userinfo_endpoint is not None:
                    claims = {**await self._userinfo(client, known.metadata.userinfo_endpoint, claims), **claims}
        except (AuthlibBaseError, JoseError, httpx2.HTTPError, ValueError, KeyError) as failed:
            raise ProviderFailed(f"{type(failed).__name__}: {str(failed)[:200]}") from failed
        return self._identity(claims)

    async def _claims(self, known: _Known, tokens: Mapping[str, JsonValue], nonce: str) -> dict[str, JsonValue]:
        """The claims of an ID token that holds (OpenID Connect Core 1.0, 3.1.3.7)."""
        written = str(tokens["id_token"])
        try:
            token = jwt.decode(written, known.keys, algorithms=_ALGORITHMS)
        except (JoseError, ValueError):  # the keys may have been changed since they were asked for
            known = await self._told(anew=True)
            token = jwt.decode(written, known.keys, algorithms=_ALGORITHMS)
        jwt.JWTClaimsRegistry(
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.us.issuer},
            aud={"essential": True, "value": self.us.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        ).validate(token.claims)
        if token.claims.get("azp", self.us.client_id) != self.us.client_id:
            raise ProviderFailed("the token was made for another client")
        return cast("dict[str, JsonValue]", dict(token.claims))

    async def _userinfo(
        self, client: AsyncOAuth2Client, endpoint: str, claims: Mapping[str, JsonValue]
    ) -> Mapping[str, JsonValue]:
        told = _object(await client.get(endpoint))
        if told.get("sub") != claims["sub"]:
            raise ProviderFailed("userinfo is about somebody else")
        return told

    def _identity(self, claims: Mapping[str, JsonValue]) -> Identity:
        mail, name = claims.get("email"), claims.get("name")
        verified, subject = claims.get("email_verified"), claims["sub"]
        if not isinstance(subject, str) or not subject.isprintable() or not 0 < len(subject) <= _LONGEST_SUBJECT:
            raise ProviderFailed("the token is about nobody that could be kept")
        return Identity(
            issuer=self.us.issuer,
            subject=subject,
            mail=mail if isinstance(mail, str) and (verified is True or verified == "true") else None,
            name=" ".join(name.split())[:_LONGEST_NAME] if isinstance(name, str) and name.isprintable() else None,
        )

    async def _told(self, *, anew: bool = False) -> _Known:
        """What the provider says of itself."""
        async with self._asking:
            present = self._known
            if present is not None and not anew and time.monotonic() - present.at < _KEPT_SECONDS:
                return present
            try:
                async with _http() as client:
                    address = f"{self.us.issuer.rstrip('/')}/.well-known/openid-configuration"
                    metadata = _Metadata.model_validate(_object(await client.get(address)))
                    if metadata.issuer != self.us.issuer:
                        raise ProviderFailed(f"the provider calls itself {metadata.issuer[:200]!r}")
                    _check_endpoints(metadata)
                    listed = _object(await client.get(metadata.jwks_uri))
                    keys = KeySet.import_key_set(cast("KeySetSerialization", listed))
            except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValidationError, ValueError) as failed:
                raise ProviderFailed(f"{type(failed).__name__}: {str(failed)[:200]}") from failed
            self._known = _Known(metadata, keys, time.monotonic())
            return self._known

    def _client(self, metadata: _Metadata) -> AsyncOAuth2Client:
        methods = metadata.token_endpoint_auth_methods_supported
        posted = "client_secret_basic" not in methods and "client_secret_post" in methods
        with_secret = "client_secret_post" if posted else "client_secret_basic"
        return AsyncOAuth2Client(
            self.us.client_id,
            self.us.client_secret,
            scope=SCOPE,
            redirect_uri=f"{self.us.site}{CALLBACK}",
            code_challenge_method="S256",
            token_endpoint_auth_method=with_secret if self.us.client_secret is not None else "none",
            timeout=_SECONDS,
            follow_redirects=False,
            trust_env=False,
        )


def _http() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=_SECONDS, follow_redirects=False, trust_env=False)


def _check_endpoints(metadata: _Metadata) -> None:
    """Secrets go to where https leads, or to this machine, where the provider itself is there."""
    plain = metadata.issuer.startswith("http://")
    endpoints = (metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri)
    for endpoint in (*endpoints, *filter(None, (metadata.userinfo_endpoint,))):
        parts = httpx2.URL(endpoint)
        if parts.scheme != "https" and not (plain and parts.host in {"localhost", "127.0.0.1", "::1"}):
            raise ProviderFailed("an endpoint of the provider is not https")


def _object(answer: httpx2.Response) -> dict[str, JsonValue]:
    answer.raise_for_status()
    if len(answer.content) > _LARGEST:
        raise ProviderFailed("an answer of the provider is too long")
    read = json.loads(answer.content)
    if not isinstance(read, dict):
        raise ProviderFailed("an answer of the provider is no object")
    return read
