"""How addresses are stored and found again."""

from __future__ import annotations

from app.kit.crypto import Keyring


def hash_of(keyring: Keyring, address: str) -> bytes:
    """What an address is found by. Hardly any server tells upper from lower case in its local part, and no person."""
    return keyring.token_hash(f"mail:{address.lower()}")


def seal(keyring: Keyring, subscription_id: object, text: str) -> bytes:
    """An address or a token as it is stored."""
    return keyring.encrypt(text.encode(), context=_context(subscription_id))


def unseal(keyring: Keyring, subscription_id: object, sealed: bytes) -> str:
    """What was sealed.

    Raises:
        DecryptionFailed: the server's secret is another one than then.
    """
    return keyring.decrypt(sealed, context=_context(subscription_id)).decode()


def _context(subscription_id: object) -> str:
    return f"digest_subscription:{subscription_id}"
