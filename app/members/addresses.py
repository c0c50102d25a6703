"""How the addresses of people are stored and found again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from pydantic_core import PydanticCustomError

from app.kit.crypto import Keyring
from app.kit.mail_address import checked_mail_address

LONGEST = 254


def cleaned(text: str) -> str | None:
    """The address that somebody typed, without blanks around it; ``None``: it is none."""
    text = text.strip()
    if len(text) > LONGEST:
        return None
    try:
        return checked_mail_address(text)
    except PydanticCustomError:
        return None


def hash_of(keyring: Keyring, address: str) -> bytes:
    """What an address is stored under, in whatever case it is written: hardly any server tells them apart."""
    return keyring.token_hash(_named(address))


def hashes_of(keyring: Keyring, address: str) -> Sequence[bytes]:
    """The hashes under which an address may be stored, the present secret's first."""
    return keyring.token_hashes(_named(address))


def seal(keyring: Keyring, row_id: uuid.UUID, address: str) -> bytes:
    """An address as the row of this id keeps it."""
    return keyring.encrypt(address.encode(), context=_context(row_id))


def unseal(keyring: Keyring, row_id: uuid.UUID, sealed: bytes) -> str:
    """What was sealed.

    Raises:
        DecryptionFailed: the server's secret is another one than then.

    """
    return keyring.decrypt(sealed, context=_context(row_id)).decode()


def _named(address: str) -> str:
    return f"person:{address.lower()}"


def _context(row_id: uuid.UUID) -> str:
    return f"members:{row_id}"
