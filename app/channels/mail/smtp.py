"""One letter handed to the mail server, and what its answers mean. No address and no text of an answer leaves here."""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal, TypeAlias

import aiosmtplib

TlsMode: TypeAlias = Literal["starttls", "tls", "none"]
COMMAND_SECONDS: Final = 30.0
DATA_SECONDS: Final = 300.0
"""A server may take its time to say that it has a message; giving up early makes the letter uncertain."""
_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
# Whoever is refused with these without an enhanced code is refused for the address, not for us.
_ADDRESS_CODES: Final = frozenset({550, 551, 553})
_ADDRESS_SUBJECTS: Final = frozenset({"1", "2"})
_FULL: Final = "5.2.2"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where letters are handed in, and as whom. ``context``: how its certificate is judged, if not as usual."""

    host: str
    port: int
    tls: TlsMode
    sender: str
    user: str | None = None
    password: str | None = None
    context: ssl.SSLContext | None = None


class Handed(StrEnum):
    """Accepted; not now; never for this address; never this letter; nobody knows; not begun."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    REJECTED = "rejected"
    UNCERTAIN = "uncertain"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Answer:
    """The outcome, with codes only: what servers write beside them quotes addresses."""

    outcome: Handed
    code: str


@asynccontextmanager
async def handed_over(
    server: MailServer, to: str, message: bytes, about_to: Callable[[], Awaitable[bool]]
) -> AsyncIterator[Answer]:
    """Hand in one letter. Every failure is an answer; it is yielded at once, before the server is left.

    ``about_to`` is asked once, after the server has taken sender and recipient and before any content leaves: from then
    on, a lost connection means that nobody knows. If it says no, nothing leaves.
    """
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        use_tls=server.tls == "tls",
        start_tls=server.tls == "starttls",
        tls_context=server.context,
        username=server.user,
        password=server.password,
        timeout=COMMAND_SECONDS,
    )
    try:
        yield await _handed(client, server.sender, to, message, about_to)
    finally:
        with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
            async with asyncio.timeout(5):
                await client.quit()
        client.close()


async def _handed(
    client: aiosmtplib.SMTP, sender: str, to: str, message: bytes, about_to: Callable[[], Awaitable[bool]]
) -> Answer:
    if (met := await _prepared(client, sender, to)) is not None:
        return met
    if not await about_to():
        return Answer(Handed.WITHDRAWN, "withdrawn")
    return await _delivered(client, message)


async def _prepared(client: aiosmtplib.SMTP, sender: str, to: str) -> Answer | None:
    """Connected, with sender and recipient taken; what went wrong otherwise. Nothing that matters has left yet."""
    try:
        await client.connect()
        await client.mail(sender)
    except aiosmtplib.SMTPResponseException as said:  # it is us that the server does not like: worth an operator's look
        return Answer(Handed.LATER, f"{_step_of(said)} {_codes(said)}")
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as lost:
        return Answer(Handed.LATER, _name_of(lost))
    try:
        await client.rcpt(to)
    except aiosmtplib.SMTPResponseException as said:
        return Answer(Handed.REFUSED if _blames_address(said) else Handed.LATER, f"recipient {_codes(said)}")
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as lost:
        return Answer(Handed.LATER, _name_of(lost))
    return None


async def _delivered(client: aiosmtplib.SMTP, message: bytes) -> Answer:
    try:
        said = await client.data(message, timeout=DATA_SECONDS)
    except aiosmtplib.SMTPResponseException as refusal:
        codes = f"content {_codes(refusal)}"
        if 400 <= refusal.code < 500:
            return Answer(Handed.LATER, codes)
        return Answer(Handed.REJECTED if 500 <= refusal.code < 600 else Handed.UNCERTAIN, codes)
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as lost:
        return Answer(Handed.UNCERTAIN, _name_of(lost))
    return Answer(Handed.SENT, str(said.code))


def _blames_address(said: aiosmtplib.SMTPResponseException) -> bool:
    """RFC 3463: x.1 is about the address, x.2 about its mailbox, which a full one may be no more
    tomorrow; x.7, say, is about us.
    """
    if not 500 <= said.code < 600:
        return False
    enhanced = _ENHANCED.search(said.message)
    if enhanced is None:
        return said.code in _ADDRESS_CODES
    return enhanced[2] in _ADDRESS_SUBJECTS and enhanced[0] != _FULL


def _codes(said: aiosmtplib.SMTPResponseException) -> str:
    enhanced = _ENHANCED.search(said.message)
    return f"{said.code} {enhanced[0]}" if enhanced else str(said.code)


def _step_of(said: aiosmtplib.SMTPResponseException) -> str:
    match said:
        case aiosmtplib.SMTPAuthenticationError():
            return "login"
        case aiosmtplib.SMTPSenderRefused():
            return "sender"
        case _:
            return "connect"


def _name_of(lost: BaseException) -> str:
    match lost:
        case TimeoutError():
            return "timeout"
        case ssl.SSLError():
            return "certificate"
        case aiosmtplib.SMTPNotSupported():
            return "not-supported"
        case aiosmtplib.SMTPConnectError():
            return "connect"
        case _:
            return "connection-lost"
