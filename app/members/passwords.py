"""Passwords: Argon2id (RFC 9106), hashed in threads; what may be one."""

from __future__ import annotations

import asyncio
import functools
import secrets
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_Result = TypeVar("_Result")
SHORTEST: Final = 10
LONGEST: Final = 200
"""Beyond this, a password only costs memory: whoever wants more writes a book."""
# RFC 9106, 4: the second recommended setting, for where memory is short (64 MiB, three passes).
_HASHER: Final = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)
_AT_ONCE: Final = 2
"""How many are hashed side by side: each takes 64 MiB. Whoever comes more often than that is held off before."""
# What attacks try first, of ten characters and more; shorter ones are refused anyway.
_COMMON_WORDS: Final = """
1234567890 0123456789 9876543210 0987654321 12345678910 123456789a a123456789 1234567891 1122334455 1111111111
0000000000 2222222222 5555555555 7777777777 9999999999 1234512345 1212121212 123123123123 qwertyuiop qwerty1234
qwerty12345 qwerty123456 qwertyuiop1 azertyuiop azerty1234 azerty12345 azerty123456 azertyuiop1 1q2w3e4r5t
1q2w3e4r5t6y 1qaz2wsx3edc qazwsxedcrfv zaq12wsxcde3 asdfghjkl1 asdfghjkl; password12 password123 password1234
password123! passw0rd123 p@ssw0rd123 p@ssword123 motdepasse motdepasse1 motdepasse123 administrator administrateur
admin12345 admin123456 adminadmin welcome123 welcome1234 bienvenue1 bienvenue123 iloveyou12 iloveyou123 jetaime123
football123 superman123 letmein123 abc1234567 abcd123456 abcdefghij abcdefghijk a1b2c3d4e5 changeme123 changemoi1
maroc12345 maroc123456 morocco123 casablanca casablanca1 casablanca123 marrakech1 marrakech123 safqasafqa safqa12345
safqa123456 startup123 startup1234 secret1234 0600000000 0612345678 hamdoulillah inchallah1 bismillah1 bismillah123
"""
_COMMONEST: Final = frozenset(_COMMON_WORDS.split())


class UnfitPassword(ValueError):
    """``why``: ``short``, ``long``, ``common`` or ``own`` (the person's own address)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def checked(password: str, mail: str) -> str:
    """A new password as it is hashed (NFKC, so that every keyboard's way of writing it is the same).

    Raises:
        UnfitPassword: it can't be one.

    """
    password = unicodedata.normalize("NFKC", password)
    if len(password) < SHORTEST:
        raise UnfitPassword("short")
    if len(password) > LONGEST:
        raise UnfitPassword("long")
    folded, own = password.casefold(), mail.casefold()
    if folded in _COMMONEST or len(set(folded)) < 4:
        raise UnfitPassword("common")
    if folded in {own, own.partition("@")[0]} or own in folded:
        raise UnfitPassword("own")
    return password


async def hashed(password: str) -> str:
    """The PHC string to store for a password."""
    return await _in_thread(functools.partial(_hash, password))


async def verified(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed. Takes as long where there is none (``stored`` is ``None``)."""
    password = unicodedata.normalize("NFKC", password[: LONGEST + 1])
    return await _in_thread(functools.partial(_verify, stored, password))


def outdated(stored: str) -> bool:
    """Whether a password was hashed with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


async def _in_thread(work: Callable[[], _Result]) -> _Result:
    return await asyncio.get_running_loop().run_in_executor(_threads(), work)


@functools.cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")


def _hash(password: str) -> str:
    return _HASHER.hash(_bytes(password))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")


def _verify(stored: str | None, password: str) -> bool:
    nobody = _hash_of_nobody()  # made at the first try, whosever it is: it would else take longer for nobody's
    try:
        _HASHER.verify(stored if stored is not None else nobody, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@functools.cache
def _hash_of_nobody() -> str:
    """Of a password that nobody has, with the parameters of the others."""
    return _HASHER.hash(secrets.token_urlsafe())
