"""Which addresses mail is sent to and from."""

from __future__ import annotations

import re
from typing import Annotated, Final, TypeAlias

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
# RFC 5321 without what no mailbox of today needs and every attack likes: quoted local parts, comments, IP addresses.
_SHAPE: Final = re.compile(rf"(?P<local>{_ATOM}(?:\.{_ATOM})*)@(?P<domain>(?:{_LABEL}\.)+[A-Za-z][A-Za-z0-9-]*)")
_LONGEST_LOCAL = 64


def checked_mail_address(text: str) -> str:
    """The address, its domain in lower case; names of domains beyond ASCII are taken in their ``xn--`` form.

    Raises:
        PydanticCustomError: it is none that we write to.
    """
    found = _SHAPE.fullmatch(text)
    if found is None or len(found["local"]) > _LONGEST_LOCAL or found["domain"].endswith("-"):
        raise PydanticCustomError("mail_address_malformed", "is not an e-mail address")
    return f"{found['local']}@{found['domain'].lower()}"


MailAddress: TypeAlias = Annotated[str, Field(max_length=254), AfterValidator(checked_mail_address)]
