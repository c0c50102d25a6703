"""Handing letters in over TLS, with a login; never without where they were asked for."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.channels.mail.smtp import Answer, Handed, MailServer, handed_over
from tests.support.mail_server import MailBox, running_mail_server


async def yes() -> bool:
    return True


async def hand_over(server: MailServer, to: str, message: bytes, about_to: Callable[[], Awaitable[bool]]) -> Answer:
    async with handed_over(server, to, message, about_to) as answer:
        return answer


def server_of(box: MailBox, **changes: object) -> MailServer:
    plain = MailServer("127.0.0.1", box.port, "none", "digests@safqa.example")
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Of a server with a certificate of its own, and of a client that trusts it."""
    folder: Path = tmp_path_factory.mktemp("tls")
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail.test")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    (folder / "certificate.pem").write_bytes(pem)
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    served.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return served, ssl.create_default_context(cadata=pem.decode())


async def test_starttls_and_a_login(contexts: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    served, trusting = contexts
    async with running_mail_server(served) as box:
        server = server_of(box, tls="starttls", user="safqa", password="right", context=trusting)
        assert (await hand_over(server, "a@b.example", b"Subject: x\r\n\r\nhello\r\n", yes)).outcome is Handed.SENT
        assert box.logins == [("safqa", "right")]
        wrong = await hand_over(replace(server, password="wrong"), "a@b.example", b"\r\n", yes)
        assert (wrong.outcome, wrong.code.split()[0]) == (Handed.LATER, "login")
        assert len(box.got) == 1


async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    contexts: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    async with running_mail_server(contexts[0]) as box:
        answer = await hand_over(server_of(box, tls="starttls"), "a@b.example", b"\r\n", yes)
        assert answer.outcome is Handed.LATER
        assert box.got == []


async def test_a_server_without_starttls_gets_nothing() -> None:
    async with running_mail_server() as box:
        answer = await hand_over(server_of(box, tls="starttls"), "a@b.example", b"\r\n", yes)
        assert answer.outcome is Handed.LATER
        assert (box.got, box.senders) == ([], [])


async def test_nobody_at_home() -> None:
    async with running_mail_server() as box:
        pass
    answer = await hand_over(server_of(box), "a@b.example", b"\r\n", yes)
    assert (answer.outcome, answer.code) == (Handed.LATER, "connect")


async def test_nothing_leaves_when_it_may_not_be_sent() -> None:
    async def no() -> bool:
        return False

    async with running_mail_server() as box:
        assert (await hand_over(server_of(box), "a@b.example", b"\r\n", no)).outcome is Handed.WITHDRAWN
        assert box.got == []


async def test_lines_that_begin_with_a_dot_arrive_as_they_are() -> None:
    async with running_mail_server() as box:
        content = b"Subject: x\r\n\r\n.\r\n..two\r\nRCPT TO:<c@d.example>\r\n"
        assert (await hand_over(server_of(box), "a@b.example", content, yes)).outcome is Handed.SENT
        assert box.got[0].raw.endswith(b"\r\n\r\n.\r\n..two\r\nRCPT TO:<c@d.example>\r\n")
        assert len(box.got) == 1
