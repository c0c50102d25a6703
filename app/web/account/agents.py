"""Browsers by the names that people know, from what they call themselves."""

from __future__ import annotations

from typing import Final

# The first that is named counts: all but Firefox pretend to be others too.
_BROWSERS: Final = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
                    ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS: Final = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
                   ("Mac OS X", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


def agent_of(told: str | None) -> str | None:
    """``Firefox, Android``; ``None`` if neither browser nor system is one that we know."""
    names = [next((name for sign, name in known if sign in (told or "")), None) for known in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, names)) or None
