"""Secrets: hashed when they are only compared, encrypted when they must be shown again, random from the start.

Every key is derived (HKDF-SHA256) from a server secret for one purpose, so that no two uses share a key. To rotate,
put the new secret first and keep the old one after it: new values use the first, old values are still understood.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import string
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_TOKEN_BYTES = 32
_TOKEN_DIGITS = 43  # ceil(256 / log2(62))
_NONCE_BYTES = 12
_KEY_ID_BYTES = 4
_MIN_SECRET_CHARS = 32


class DecryptionFailed(Exception):
    """The ciphertext was changed, belongs elsewhere, or its secret is no longer configured."""


def new_token(prefix: str) -> str:
    """``<prefix>_`` and 32 random bytes in base 62: one word for a double click, findable by secret scanners."""
    return token_of(prefix, secrets.token_bytes(_TOKEN_BYTES))


def token_of(prefix: str, raw: bytes) -> str:
    """A token that holds 32 bytes of one's own choice, in the form of all others."""
    number = int.from_bytes(raw)
    digits = []
    for _ in range(_TOKEN_DIGITS):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return f"{prefix}_{''.join(reversed(digits))}"


def held_by(prefix: str, token: str) -> bytes | None:
    """The 32 bytes of a token; ``None``: it has not the form of one with this prefix."""
    start, _, digits = token.partition("_")
    if start != prefix or len(digits) != _TOKEN_DIGITS or not set(digits) <= set(_ALPHABET):
        return None
    number = 0
    for digit in digits:
        number = number * 62 + _ALPHABET.index(digit)
    return number.to_bytes(_TOKEN_BYTES) if number < 256**_TOKEN_BYTES else None


def token_hint(token: str) -> str:
    """What may be shown of a token afterwards: its prefix and four characters (24 of 256 bits)."""
    prefix, _, rest = token.rpartition("_")
    return f"{prefix}_{rest[:4]}"


def new_server_secret() -> str:
    """A secret fit for :class:`Keyring`."""
    return secrets.token_urlsafe(48)


def same_secret(left: bytes, right: bytes) -> bool:
    """Whether two secrets are equal, in a time that tells nothing about where they differ."""
    return hmac.compare_digest(left, right)


class Keyring:
    """The server secrets, the present one first, and everything that is done with them."""

    def __init__(self, server_secrets: Sequence[str]) -> None:
        if not server_secrets:
            raise ValueError("a keyring needs at least one secret")
        if any(len(secret) < _MIN_SECRET_CHARS for secret in server_secrets):
            raise ValueError(f"a server secret must have at least {_MIN_SECRET_CHARS} characters")
        self._hash_keys = tuple(_derive(secret, "token-hash") for secret in server_secrets)
        self._secrets = tuple(server_secrets)
        self._ciphers = {
            _key_id(key): AESGCM(key) for key in reversed([_derive(secret, "encryption") for secret in server_secrets])
        }
        self._current_key_id = _key_id(_derive(server_secrets[0], "encryption"))

    def __repr__(self) -> str:
        return f"Keyring(<{len(self._hash_keys)} secrets>)"

    def token_hash(self, token: str) -> bytes:
        """The HMAC-SHA256 to store for a new token: 32 bytes, useless without the server secret."""
        return hmac.digest(self._hash_keys[0], token.encode(), hashlib.sha256)

    def token_hashes(self, token: str) -> tuple[bytes, ...]:
        """The hashes under which a presented token may be stored, the present secret's first."""
        data = token.encode("utf-8", "surrogatepass")
        return tuple(hmac.digest(key, data, hashlib.sha256) for key in self._hash_keys)

    def signing_key(self, purpose: str) -> bytes:
        """A 32-byte key for short-lived signatures (cursors); it changes with the present secret."""
        return self.signing_keys(purpose)[0]

    def signing_keys(self, purpose: str) -> tuple[bytes, ...]:
        """The same of every configured secret, the present one's first: for signatures that outlive a rotation."""
        return tuple(_derive(secret, f"signing:{purpose}") for secret in self._secrets)

    def encrypt(self, plain: bytes, *, context: str) -> bytes:
        """AES-256-GCM of ``plain``; ``context`` (table and row, say) must be given again to decrypt."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._current_key_id].encrypt(nonce, plain, context.encode())
        return self._current_key_id + nonce + sealed

    def decrypt(self, sealed: bytes, *, context: str) -> bytes:
        """What :meth:`encrypt` was given, under any configured secret; :class:`DecryptionFailed` otherwise."""
        key_id, nonce = sealed[:_KEY_ID_BYTES], sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        cipher = self._ciphers.get(key_id)
        if cipher is None or len(nonce) < _NONCE_BYTES:
            raise DecryptionFailed("encrypted with a secret that is not configured")
        try:
            return cipher.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], context.encode())
        except InvalidTag as error:
            raise DecryptionFailed("the ciphertext does not belong here or was changed") from error


def _derive(secret: str, purpose: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=b"safqa", info=purpose.encode()).derive(secret.encode())


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"key-id" + key).digest()[:_KEY_ID_BYTES]
