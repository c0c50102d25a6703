"""What a browser loads beside a page: one stylesheet, htmx, the Arabic font. Each under a name that tells its content.

The stylesheet is all of ``styles/*.css`` in the order of their names; ``vendor/`` holds what ``make setup`` takes from
the locked npm packages. Everything is read once, compressed once, and kept by browsers for a year.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.kit.errors import NotFound

_HERE: Final = Path(__file__).resolve().parent
STYLESHEET: Final = "safqa.css"
FONTS: Final = ("plex-arabic-400.woff2", "plex-arabic-600.woff2")
_SCRIPTS: Final = ("htmx.min.js", "sse.js")
_TYPES: Final = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".woff2": "font/woff2",
                 ".svg": "image/svg+xml"}  # fmt: skip
_FOREVER: Final = "public, max-age=31536000, immutable"
_FONT_URL = re.compile(r'url\("([a-z0-9.-]+\.woff2)"\)')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")

router = APIRouter(include_in_schema=False)


class AssetsMissing(Exception):
    """A file that ``make setup`` makes is not there."""


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent. ``url``: changes with the content."""

    url: str
    media_type: str
    plain: bytes
    zipped: bytes | None
    """``None`` for what is compressed already."""


@functools.cache
def assets() -> Mapping[str, Asset]:
    """Every asset by its plain name.

    Raises:
        AssetsMissing: the installation is not set up.

    """
    found = {name: _asset(name, _vendored(name)) for name in (*_SCRIPTS, *FONTS)}
    for own in sorted((_HERE / "static").glob("*.*")):
        found[own.name] = _asset(own.name, own.read_bytes())
    parts = [path.read_text(encoding="utf-8") for path in sorted((_HERE / "styles").glob("*.css"))]
    sheet = _SPACE.sub(" ", _COMMENT.sub("", "\n".join(parts)))
    linked = _FONT_URL.sub(lambda font: f'url("{found[font.group(1)].url}")', sheet)
    found[STYLESHEET] = _asset(STYLESHEET, linked.encode())
    return MappingProxyType(found)


@functools.cache
def _by_url() -> Mapping[str, Asset]:
    return MappingProxyType({asset.url: asset for asset in assets().values()})


def asset_url(name: str) -> str:
    """Where a page finds an asset."""
    return assets()[name].url


def _vendored(name: str) -> bytes:
    try:
        return (_HERE / "vendor" / name).read_bytes()
    except FileNotFoundError:
        raise AssetsMissing(f"the pages' file {name} is missing: run `make setup`") from None


def _asset(name: str, content: bytes) -> Asset:
    stem, dot, suffix = name.rpartition(".")
    mark = hashlib.sha256(content).hexdigest()[:12]
    packed = suffix == "woff2"
    return Asset(
        url=f"/assets/{stem}.{mark}{dot}{suffix}",
        media_type=_TYPES[dot + suffix],
        plain=content,
        zipped=None if packed else gzip.compress(content, 9, mtime=0),
    )


@router.get("/assets/{name}")
async def get_asset(name: str, request: Request) -> Response:
    """An asset, by the name that tells its content."""
    asset = _by_url().get(f"/assets/{name}")
    if asset is None:
        raise NotFound
    headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
    if asset.zipped is not None and accepts_gzip(request):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.zipped, media_type=asset.media_type, headers=headers)
    return Response(asset.plain, media_type=asset.media_type, headers=headers)


def accepts_gzip(request: Request) -> bool:
    """Whether the browser unpacks gzip."""
    return "gzip" in request.headers.get("accept-encoding", "").lower()
