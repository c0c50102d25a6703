"""A real mail server on loopback: aiosmtpd, which keeps what it accepts and answers as it is told."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


@dataclass(frozen=True)
class Mail:
    """One accepted mail."""

    to: str
    sender: str
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return cast("EmailMessage", email.message_from_bytes(self.raw, policy=email.policy.default))

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body is not None
        return str(body.get_content())


@dataclass
class MailBox:
    """The server. ``recipients`` and ``contents`` are the next answers, one each; then everything is accepted.

    ``slow``: seconds before content is answered; ``hang_up``: the connection is cut when content has come, before any
    answer, though it is kept.
    """

    port: int = 0
    got: list[Mail] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    contents: list[str] = field(default_factory=list)
    slow: float = 0.0
    hang_up: bool = False
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.senders.pop(0) if self.senders else "250 OK"
        if answer.startswith("2"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self.recipients.pop(0) if self.recipients else "250 OK"
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        await asyncio.sleep(self.slow / 2)
        answer = self.contents.pop(0) if self.contents else "250 2.0.0 kept"
        if answer.startswith("2"):
            raw = cast("bytes", envelope.content)
            self.got.append(Mail(envelope.rcpt_tos[0], str(envelope.mail_from), raw))
        if self.hang_up:
            assert server.transport is not None
            server.transport.close()
        await asyncio.sleep(self.slow / 2)
        return answer

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword
    ) -> AuthResult:
        self.logins.append((given.login.decode(), given.password.decode()))
        return AuthResult(success=given.password == b"right", handled=False)


@asynccontextmanager
async def running_mail_server(context: ssl.SSLContext | None = None) -> AsyncIterator[MailBox]:
    """A server on a free port; with ``context``, one that takes nothing before STARTTLS and a login."""
    box = MailBox()

    def protocol() -> SMTP:
        if context is None:
            return SMTP(box, hostname="mail.test", loop=asyncio.get_running_loop())
        return SMTP(
            box, hostname="mail.test", tls_context=context, require_starttls=True, auth_required=True,
            authenticator=box.authenticate, loop=asyncio.get_running_loop(),
        )  # fmt: skip

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", 0)
    box.port = server.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0)
