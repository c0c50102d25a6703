"""Organisations: the tenants."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, CreatedAt, Uuid7Key, str_enum


class OrganisationKind(StrEnum):
    """What an organisation comes to Safqa for."""

    STARTUP = "startup"
    BUYER = "buyer"
    INCUBATOR = "incubator"
    OPERATOR = "operator"


class Organisation(Base):
    """A tenant: a startup's firm, a buyer, an incubator, or the operator of this installation.

    A portal that calls are collected from is a buyer of which nobody holds a key: it stands for all who buy there.
    """

    __tablename__ = "organisation"

    id: Mapped[Uuid7Key]
    kind: Mapped[OrganisationKind] = mapped_column(str_enum(OrganisationKind))
    name: Mapped[str]
    country: Mapped[str | None]
    fictional: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[CreatedAt]
