"""The examinations of ``safqa doctor``: each gives one or several findings and never raises for what it finds."""

from __future__ import annotations

import datetime as dt
import errno
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import SecretStr
from sqlalchemy import func, select, text

from app.cli.database import opened, place_of
from app.cli.errors import UserMistake
from app.config import SHORTEST_SECRET, Settings
from app.db.migrate import current, head
from app.matches.documents import LISTED, OPEN
from app.models.startup import Startup
from app.models.tender import Tender
from app.runtime import Runtime, UnusableTable, configured_sources, configured_table, mail_plan
from app.sources.plan import SourcesMisconfigured
from scrapers.normalise import HOME_ZONE

_LEAST_FREE_BYTES = 1_000_000_000
_OLDEST_POSTGRES = 160_000
_CLOCK_SECONDS = 2.0
_LONG_WAIT = dt.timedelta(minutes=10)
_WAITING = text(
    "SELECT count(*), min(execute_after) FROM pgqueuer.pgqueuer WHERE status = 'queued' AND execute_after <= now()"
)

_LETTERS = text(
    "SELECT count(*) FILTER (WHERE state = 'uncertain'), count(*) FILTER (WHERE state = 'failed'),"
    " count(*) FILTER (WHERE state = 'queued' AND attempts > 0)"
    " FROM (SELECT state, attempts, created_at FROM letter UNION ALL"
    " SELECT state, attempts, created_at FROM matter_letter) AS written WHERE created_at > now() - interval '7 days'"
)


class State(StrEnum):
    """How a finding is to be taken."""

    OK = "ok"
    NOTE = "note"
    FIX = "fix"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what was found, and what to do about it."""

    what: str
    state: State
    found: str
    remedy: str | None = None


async def examine(settings: Settings) -> list[Finding]:
    """Every examination, the database last."""
    here = [_python(), *_configured(settings), _secret(settings), *_cpv_table(settings), *_sources(settings)]
    return [
        *here,
        _mail(settings),
        _zone(),
        _port(settings),
        *_data_folder(settings),
        _kernel_cache(),
        *await _database(settings),
    ]


def _python() -> Finding:
    version = ".".join(str(part) for part in sys.version_info[:3])
    return Finding("python", State.OK, f"{version} at {sys.executable}")


def _configured(settings: Settings) -> Iterator[Finding]:
    """Settings that differ from their defaults, secrets masked."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if value != field.get_default(call_default_factory=True, validated_data={}):
            yield Finding(f"SAFQA_{name.upper()}", State.NOTE, _shown(settings, name, value))


def _shown(settings: Settings, name: str, value: object) -> str:
    if name == "database_url":
        return place_of(settings)
    return "set (not shown)" if isinstance(value, SecretStr) else str(value)


def _secret(settings: Settings) -> Finding:
    if settings.secret is not None:
        return Finding("secret", State.OK, "from SAFQA_SECRET")
    path = settings.secret_file or settings.folder / "secret"
    if settings.secret_file is None and not path.exists():
        return Finding("secret", State.NOTE, f"none yet; the first start makes {path}")
    try:
        length = len(path.read_text().strip())
        mode = path.stat().st_mode & 0o777
    except (OSError, UnicodeDecodeError) as failed:
        return Finding("secret", State.FIX, f"{path} can't be read: {failed}", "let this user read it, or set another")
    if length < SHORTEST_SECRET:
        return Finding(
            "secret", State.FIX, f"{path} holds {length} characters", f"at least {SHORTEST_SECRET} are needed"
        )
    if mode & 0o007:
        return Finding("secret", State.FIX, f"{path} can be read by everybody", f"chmod 600 {path}")
    return Finding("secret", State.OK, f"in {path}")


def _cpv_table(settings: Settings) -> Iterator[Finding]:
    try:
        table = configured_table(settings)
    except UnusableTable as wrong:
        yield Finding("CPV table", State.FIX, str(wrong), "correct the file, or unset SAFQA_CPV_TABLE")
        return
    if table is not None:
        found = f"{len(table.labels):,} codes, labels in {', '.join(table.languages)}"
        yield Finding("CPV table", State.OK, found)


def _sources(settings: Settings) -> Iterator[Finding]:
    try:
        plan = configured_sources(settings)
        networked = [plan.source(name).network for name in plan.enabled]
    except SourcesMisconfigured as wrong:
        yield Finding("sources", State.FIX, str(wrong), "correct the setting, or take the source out of SAFQA_SOURCES")
        return
    if networked:
        state, halted = (State.NOTE, "; all halted by SAFQA_SOURCES_HALTED") if plan.halted else (State.OK, "")
        yield Finding("sources", state, f"{', '.join(plan.enabled)} (not asked now){halted}")


def _mail(settings: Settings) -> Finding:
    if mail_plan(settings) is None:
        return Finding("mail", State.NOTE, "none is sent: SAFQA_SMTP_HOST is not set")
    login = "without a login" if settings.smtp_user is None else "with a login"
    told = f"to {settings.smtp_host}, port {settings.smtp_port}, {settings.smtp_tls}, {login} (not asked now)"
    return Finding("mail", State.OK, told)


def _zone() -> Finding:
    try:
        now = dt.datetime.now(ZoneInfo(HOME_ZONE.key))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Finding("time zones", State.FIX, "no data", "install the package tzdata, or run make setup again")
    return Finding("time zones", State.OK, f"known: it is {now:%Y-%m-%d %H:%M %z} in {HOME_ZONE.key}")


def _port(settings: Settings) -> Finding:
    where = f"{settings.host}, port {settings.port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as failed:
        if failed.errno == errno.EADDRINUSE:
            return Finding("port", State.NOTE, f"{where} is in use: by a running Safqa, or choose another (SAFQA_PORT)")
        return Finding("port", State.FIX, f"{where}: {failed.strerror}", "set SAFQA_HOST and SAFQA_PORT")
    return Finding("port", State.OK, f"{where} is free")


def _data_folder(settings: Settings) -> Iterator[Finding]:
    if settings.database_url is not None and settings.data_dir is None:
        return
    folder = settings.folder
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not folder.exists():
        if os.access(existing, os.W_OK):
            yield Finding("data directory", State.NOTE, f"{folder} does not exist yet; the first start makes it")
        else:
            yield Finding("data directory", State.FIX, f"{existing} is not writable", "set SAFQA_DATA_DIR")
    elif folder.stat().st_uid != os.geteuid():
        yield Finding("data directory", State.FIX, f"{folder} belongs to another user", "set SAFQA_DATA_DIR")
    else:
        yield Finding("data directory", State.OK, str(folder))
    free = shutil.disk_usage(existing).free
    if free < _LEAST_FREE_BYTES:
        yield Finding("disk", State.FIX, f"{free / 1e6:,.0f} MB free on {existing}", "make room, or set SAFQA_DATA_DIR")
    else:
        yield Finding("disk", State.OK, f"{free / 1e9:,.1f} GB free on {existing}")


def _kernel_cache() -> Finding:
    """Whether compiled kernels can be kept: else every process compiles them for some seconds."""
    from matching.kernels.postings import invert

    kept = getattr(getattr(invert, "stats", None), "cache_path", None)
    if kept is None:
        remedy = "set NUMBA_CACHE_DIR to a folder this user may write to"
        return Finding("kernel cache", State.FIX, "no writable place: each process compiles its kernels anew", remedy)
    return Finding("kernel cache", State.OK, str(kept))


async def _database(settings: Settings) -> Sequence[Finding]:
    if settings.database_url is None and not (settings.folder / "pg18" / "PG_VERSION").exists():
        return [Finding("database", State.NOTE, "the embedded PostgreSQL is not made yet; the first start makes it")]
    try:
        async with opened(settings) as runtime:
            return await _looked_into(runtime)
    except UserMistake as unreachable:
        return [Finding("database", State.FIX, str(unreachable), "start it, or correct the settings")]


async def _looked_into(runtime: Runtime) -> list[Finding]:
    async with runtime.engine.connect() as connection:
        before = dt.datetime.now(dt.UTC)
        row = await connection.execute(text("SELECT current_setting('server_version_num')::int, clock_timestamp()"))
        version, theirs = row.one()
        apart = abs((theirs - before).total_seconds())
    found = [_version(runtime.settings, version), _clock(apart)]
    at, newest = await current(runtime.engine), head()
    if at != newest:
        remedy = "safqa migrate (safqa serve does it by itself)"
        return [*found, Finding("migrations", State.FIX, f"at revision {at or 'none'}, {newest} is needed", remedy)]
    return [
        *found,
        Finding("migrations", State.OK, f"at revision {at}"),
        await _index(runtime),
        await _queue(runtime),
        *await _letters(runtime),
    ]


def _version(settings: Settings, version: int) -> Finding:
    told = f"PostgreSQL {version // 10_000}.{version % 10_000}, {place_of(settings)}"
    if version < _OLDEST_POSTGRES:
        return Finding("database", State.FIX, told, f"PostgreSQL {_OLDEST_POSTGRES // 10_000} or newer is needed")
    return Finding("database", State.OK, told)


def _clock(apart: float) -> Finding:
    if apart > _CLOCK_SECONDS:
        remedy = "deadlines are judged by both: let the two machines keep network time"
        return Finding("clock", State.FIX, f"{apart:.0f} s from that of the database", remedy)
    return Finding("clock", State.OK, "agrees with that of the database")


async def _index(runtime: Runtime) -> Finding:
    async with runtime.sessions() as session:
        startups = await session.scalar(select(func.count()).select_from(Startup).where(LISTED)) or 0
        tenders = await session.scalar(select(func.count()).select_from(Tender).where(OPEN)) or 0
    return Finding("index", State.OK, f"holds {startups:,} startups and {tenders:,} open tenders in each process")


async def _queue(runtime: Runtime) -> Finding:
    async with runtime.engine.connect() as connection:
        row = await connection.execute(_WAITING)
        waiting, oldest = row.one()
    if not waiting:
        return Finding("jobs", State.OK, "none waiting")
    told = f"{waiting:,} waiting, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
    if dt.datetime.now(dt.UTC) - oldest > _LONG_WAIT:
        return Finding("jobs", State.FIX, told, "is a worker running? safqa worker, or safqa serve")
    return Finding("jobs", State.OK, told)


async def _letters(runtime: Runtime) -> list[Finding]:
    """Letters of the last days of which nobody knows whether they arrived, or that did not get through."""
    async with runtime.engine.connect() as connection:
        row = await connection.execute(_LETTERS)
        uncertain, failed, waiting = row.one()
    if not (uncertain or failed or waiting):
        return []
    told = (
        f"of the last seven days, {uncertain:,} uncertain and {failed:,} failed; {waiting:,} wait for another attempt"
    )
    if not (uncertain or failed):
        return [Finding("letters", State.NOTE, told)]
    return [Finding("letters", State.FIX, told, "see mail.letter and mail.uncertain in the logs, and docs/digests.md")]
