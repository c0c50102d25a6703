"""The main menu of each kind of organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from app.members.sessions import SignedIn
from app.models.organisation import OrganisationKind as Kind


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the menu: its words (``web.menu.<key>``), where it leads, and whether the reader is there."""

    key: str
    path: str
    here: bool


_MENUS: Final[dict[Kind, tuple[tuple[str, str], ...]]] = {
    Kind.STARTUP: (
        ("matches", "/matches"),
        ("search", "/tenders"),
        ("calendar", "/calendar"),
        ("profile", "/profile"),
        ("openings", "/openings"),
        ("pilots", "/pilots"),
        ("meetings", "/meetings"),
        ("alerts", "/alerts"),
    ),
    Kind.BUYER: (
        ("calls", "/calls"),
        ("pool", "/pool"),
        ("pilots", "/pilots"),
        ("meetings", "/meetings"),
        ("search", "/tenders"),
        ("alerts", "/alerts"),
    ),
    Kind.INCUBATOR: (
        ("cohort", "/cohort"),
        ("imports", "/cohort/import"),
        ("search", "/tenders"),
        ("pilots", "/pilots"),
        ("alerts", "/alerts"),
    ),
    Kind.OPERATOR: (
        ("sources", "/operate/sources"),
        ("errors", "/notice-errors"),
        ("organisations", "/operate/organisations"),
        ("health", "/operate/health"),
        ("search", "/tenders"),
        ("endpoints", "/endpoints"),
    ),
}


_UNDER: Final = {
    "/endpoints": ("/alerts",),
    "/keys": ("/alerts",),
    "/evidence": ("/profile",),
    "/searches": ("/tenders",),
    "/notice-errors": ("/calls",),
    "/attestations": ("/pilots",),
    "/imports": ("/cohort/import", "/calls"),
}
"""Pages that stand beside the one of an entry, where the menu has no entry of their own: the first entry it has."""


def entries_for(who: SignedIn | None, path: str) -> Sequence[Entry]:
    """The entries of whoever looks; the one with the longest path that leads to ``path`` is where they are."""
    if who is None:
        return ()
    menu = _MENUS[who.caller.kind]
    known = {there for _, there in menu}
    for own, above in _UNDER.items():
        if own not in known and (path == own or path.startswith(f"{own}/")):
            path = next((entry for entry in above if entry in known), path)
    leading = [there for there in known if path == there or path.startswith(f"{there}/")]
    here = max(leading, key=len, default=None)
    return [Entry(key, there, there == here) for key, there in menu]


def home_of(kind: Kind) -> str:
    """The page that a person of such an organisation begins with."""
    return _MENUS[kind][0][1]
