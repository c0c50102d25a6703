from __future__ import annotations

from app.kit.networks import network_of


def test_those_behind_one_door_share_an_allowance() -> None:
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2:ffff::1") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1")
    assert network_of(None) == network_of("testclient") == "unknown"
