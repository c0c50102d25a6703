"""Addresses of receivers, as far as they can be judged without asking anybody; each connection is judged again.

``https`` to a public name or number on a usual port. What the operator has allowed may also be spoken to in plain
``http``: it lies in the operator's own network.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

from scrapers.net import AddressGuard, inner, is_public

_PRIVATE_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa"})
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.ASCII)
_UNWANTED = re.compile(r"[^\x21-\x7e]|\\")
_PORTS: Final = {"http": 80, "https": 443}


def fault_of(url: str, guard: AddressGuard) -> str | None:
    """Why nothing is sent to an address, as a stable code; ``None`` for one that may be tried."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "url-malformed"
    if _UNWANTED.search(url) or parts.scheme not in _PORTS or not host or parts.fragment:
        return "url-malformed"
    if parts.username is not None or parts.password is not None:
        return "url-names-user"
    host = unicodedata.normalize("NFKC", host).casefold().rstrip(".")
    port = _PORTS[parts.scheme] if port is None else port
    return None if _is_allowed(host, port, guard) else _fault_outside(parts.scheme, host, port, guard)


def _fault_outside(scheme: str, host: str, port: int, guard: AddressGuard) -> str | None:
    if scheme != "https":
        return "url-not-https"
    if port not in guard.ports:
        return "url-port-refused"
    return None if _is_open(host) else "url-not-public"


def _is_allowed(host: str, port: int, guard: AddressGuard) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any((str(part), port) in guard.exceptions for part in inner(address))


def _is_open(host: str) -> bool:
    try:
        return is_public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        last = host.rpartition(".")[2]
        return "." in host and last not in _PRIVATE_NAMES and not _NUMBER.fullmatch(last)
