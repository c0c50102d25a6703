"""Signatures of Standard Webhooks, symmetric (``v1``): HMAC-SHA256 over ``id.timestamp.body``, of the body's own bytes.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The package
``standardwebhooks`` signs another text than the header's where a timestamp has a fraction, and raises whatever its
parsing raises for a malformed header; this is shorter than the care it would need.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.push.errors import SignatureExpired, SignatureInvalid

PREFIX: Final = "whsec_"
TOLERANCE: Final = dt.timedelta(minutes=5)
MAX_SIGNATURES: Final = 10
"""More in one header are not looked at: each costs us a comparison."""
_SECRET_BYTES = 32
_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)


def new_secret() -> str:
    """``whsec_`` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature, as it stands in the header."""
    return "v1," + base64.b64encode(_mac(key, webhook_id, str(timestamp), body)).decode()


def verify(headers: Mapping[str, str], body: bytes, keys: Iterable[bytes], now: dt.datetime) -> str:
    """The ``webhook-id`` of a message that one of the keys signed just now.

    The time is judged after the signature, so that only who holds the secret learns that its clock is wrong.

    Raises:
        SignatureInvalid: a header is missing or malformed, or no signature is one of the keys'.
        SignatureExpired: the message was signed over five minutes ago, or will be.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not _ID.fullmatch(webhook_id) or not _TIMESTAMP.fullmatch(timestamp):
        raise SignatureInvalid
    given = _signatures(headers.get("webhook-signature", ""))
    expected = [_mac(key, webhook_id, timestamp, body) for key in keys]
    # Every pair is compared: the time taken tells neither which key nor which signature was the right one.
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        raise SignatureInvalid
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise SignatureExpired(tolerance_seconds=int(TOLERANCE.total_seconds()))
    return webhook_id


def _mac(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    return hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)


def _signatures(header: str) -> Sequence[bytes]:
    """The ``v1`` signatures of a header; other versions and what is no base64 are passed over, as the standard says."""
    found: list[bytes] = []
    for part in header.split(" ")[:MAX_SIGNATURES]:
        version, _, encoded = part.partition(",")
        if version == "v1":
            try:
                found.append(base64.b64decode(encoded, validate=True))
            except (binascii.Error, ValueError):
                continue
    return found
