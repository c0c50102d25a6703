"""Imports on the wire."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Literal

from pydantic import Field

from app.kit.schemas import OutSchema
from app.models.import_run import ImportKind, ImportState


class ImportRunOut(OutSchema):
    """A bulk import and how far it is. `seen` is always `created + updated + unchanged + rejected`."""

    id: uuid.UUID
    kind: ImportKind
    state: ImportState = Field(description="`held`: looked at on a page, not begun; `finished` and `failed` are final.")
    filename: str
    size: int = Field(description="Bytes that were uploaded.")
    agreed: bool = Field(description="The operator said that these startups have agreed to being listed.")
    seen: int
    created: int
    updated: int = Field(description="Records that differ from what was stored; each made a new version.")
    unchanged: int = Field(description="Records that say what was stored already; nothing was touched.")
    rejected: int = Field(description="Records that were refused; see `/rejected` for the reason of each.")
    problem_code: str | None = Field(description="Why the file as a whole was given up, as a stable code.")
    problem: str | None = Field(description="The same in one English line. What stood before it is stored.")
    created_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None


class RejectedOut(OutSchema):
    """A record that was refused."""

    line: int = Field(description="Line or row from 1; where `unit` is `record`, the position in a list.")
    unit: Literal["line", "record"]
    code: str = Field(description="Stable: `field.invalid`, `json.invalid`, `id.duplicate`, `startup.claimed` ...")
    reason: str = Field(description="What is wrong, in English, naming the field.")
    excerpt: str = Field(description="The beginning of what was read.")
