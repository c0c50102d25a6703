"""Where requests come from, as far as it tells who shares an allowance."""

from __future__ import annotations

import ipaddress


def network_of(host: str | None) -> str:
    """Who shares a counter: an IPv4 address, the /64 of an IPv6 address; whoever has none shares one."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
