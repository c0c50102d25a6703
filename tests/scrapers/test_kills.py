"""Crawls by real processes that are killed again and again, at moments that nobody chose: nothing is lost, nothing twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.collector import started
from tests.support.pmmp_pages import FakeCall, FakeLot
from tests.support.portal import CONTACT, Asked, Portal, Reply
from tests.support.portal_boamp import OdsPortal, call
from tests.support.portal_pmmp import PmmpPortal
from tests.support.portal_ted import TedPortal, published

KILLS_OF_A_SOURCE = 60
"""Four sources: 240 together."""
_KILLS_OF_A_CRAWL = 5
_PATIENCE = 120.0


@dataclass
class SlowLinks(Portal):
    """Pages by link, none of them at once."""

    def __post_init__(self) -> None:
        self.route("/list", self._page)

    def _page(self, asked: Asked) -> Reply:
        at = int(asked.query.get("page", "1"))
        releases = [
            {"ocid": f"ocds-1-{n}", "id": "r", "tag": ["tender"], "tender": {"title": f"Call {n}"}}
            for n in range((at - 1) * 10, at * 10 - (at == 20))  # a last page that is full would not be an end
        ]
        return Reply.json({"releases": releases, "links": {"next": f"/list?page={at + 1}"} if at < 20 else {}})


def links() -> tuple[Portal, list[str]]:
    return SlowLinks(), [
        "ocds",
        "--set",
        "url={url}/list",
        "--set",
        "paging=links",
        "--set",
        "size=10",
        "--set",
        "interval=0",
    ]


def boamp() -> tuple[Portal, list[str]]:
    today = dt.datetime.now(dt.UTC).date()
    rows = [call(n, str(today - dt.timedelta(days=n % 5))) for n in range(600)]
    return OdsPortal(rows=rows), ["boamp", "--set", "base_url={url}"]


def ted() -> tuple[Portal, list[str]]:
    today = dt.datetime.now(dt.UTC).date()
    notices = [*published(12, today - dt.timedelta(days=2)), *published(12, today, first=100)]
    return TedPortal(notices=notices), ["ted", "--set", "base_url={url}"]


def pmmp() -> tuple[Portal, list[str]]:
    lots = (FakeLot("Lot 1", "10 000,00"), FakeLot("Lot 2"))
    calls = [FakeCall(1_000_000 + n, f"Fourniture fictive {n}", lots=lots if n % 5 == 0 else ()) for n in range(24)]
    day = f"{dt.datetime.now(dt.UTC) - dt.timedelta(days=1):%d/%m/%Y}"
    results = [
        FakeCall(2_000_000 + n, kind=kind, announcement="Résultat définitif", published=day)
        for n, kind in enumerate(("4", "4", "4", "5", "5"))
    ]
    return PmmpPortal(calls=calls, announcements=results), ["morocco_pmmp", "--set", "base_url={url}"]


@dataclass
class Killing:
    """A command, its portal and its folder; ``kills`` counts the processes that were alive when they were killed."""

    portal: Portal
    arguments: list[str]
    folder: Path
    chance: random.Random
    kills: int = 0
    requests: int = 0
    """How many an undisturbed crawl makes."""

    async def crawl(self, name: str, kills: int) -> list[str]:
        """A crawl that is killed so often, and then left alone; the lines that it wrote, sorted."""
        out, state = self.folder / f"{name}.jsonl", self.folder / f"{name}.state"
        for _ in range(kills):
            if await self._killed(out, state, self.chance.random() * self._left()):
                self.kills += 1
            if _is_closed(state):
                break  # it was done: another run would begin a new crawl
        if not _is_closed(state):
            process = await self._started(out, state)
            _, told = await process.communicate()
            assert process.returncode == 0, told.decode()
            assert json.loads(told.decode().splitlines()[-1])["outcome"] == "complete"
        self.requests = self.requests or len(self.portal.asked)
        self.portal.asked.clear()
        return sorted(out.read_text().splitlines())

    def _left(self) -> int:
        """How many requests are still to come, about: later moments would find no process to kill."""
        return max(1, self.requests - len(self.portal.asked))

    async def _killed(self, out: Path, state: Path, moment: float) -> bool:
        """Start, and kill when about so many requests have come; whether it was alive then."""
        before = len(self.portal.asked)
        process = await self._started(out, state)
        end = time.monotonic() + _PATIENCE
        while process.returncode is None and len(self.portal.asked) - before < moment:
            assert time.monotonic() < end, "nothing came"
            await asyncio.sleep(0.001)
        await asyncio.sleep(self.chance.random() * 0.03)
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()
        return process.returncode == -signal.SIGKILL

    async def _started(self, out: Path, state: Path) -> asyncio.subprocess.Process:
        given = [argument.format(url=self.portal.url) for argument in self.arguments]
        command = ["run", *given, "--contact", CONTACT, "--out", str(out), "--state", str(state)]
        return await started(self.portal, *command, hurried=True)


def _is_closed(state: Path) -> bool:
    if not state.exists():
        return False
    cursor = json.loads(state.read_bytes())["cursor"]
    return bool(cursor["mark"]) and not cursor["run"]


async def kill_often(portal: Portal, killing: Killing, kills: int) -> None:
    """Crawl after crawl, until so many processes were killed; each ends with what an undisturbed one brings."""
    answer = portal._reply

    async def slowly(asked: Asked) -> Reply:
        await asyncio.sleep(killing.chance.random() * 0.02)
        return await answer(asked)

    portal._reply = slowly  # type: ignore[method-assign]
    undisturbed = await killing.crawl("undisturbed", 0)
    assert len({json.loads(line)["id"] for line in undisturbed}) == len(undisturbed) > 20
    crawls = 0
    while killing.kills < kills:
        crawls += 1
        found = await killing.crawl(f"crawl-{crawls}", min(_KILLS_OF_A_CRAWL, kills - killing.kills))
        assert found == undisturbed, set(undisturbed).symmetric_difference(found)
        assert crawls < 10 * kills


@pytest.mark.parametrize(
    ("make", "kills"),
    [
        pytest.param(make, kills, id=f"{make.__name__}-{kills}", marks=marks)
        for make in (links, boamp, ted, pmmp)
        for kills, marks in ((3, ()), (KILLS_OF_A_SOURCE, (pytest.mark.soak, pytest.mark.timeout(3_000))))
        if make is pmmp or kills > 3  # the other sources' own tests hold their short forms
    ],
)
async def test_killed_at_random_moments(
    make: Callable[[], tuple[Portal, list[str]]], kills: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    portal, arguments = make()
    began = time.monotonic()
    async with portal:
        killing = Killing(portal, arguments, tmp_path, random.Random(seed))
        await kill_often(portal, killing, kills)
    with capsys.disabled():
        if kills == KILLS_OF_A_SOURCE:
            sys.stdout.write(
                f"\n{arguments[0]}: {killing.kills} processes killed in {time.monotonic() - began:.0f} s (seed {seed})\n"
            )
