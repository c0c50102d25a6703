"""Checking the signatures of Standard Webhooks that come with pushed messages.

The package ``standardwebhooks`` raises whatever its parsing raises for a malformed header; this is shorter than the
care it would need.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from app.kit.standard_webhooks import mac
from app.push.errors import SignatureExpired, SignatureInvalid

TOLERANCE: Final = dt.timedelta(minutes=5)
MAX_SIGNATURES: Final = 10
"""More in one header are not looked at: each costs us a comparison."""
_ID = re.compile(r"[\x21-\x7e]{1,200}")
_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)


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
    expected = [mac(key, webhook_id, timestamp, body) for key in keys]
    # Every pair is compared: the time taken tells neither which key nor which signature was the right one.
    matches = [hmac.compare_digest(one, other) for one in expected for other in given]
    if not any(matches):
        raise SignatureInvalid
    if abs(now.timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise SignatureExpired(tolerance_seconds=int(TOLERANCE.total_seconds()))
    return webhook_id


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
