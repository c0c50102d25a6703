"""Addresses inside pushed calls: people and programs will follow them, so none may lead into a private network.

Nothing is resolved and nothing is fetched here; whatever fetches one day passes the guard of ``scrapers.net``.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from scrapers.fields import Url
from scrapers.net import is_public

_PRIVATE_NAMES = frozenset({"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "arpa"})
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|\d+)", re.ASCII)
_UNWANTED = re.compile(r"[\x00-\x20\x7f\\]")


def _fault(sentence: str) -> PydanticCustomError:
    return PydanticCustomError("address_refused", "{reason}", {"reason": sentence})


def checked_address(text: str) -> str:
    """The address as it came.

    Raises:
        PydanticCustomError: it is no http(s) address, names a user, or a host that is not in the open internet.
    """
    if _UNWANTED.search(text):
        raise _fault("holds blanks or backslashes")
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _fault("is no address") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise _fault("is no http or https address")
    if parts.username is not None or parts.password is not None:
        raise _fault("names a user")
    _judge_host(unicodedata.normalize("NFKC", host).casefold().rstrip("."))
    return text


def _judge_host(host: str) -> None:
    try:
        if not is_public(ipaddress.ip_address(host.partition("%")[0])):
            raise _fault("leads into a private network")
    except ValueError:
        pass
    else:
        return
    last = host.rpartition(".")[2]
    if _NUMBER.fullmatch(last):  # 127.1, 0x7f000001, 2130706433: browsers read them as IPv4 addresses
        raise _fault("writes an IP address in an unusual way")
    if "." not in host or last in _PRIVATE_NAMES:
        raise _fault("names a host of a private network")


WebAddress = Annotated[Url, AfterValidator(checked_address)]
"""An http(s) address in the open internet, as far as it can be told without asking anybody."""
