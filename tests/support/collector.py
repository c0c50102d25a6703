"""`python -m scrapers` in a process of its own, towards a portal on loopback."""

from __future__ import annotations

import asyncio
import sys

from tests.support.portal import Portal
from tests.support.processes import ROOT

_RUN = (
    "import sys\n"
    "from scrapers.__main__ import main\n"
    "from scrapers.net import AddressGuard\n"
    "sys.exit(main(sys.argv[2:], AddressGuard(exceptions=frozenset({('127.0.0.1', int(sys.argv[1]))}))))\n"
)
_HURRY = (
    "import asyncio\n"
    "from scrapers.client import PoliteClient\n"
    "from scrapers.pace import Timing\n"
    "plain, sleep = PoliteClient.of, asyncio.sleep\n"
    "timing = Timing(sleep=lambda seconds: sleep(min(seconds, 0.01)))\n"
    "PoliteClient.of = lambda permit, **more: plain(permit, **more, timing=timing)\n"
)


async def started(portal: Portal, *arguments: str, hurried: bool = False) -> asyncio.subprocess.Process:
    """The command as it is, but for the portal on loopback and, if `hurried`, for waits that are cut short."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", (_HURRY if hurried else "") + _RUN, str(portal.port), *arguments,
        cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
