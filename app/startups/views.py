"""Rows of startups as their readers may see them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pydantic import JsonValue

from app.accounts.caller import Caller
from app.models.startup import Startup
from app.startups.schemas import SERVER_FIELDS, StartupPublic, StartupView, StartupWhole
from app.startups.visibility import sees_whole

_PRIVATE: Final = frozenset({"turnover", "evidence"})


def view_for(caller: Caller, startup: Startup) -> StartupView:
    """The whole profile or its public part, whichever the caller may see."""
    return whole_view(startup) if sees_whole(caller) else public_view(startup)


def whole_view(startup: Startup) -> StartupWhole:
    """The whole profile: the record as it came, and what the server keeps beside it."""
    columns = {name: getattr(startup, name) for name in SERVER_FIELDS if name != "view"}
    return StartupWhole.model_validate({**startup.record, **columns, "view": "whole", "id": startup.id})


def public_view(startup: Startup) -> StartupPublic:
    """What :class:`StartupPublic` names of the profile, and nothing else."""
    columns = {"id": startup.id, "version": startup.version, "updated_at": startup.updated_at}
    return StartupPublic.model_validate({**startup.record, **columns, "view": "public"})


def public_record(record: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """What a startup may be judged by, or ranked by, for others: its record without its turnover, its evidence and the
    amounts of its contracts. Whoever may ask again and again would learn from the answers what they are not shown.
    """
    public = {name: value for name, value in record.items() if name not in _PRIVATE}
    references = public.get("references")
    if isinstance(references, list):
        public["references"] = [
            {name: value for name, value in each.items() if name != "value"} if isinstance(each, dict) else each
            for each in references
        ]
    return public
