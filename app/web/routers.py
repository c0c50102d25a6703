"""The routers of all areas of pages. A new one goes in here."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter

import app.web.assets
import app.web.start

ROUTERS: Final[tuple[APIRouter, ...]] = (
    app.web.start.router,
    app.web.assets.router,
)
