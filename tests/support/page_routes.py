"""The routes of all pages."""

from __future__ import annotations

from collections.abc import Iterator

from fastapi.routing import APIRoute

from app.web.routers import ROUTERS


def page_routes() -> list[APIRoute]:
    """Every route of every area."""

    def walk(routes: list[object]) -> Iterator[APIRoute]:
        for route in routes:
            if isinstance(route, APIRoute):
                yield route
            else:
                yield from walk(route.original_router.routes)  # type: ignore[attr-defined]  # a router in a router

    return [route for router in ROUTERS for route in walk(list(router.routes))]
