"""Instants in the fields of a form: ``datetime-local`` has no zone, and means Morocco's clocks."""

from __future__ import annotations

import datetime as dt

from app.kit.i18n import MOROCCO


def at_home(told: dt.datetime) -> dt.datetime:
    """An instant of a form: one without a zone is one of Morocco."""
    return told if told.tzinfo is not None else told.replace(tzinfo=MOROCCO)


def field_of(instant: dt.datetime) -> str:
    """What the field of an instant says."""
    return f"{instant.astimezone(MOROCCO):%Y-%m-%dT%H:%M}"
