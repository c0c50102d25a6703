"""Signatures of attestations: compact JWS (RFC 7515) with Ed25519 (RFC 8037), and the short codes that name them.

The private key is derived from the server secret, so there is nothing more to keep; the public one is shown at a
well-known address, and checks what was signed without asking this server.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.db.base import JsonObject
from app.kit.crypto import Keyring

KEYS_PATH = "/.well-known/safqa-attestations.json"
PURPOSE = "attestation"
TYPE = "safqa-attestation+jws"
CODE_CHARACTERS = 16
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
_GROUP = 4
_KEY_ID_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A public key: its id, and its 32 bytes."""

    key_id: str
    raw: bytes


class AttestationKeys:
    """The signing keys of a server, the present one first."""

    def __init__(self, keyring: Keyring) -> None:
        made = [Ed25519PrivateKey.from_private_bytes(seed) for seed in keyring.signing_keys(PURPOSE)]
        self._present = made[0]
        self._public = {_key_id(_raw(key)): key.public_key() for key in made}
        self._key_id = _key_id(_raw(self._present))

    def sign(self, facts: JsonObject) -> str:
        """The facts as a compact JWS. Their order of members does not matter: it is sorted."""
        header = {"alg": "EdDSA", "kid": self._key_id, "typ": TYPE}
        signed = f"{_encoded(orjson.dumps(header))}.{_encoded(orjson.dumps(facts, option=orjson.OPT_SORT_KEYS))}"
        return f"{signed}.{_encoded(self._present.sign(signed.encode()))}"

    def verifies(self, jws: str, facts: JsonObject) -> bool:
        """Whether the signature is of one of our keys, and over just these facts."""
        signed, _, signature = jws.rpartition(".")
        header, _, payload = signed.partition(".")
        try:
            told = orjson.loads(_decoded(header))
            key = self._public.get(told["kid"])
            if key is None or told["alg"] != "EdDSA":
                return False
            key.verify(_decoded(signature), signed.encode())
            same: bool = orjson.loads(_decoded(payload)) == facts
        except (InvalidSignature, binascii.Error, ValueError, KeyError, TypeError):
            return False
        return same

    def public(self) -> Sequence[PublicKey]:
        """Every public key whose signatures are still understood."""
        return [
            PublicKey(key_id, key.public_bytes(Encoding.Raw, PublicFormat.Raw)) for key_id, key in self._public.items()
        ]


def new_code() -> str:
    """80 random bits in Crockford's base 32, without letters that are read for one another: ``7QK2-9M4X-…``."""
    drawn = "".join(secrets.choice(_CROCKFORD) for _ in range(CODE_CHARACTERS))
    return "-".join(drawn[at : at + _GROUP] for at in range(0, CODE_CHARACTERS, _GROUP))


def read_code(typed: str) -> str | None:
    """A code as a person types it, in the form that it was made in; ``None`` if it can't be one."""
    plain = typed.upper().translate(_READ_AS)
    if len(plain) != CODE_CHARACTERS or any(letter not in _CROCKFORD for letter in plain):
        return None
    return "-".join(plain[at : at + _GROUP] for at in range(0, CODE_CHARACTERS, _GROUP))


def base64url(data: bytes) -> str:
    """Base 64 for addresses, without padding (RFC 7515)."""
    return _encoded(data)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _raw(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _key_id(public: bytes) -> str:
    return hashlib.sha256(public).hexdigest()[:_KEY_ID_CHARACTERS]
