"""People who use the pages: who they are, where they belong, and the sessions that they are signed in with."""

from __future__ import annotations

import uuid
from enum import StrEnum

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Instant, Uuid7Key, Words, str_enum


class Role(StrEnum):
    """What a member may do: look, change whatever the organisation may, or also decide on keys and members."""

    ADMIN = "admin"
    MEMBER = "member"
    READER = "reader"


class Person(Base):
    """Somebody who may sign in.

    ``mail`` is sealed; ``mail_hash`` (keyed, of the address in lower case) finds it again. ``password_hash``: Argon2id
    in the PHC string format; none for who signs in by links or by a provider only. ``totp_secret`` is encrypted;
    ``totp_step`` is the last time step (RFC 6238) whose code was taken: none at or before it is taken again.
    ``mail_confirmed_at``: when it was shown that the address is theirs; until then, anybody may have entered it.
    ``quiet``: the groups of matters (``app.models.matter``) that they get no letters of.
    """

    __tablename__ = "person"

    id: Mapped[Uuid7Key]
    mail: Mapped[bytes]
    mail_hash: Mapped[bytes] = mapped_column(unique=True)
    mail_confirmed_at: Mapped[Instant | None]
    name: Mapped[str]
    lang: Mapped[str | None]
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_step: Mapped[int | None]
    quiet: Mapped[Words]
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[Instant | None]


class Membership(Base):
    """A person in an organisation. ``provisional``: they entered it under an address that nobody has confirmed yet."""

    __tablename__ = "membership"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    role: Mapped[Role] = mapped_column(str_enum(Role))
    provisional: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]


class PersonSession(Base):
    """A browser in which a person is signed in, for one organisation at a time.

    ``digest``: the keyed hash of the token in its cookie. ``second_factor_at``: when a second factor was given; a
    person who has one is not signed in before. ``agent``: what the browser called itself, for the list of sessions.
    """

    __tablename__ = "person_session"
    __table_args__ = (Index("ix_person_session_person", "person_id", "id"),)

    id: Mapped[Uuid7Key]
    digest: Mapped[bytes] = mapped_column(unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    agent: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    last_seen_at: Mapped[Instant]
    expires_at: Mapped[Instant] = mapped_column(index=True)
    ended_at: Mapped[Instant | None]
    second_factor_at: Mapped[Instant | None]


class RecoveryCode(Base):
    """A code that stands in for the second factor once; only its keyed hash is kept."""

    __tablename__ = "recovery_code"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    used_at: Mapped[Instant | None]


class PersonIdentity(Base):
    """A person as a provider of identities (OpenID Connect) knows them: its issuer and its subject."""

    __tablename__ = "person_identity"

    issuer: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
