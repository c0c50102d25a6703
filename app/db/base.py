"""The declarative base: constraint names that migrations can rely on, and the types of our columns."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Annotated

from pydantic import JsonValue
from sqlalchemy import BigInteger, DateTime, Enum, MetaData, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import Text, UserDefinedType

from app.kit.ids import new_uuid


class XactId(UserDefinedType[int]):
    """PostgreSQL's ``xid8``: the id of the transaction that last wrote a row; orders the change feeds."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name in DDL."""
        return "xid8"


# Reflection (the migration check) must know the type too.
ischema_names["xid8"] = XactId


def str_enum(values: type[StrEnum]) -> Enum:
    """A text column that holds only the values of ``values``."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=True,
        length=40,
        name=values.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


JsonObject = dict[str, JsonValue]

Uuid7Key = Annotated[uuid.UUID, mapped_column(primary_key=True, default=new_uuid)]
Instant = Annotated[dt.datetime, mapped_column(DateTime(timezone=True))]
CreatedAt = Annotated[dt.datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
Words = Annotated[list[str], mapped_column(ARRAY(Text), default=list, server_default="{}")]
Record = Annotated[JsonObject, mapped_column(JSONB)]
ChangedTx = Annotated[int, mapped_column(XactId, server_default=func.pg_current_xact_id())]
Counter = Annotated[int, mapped_column(BigInteger, default=0, server_default="0")]


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
