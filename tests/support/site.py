"""The whole of Safqa as a browser meets it: `safqa serve --sample` in a process, and people of each role."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias, get_args

import httpx
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts.scopes import DEFAULT_SCOPES
from app.accounts.service import KeyOrder, create_key
from app.config import Settings
from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.kit.ids import OrganisationId
from app.members.roles import Role
from app.members.service import enrol
from app.members.sessions import begin_session
from app.models.organisation import Organisation
from app.runtime import Runtime, open_runtime
from tests.support.api import SECRET
from tests.support.db import Cluster, Database
from tests.support.doors import collect_badly, open_doors
from tests.support.hostile import CLOSING, EVERYTHING, PICTURE, QUOTED, SCRIPT, notice, profile
from tests.support.imports import jsonl
from tests.support.meetings import meeting
from tests.support.pilots import pilot
from tests.support.processes import Serving, free_port

Who: TypeAlias = Literal["founder", "officer", "incubator", "operator", "reader", "anonymous"]
_RAW = {"Content-Type": "application/octet-stream"}
EVERYBODY: tuple[Who, ...] = get_args(Who)
PASSWORD = "four quiet herons at noon"
PEOPLE: Mapping[Who, tuple[str, Role]] = {
    "founder": ("Sensouss (fictive)", Role.ADMIN),
    "officer": ("Commune d'Aïn Zitoune (fictive)", Role.ADMIN),
    "incubator": ("Pépinière Targa (fictive)", Role.ADMIN),
    "operator": ("Plateforme de démonstration Safqa (fictive)", Role.ADMIN),
    "reader": ("Sensouss (fictive)", Role.READER),
}
"""Who works where in the sample set, and as what."""


@dataclass(frozen=True)
class Cost:
    """What a request took, as the server logged it."""

    route: str
    ms: float
    queries: int


@dataclass(frozen=True)
class Visited:
    """A page, or a file, as a link led to it."""

    path: str
    kind: str
    found_on: str
    status: int
    request_id: str
    media_type: str
    text: str
    elements: int

    @property
    def is_page(self) -> bool:
        return self.media_type.startswith("text/html")


@dataclass
class Site:
    """A running installation. ``tokens``: the session of each person, for the cookie; ``doors``: pages that no link
    leads each of them to; ``crawls``: see crawl.py.
    """

    url: str
    database: Database
    log: Path
    tokens: dict[Who, str] = field(default_factory=dict)
    doors: Mapping[Who, Sequence[str]] = field(default_factory=dict)
    organisations: dict[Who, OrganisationId] = field(default_factory=dict)
    crawls: dict[Who, list[Visited]] = field(default_factory=dict)

    def cookies(self, who: Who, lang: str = "fr") -> dict[str, str]:
        """What the browser of a person sends along."""
        token = self.tokens.get(who)
        return {"safqa_lang": lang, **({"safqa": token} if token else {})}

    def client(self, who: Who, lang: str = "fr") -> httpx.Client:
        """A browser without scripts: follows no redirect by itself."""
        return httpx.Client(
            base_url=self.url, cookies=self.cookies(who, lang), headers={"Accept": "text/html"}, timeout=120,
            trust_env=False,
        )  # fmt: skip

    def costs(self, requests: Collection[str]) -> dict[str, Cost]:
        """What each of these requests took, by its id. The log is written when an answer has left already."""
        end = time.monotonic() + 10
        while time.monotonic() < end:
            found = {}
            for line in self.log.read_text(encoding="utf-8").splitlines(keepends=True):
                if '"request.done"' in line and line.endswith("\n"):
                    said = json.loads(line)
                    found[said["request_id"]] = Cost(said["route"], said["ms"], said["queries"])
            if found.keys() >= set(requests):
                return found
            time.sleep(0.05)
        raise AssertionError("requests are missing in the log")

    @asynccontextmanager
    async def runtime(self) -> AsyncIterator[Runtime]:
        """A second hand on its database, for what a test prepares."""
        settings = Settings(database_url=SecretStr(self.database.url), secret=SecretStr(SECRET), pool_size=2)
        async with open_runtime(settings) as runtime:
            yield runtime


@contextmanager
def _served(database: Database, log: Path) -> Iterator[str]:
    port = free_port()
    settings = {"database_url": database.url, "secret": SECRET, "rate_limit": "0", "log_format": "json"}
    with Serving("serve", "--sample", "--port", str(port), err=log, **settings) as process:
        url = f"http://127.0.0.1:{port}"
        process.wait_ready(url)
        yield url
        said = [line for line in log.read_text(encoding="utf-8").splitlines() if '"request.done"' not in line]
        assert process.process.poll() is None, "the server ended: " + "\n".join(said[-10:])


@asynccontextmanager
async def running_site(cluster: Cluster, folder: Path) -> AsyncIterator[Site]:
    """The installation with the sample set ranked and a person of each role signed in."""
    log = folder / "server.log"
    async with cluster.copy("site") as database:
        with _served(database, log) as url:
            site = Site(url, database, log)
            async with site.runtime() as runtime:
                await _enter_people(site, runtime)
                await _send_hostile_ones(site, runtime)
                await collect_badly(runtime)
                await _wait_until_ranked(runtime)
            site.doors = open_doors(site)
            yield site


async def _enter_people(site: Site, runtime: Runtime) -> None:
    now = utc_now()
    async with unit_of_work(runtime.sessions) as session:
        for who, (organisation, role) in PEOPLE.items():
            found = await session.scalar(select(Organisation.id).where(Organisation.name == organisation))
            assert found is not None, f"the sample set has no {organisation}"
            owner = site.organisations[who] = OrganisationId(found)
            person = await enrol(
                session, runtime.keyring, mail=f"{who}@people.example", name=f"Amina {who.title()}", lang=None,
                organisation=owner, role=role, password=PASSWORD, now=now,
            )  # fmt: skip
            site.tokens[who] = await begin_session(session, runtime.keyring, person.id, owner, now, second_factor=False)


async def _send_hostile_ones(site: Site, runtime: Runtime) -> None:
    """Beside the sample: notices and a profile that try to run scripts, of a portal, of the officer, of a cohort."""
    topic = "Capteurs d'irrigation connectés, sondes d'humidité du sol, LoRaWAN"
    async with httpx.AsyncClient(base_url=site.url, trust_env=False, timeout=30) as client:
        for who, path, content in (
            ("operator", "/v1/imports/tenders", jsonl([notice("1", topic)])),
            ("incubator", "/v1/imports/startups", jsonl([profile("1"), {"id": "refused"}])),
        ):
            client.headers["Authorization"] = f"Bearer {await _key(site, runtime, who)}"
            answer = await client.post(path, params={"filename": "x.jsonl"}, content=content, headers=_RAW)
            assert answer.status_code == 202, answer.text
        client.headers["Authorization"] = f"Bearer {await _key(site, runtime, 'officer')}"
        for status in ("published", "draft"):
            call = {**notice(status, topic), "id": f"hostile-{status}", "status": status}
            answer = await client.post("/v1/tenders", json=call)
            assert answer.status_code == 201, answer.text
        await _try_each_other_out(client, await _key(site, runtime, "officer"), await _key(site, runtime, "founder"))


async def _try_each_other_out(client: httpx.AsyncClient, officer: str, founder: str) -> None:
    """A pilot of each state with hostile words, one attested, a meeting, and an error told of in a notice."""
    sides = {"officer": {"Authorization": f"Bearer {officer}"}, "founder": {"Authorization": f"Bearer {founder}"}}

    async def send(who: str, method: str, path: str, body: object = None) -> dict[str, str]:
        answer = await client.request(method, path, json=body, headers=sides[who])
        assert answer.is_success, answer.text
        made: dict[str, str] = answer.json()
        return made

    mine = (await client.get("/v1/startups", headers=sides["founder"])).json()["items"][0]["id"]
    call = (await client.get("/v1/tenders", headers=sides["founder"])).json()["items"][0]["id"]
    said = {"tender_id": call, "startup_id": mine, "verdict": "notice_error", "part": "title", "because": EVERYTHING}
    await send("founder", "POST", "/v1/feedback", said)
    words: dict[str, object] = {
        "title": f"Fuites {EVERYTHING}"[:300],
        "problem": f"Capteurs {EVERYTHING}",
        "criteria": [PICTURE, CLOSING],
    }
    made = [
        (await send("officer", "POST", "/v1/pilots", pilot() | words | {"state": state}))["id"]
        for state in ("draft", "open", "open", "open")
    ]
    for each in made[1:]:
        await send("founder", "PUT", f"/v1/pilots/{each}/applications/{mine}", {"message": EVERYTHING})
    for each in made[2:]:
        await send("officer", "POST", f"/v1/pilots/{each}/choose", {"startup_id": mine})
    verdicts = [{"criterion": number, "verdict": "met", "note": SCRIPT} for number in (1, 2)]
    await send("officer", "POST", f"/v1/pilots/{made[2]}/close", {"verdicts": verdicts, "statement": QUOTED})
    await send("founder", "POST", "/v1/meetings", meeting(mine, pilot_id=made[1], topic=f"Voir {SCRIPT}"))


async def _key(site: Site, runtime: Runtime, who: Who) -> str:
    async with unit_of_work(runtime.sessions) as session:
        kind = await session.scalar(select(Organisation.kind).where(Organisation.id == site.organisations[who]))
        assert kind is not None
        order = KeyOrder("tests", DEFAULT_SCOPES[kind])
        return create_key(session, runtime.keyring, site.organisations[who], order).token


async def _wait_until_ranked(runtime: Runtime) -> None:
    async with asyncio.timeout(120):
        while await runtime.hot.fetchval("SELECT count(*) FROM pgqueuer.pgqueuer"):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
