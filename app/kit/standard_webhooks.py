"""Standard Webhooks, symmetric (``v1``): secrets, and HMAC-SHA256 over ``id.timestamp.body``, of the body's own bytes.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. Both directions use it: what
others push to us, and what we send. The package ``standardwebhooks`` signs another text than the header's where a
timestamp has a fraction; it checks ours in the tests.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from typing import Final

PREFIX: Final = "whsec_"
_SECRET_BYTES = 32


def new_secret() -> str:
    """``whsec_`` and 32 random bytes in base64."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def key_of(secret: str) -> bytes:
    """The key that a secret stands for."""
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)


def mac(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    """What is compared: 32 bytes. ``timestamp`` as it stands in the header."""
    return hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, hashlib.sha256)


def sign(key: bytes, webhook_id: str, timestamp: int, body: bytes) -> str:
    """One signature, as it stands in the header."""
    return "v1," + base64.b64encode(mac(key, webhook_id, str(timestamp), body)).decode()


def signed_headers(keys: Sequence[bytes], webhook_id: str, at: dt.datetime, body: bytes) -> dict[str, str]:
    """The three headers of a message sent at an instant, with one signature for each key."""
    timestamp = int(at.timestamp())
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(sign(key, webhook_id, timestamp, body) for key in keys),
    }
