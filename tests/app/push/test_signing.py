"""Signatures: the published vector, and every way of being wrong."""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.standard_webhooks import key_of, new_secret, sign
from app.push.errors import SignatureExpired, SignatureInvalid
from app.push.signing import verify
from tests.support.push import headers

# The example of the standard's own reference implementations.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID, AT, BODY = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
NOW = dt.datetime.fromtimestamp(AT, dt.UTC)
GOOD = {"webhook-id": ID, "webhook-timestamp": str(AT), "webhook-signature": SIGNATURE}


def test_the_published_vector() -> None:
    assert sign(key_of(SECRET), ID, AT, BODY) == SIGNATURE
    assert verify(GOOD, BODY, [key_of(SECRET)], NOW) == ID


def test_a_new_secret_has_256_bits_and_is_another_each_time() -> None:
    assert len(key_of(new_secret())) == 32
    assert new_secret() != new_secret()


def test_one_of_several_signatures_and_one_of_several_keys_is_enough() -> None:
    several = GOOD | {"webhook-signature": f"v1a,AAAA v1,%%% v1,{base64.b64encode(b'x' * 32).decode()} {SIGNATURE}"}
    assert verify(several, BODY, [b"another key", key_of(SECRET)], NOW) == ID


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_other"},
        {"webhook-id": ""},
        {"webhook-id": "a b"},
        {"webhook-id": "x" * 201},
        {"webhook-timestamp": str(AT + 1)},
        {"webhook-timestamp": f"{AT}.0"},
        {"webhook-timestamp": f" {AT}"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "٢"},
        {"webhook-timestamp": ""},
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook-signature": SIGNATURE[:-4]},
        {"webhook-signature": " ".join(["v1,AAAA"] * 11 + [SIGNATURE])},
    ],
)
def test_a_changed_header_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(SignatureInvalid):
        verify(GOOD | change, BODY, [key_of(SECRET)], NOW)


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_header_is_refused(missing: str) -> None:
    with pytest.raises(SignatureInvalid):
        verify({name: value for name, value in GOOD.items() if name != missing}, BODY, [key_of(SECRET)], NOW)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b" ", b""), b"\xff\xfe"])
def test_another_body_is_refused(body: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        verify(GOOD, body, [key_of(SECRET)], NOW)


@pytest.mark.parametrize("seconds", [-301, 301, 10**9])
def test_the_wrong_time_is_told_to_who_holds_the_secret(seconds: int) -> None:
    later = NOW + dt.timedelta(seconds=seconds)
    with pytest.raises(SignatureExpired):
        verify(GOOD, BODY, [key_of(SECRET)], later)
    with pytest.raises(SignatureInvalid):
        verify(GOOD, BODY, [b"another"], later)


@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_five_minutes_are_taken(seconds: int) -> None:
    assert verify(GOOD, BODY, [key_of(SECRET)], NOW + dt.timedelta(seconds=seconds)) == ID


@given(st.binary(max_size=200), st.text(max_size=60), st.text(max_size=20), st.text(max_size=200))
def test_no_header_makes_it_fail_otherwise(body: bytes, webhook_id: str, timestamp: str, signatures: str) -> None:
    given_headers = {"webhook-id": webhook_id, "webhook-timestamp": timestamp, "webhook-signature": signatures}
    with pytest.raises(SignatureInvalid):
        verify(given_headers, body, [key_of(SECRET)], NOW)


@given(st.binary(max_size=500))
def test_any_bytes_can_be_signed(body: bytes) -> None:
    made = headers(SECRET, body, "msg_1", AT)
    assert verify(made, body, [key_of(SECRET)], NOW) == "msg_1"
