"""Fictional people of the sample set: one for each role, with a password made anew each time it is asked for."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from app.accounts.repository import AccountRepository
from app.kit.crypto import Keyring
from app.kit.i18n import Lang
from app.kit.ids import OrganisationId
from app.members import passwords
from app.members.roles import Role
from app.members.service import enrol
from app.members.sessions import end_other_sessions
from app.models.organisation import OrganisationKind
from app.sample import sample_plan


@dataclass(frozen=True, slots=True)
class SamplePerson:
    """Somebody fictional, and the password that lets them in."""

    mail: str
    name: str
    organisation: str
    role: Role
    password: str


_PEOPLE: Final[tuple[tuple[str, str, str, Lang, Role], ...]] = (
    ("operator", "operator@safqa.example", "Idir Amrani", "en", Role.ADMIN),
    ("ain-zitoune", "officer@ain-zitoune.example", "Salma Ouardi", "fr", Role.ADMIN),
    ("pepiniere-targa", "incubator@targa.example", "Youssef Targui", "ar", Role.ADMIN),
    ("sensouss", "founder@sensouss.example", "Amina Soussi", "fr", Role.ADMIN),
    ("sensouss", "reader@sensouss.example", "Hicham Lecteur", "ar", Role.READER),
)
"""Slug of the organisation, address, name, language, role."""


async def renew_sample_people(session: AsyncSession, keyring: Keyring, now: dt.datetime) -> Sequence[SamplePerson]:
    """Give the people of the sample set new passwords, and enter whoever is missing; their sessions end.

    Empty where the sample set is not in the database.
    """
    organisations = {each.slug: each for each in sample_plan().organisations}
    people = []
    made = [secrets.token_urlsafe(9) for _ in _PEOPLE]
    hashes = await asyncio.gather(*map(passwords.hashed, made))
    for (slug, mail, name, lang, role), password, hashed in zip(_PEOPLE, made, hashes, strict=True):
        planned = organisations[slug]
        owner = await AccountRepository(session).organisation_named(planned.name, OrganisationKind(planned.kind))
        if owner is None or not owner.fictional:
            continue
        person = await enrol(
            session, keyring, mail=mail, name=name, lang=lang, organisation=OrganisationId(owner.id), role=role,
            password=None, now=now,
        )  # fmt: skip
        person.password_hash = hashed
        person.totp_secret = person.totp_step = None
        await end_other_sessions(session, person.id, None, now)
        people.append(SamplePerson(mail, name, planned.name, role, password))
    return people
