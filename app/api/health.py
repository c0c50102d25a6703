"""Whether this process lives, whether it can serve, and what it counts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from fastapi import APIRouter, Request, Response
from pydantic import Field

from app.kit.metrics import Metrics
from app.kit.observability import get_logger
from app.kit.schemas import OutSchema

log = get_logger(__name__)

CHECK_SECONDS = 2.0
Facts: TypeAlias = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True)
class ReadinessCheck:
    """Something that must hold before requests are sent here. ``check`` returns facts to show, or raises."""

    name: str
    check: Callable[[], Awaitable[Facts]]


class NotReady(Exception):
    """Raised by a check that knows what is wrong; its text is shown, so it must be safe to show."""


class CheckOut(OutSchema):
    """The outcome of one check."""

    name: str
    ok: bool
    reason: str | None = None
    facts: dict[str, str | int | float | bool | None] = Field(default_factory=dict)


class HealthOut(OutSchema):
    """The process answers."""

    status: Literal["ok"] = "ok"


class ReadinessOut(OutSchema):
    """Whether requests may be sent here, check by check."""

    status: Literal["ready", "unready"]
    checks: list[CheckOut]


router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> HealthOut:
    """The process is alive; says nothing of what it depends on. Restart it when this fails."""
    return HealthOut()


@router.get("/readyz", responses={503: {"model": ReadinessOut, "description": "Not now; the checks say why."}})
async def readyz(request: Request, response: Response) -> ReadinessOut:
    """Whether this process can serve: database, migrations, index. Send it no requests while this fails."""
    outcomes = await outcomes_of(request.state.readiness)
    ready = all(outcome.ok for outcome in outcomes)
    response.status_code = 200 if ready else 503
    response.headers["Cache-Control"] = "no-store"
    return ReadinessOut(status="ready" if ready else "unready", checks=outcomes)


async def outcomes_of(checks: Sequence[ReadinessCheck]) -> list[CheckOut]:
    """What each check says now, all at once; none takes longer than ``CHECK_SECONDS``."""
    return await asyncio.gather(*(_run(check) for check in checks))


@router.get("/metrics", response_class=Response, include_in_schema=False)
async def metrics(request: Request) -> Response:
    """The counters of this process for Prometheus."""
    counted: Metrics = request.state.metrics
    return Response(counted.render(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _run(check: ReadinessCheck) -> CheckOut:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            return CheckOut(name=check.name, ok=True, facts=dict(await check.check()))
    except NotReady as error:
        return CheckOut(name=check.name, ok=False, reason=str(error))
    except TimeoutError:
        return CheckOut(name=check.name, ok=False, reason=f"no answer within {CHECK_SECONDS:g} s")
    except Exception:  # whatever fails makes us unready; the details are for the log, not for the public
        log.exception("readiness.failed", check=check.name)
        return CheckOut(name=check.name, ok=False, reason="failed; see the logs")
