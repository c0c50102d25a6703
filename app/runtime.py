"""What every process of Safqa holds open: database, secrets, threads. Built by the composition roots, closed by them.

``main``, ``worker`` and the commands that need a database share it, so that they can't differ in how they connect.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
from sqlalchemy.ext.asyncio import AsyncEngine

from app.channels.mail.posting import MailPlan
from app.channels.mail.rendering import Post
from app.channels.mail.smtp import MailServer
from app.config import SHORTEST_SECRET, Settings
from app.db.embedded import EmbeddedPostgres
from app.db.engine import create_engine
from app.db.hot import create_hot_pool
from app.db.session import Sessions, create_sessions
from app.db.watching import keep_running
from app.files.cpv_table import read_cpv_table
from app.files.errors import FileError
from app.kit.clock import utc_now
from app.kit.cpu_pool import CpuPool
from app.kit.crypto import Keyring, new_server_secret
from app.kit.metrics import Metrics
from app.kit.observability import count_queries_of
from app.kit.safe_http import address_with_port
from app.matches.live_index import LiveIndex
from app.matches.ranking import Depth, Ranker
from app.members.plan import EntryPlan, SignUp
from app.members.provider import OidcClient
from app.profiling.website import Visitor
from app.sources.plan import SourcePlan, Wanted
from matching.cpv import CpvTable
from matching.model import read_model
from matching.registry import get_model
from matching.scoring import Algorithm
from scrapers.manners import Permit
from scrapers.net import AddressGuard


@dataclass(frozen=True)
class Runtime:
    """The open resources of a process. ``url`` may hold a password: never log it."""

    settings: Settings
    url: str
    engine: AsyncEngine
    sessions: Sessions
    read_sessions: Sessions
    hot: asyncpg.Pool
    keyring: Keyring
    cpu: CpuPool
    metrics: Metrics
    algorithm: Algorithm
    cpv: CpvTable | None = None
    sources: SourcePlan = field(default_factory=SourcePlan)


@asynccontextmanager
async def database_url(settings: Settings) -> AsyncIterator[str]:
    """The URL of the database, with the embedded server started where none is configured.

    Raises:
        EmbeddedError: the embedded server can't be started.
    """
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    server = EmbeddedPostgres(settings.folder)
    starting = asyncio.create_task(asyncio.to_thread(server.start))
    try:
        # Whoever is stopped in the middle of a start waits for its end: a server half started would be left behind.
        await asyncio.shield(starting)
        watching = asyncio.create_task(keep_running(server), name="database")
        try:
            yield server.url()
        finally:
            watching.cancel()
            await asyncio.wait({watching})
    finally:
        await asyncio.gather(starting, return_exceptions=True)
        await asyncio.to_thread(server.stop)


_SWITCH_SECONDS = 0.0005
"""How long a thread may compute before another one's turn: a ranking takes its turn some twenty times, and each would
wait for Python's own five milliseconds while an import is read."""


@asynccontextmanager
async def open_runtime(settings: Settings, metrics: Metrics | None = None) -> AsyncIterator[Runtime]:
    """Open everything; close it in reverse order.

    Raises:
        EmbeddedError: the embedded server can't be started.
        UnusableSecret: the file of the secret can't be used.
        ModelError: ``SAFQA_MODEL`` can't be used.
        UnusableTable: ``SAFQA_CPV_TABLE`` can't be used.
        SourcesMisconfigured: a setting of the sources can't be used.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database_url(settings))
        algorithm = (read_model(settings.model) if settings.model else get_model()).algorithm()
        cpv = configured_table(settings)
        sources = configured_sources(settings)
        keyring = Keyring([server_secret(settings)])  # before anything is connected: its fault is the easier to mend
        engine = create_engine(
            url, pool_size=settings.pool_size, statement_timeout_seconds=settings.statement_timeout_seconds
        )
        stack.push_async_callback(engine.dispose)
        count_queries_of(engine.sync_engine)
        hot = await create_hot_pool(
            url, size=settings.pool_size, statement_timeout_seconds=settings.statement_timeout_seconds
        )
        stack.push_async_callback(hot.close)
        cpu = CpuPool(workers=settings.cpu_threads, queue_limit=settings.cpu_queue)
        stack.callback(cpu.close)
        yield Runtime(
            settings=settings,
            url=url,
            engine=engine,
            sessions=create_sessions(engine),
            read_sessions=create_sessions(engine.execution_options(postgresql_readonly=True)),
            hot=hot,
            keyring=keyring,
            cpu=cpu,
            metrics=metrics or Metrics(),
            algorithm=algorithm,
            cpv=cpv,
            sources=sources,
        )


class UnusableTable(RuntimeError):
    """The file of the CPV table can't be read; the text says where."""


def website_visitor(runtime: Runtime) -> Visitor | None:
    """What reads startups' websites; ``None`` where the operator has not allowed it, or has stopped all requests."""
    sources = runtime.sources
    if not runtime.settings.profile_websites or sources.contact is None or sources.halted:
        return None
    return Visitor(Permit(sources.contact).headers(), utc_now, AddressGuard(exceptions=sources.exceptions))


def webhook_guard(settings: Settings) -> AddressGuard:
    """Where webhooks may go: the open internet, and what the operator allows beside it."""
    return AddressGuard(exceptions=frozenset(map(address_with_port, settings.webhook_addresses)))


def mail_plan(settings: Settings) -> MailPlan | None:
    """Where mail is handed in; ``None`` where this installation sends none."""
    if settings.smtp_host is None or settings.mail_from is None or settings.public_url is None:
        return None
    password = None if settings.smtp_password is None else settings.smtp_password.get_secret_value()
    server = MailServer(
        settings.smtp_host, settings.smtp_port, settings.smtp_tls, settings.mail_from, settings.smtp_user, password
    )
    return MailPlan(server, Post(settings.mail_from, settings.public_url))


def entry_plan(settings: Settings) -> EntryPlan:
    """How people come in; a startup enters itself by default where its address can be confirmed by mail."""
    mail = mail_plan(settings) is not None
    sign_up = settings.sign_up or (SignUp.CONFIRMED if mail else SignUp.CLOSED)
    us = oidc_client(settings)
    return EntryPlan(SignUp(sign_up), mail=mail, provider=None if us is None else us.name)


def oidc_client(settings: Settings) -> OidcClient | None:
    """What this installation is to a provider of identities; ``None`` where none is set."""
    if settings.oidc_issuer is None or settings.oidc_client_id is None or settings.public_url is None:
        return None
    secret = None if settings.oidc_client_secret is None else settings.oidc_client_secret.get_secret_value()
    name = settings.oidc_name or urlsplit(settings.oidc_issuer).hostname or settings.oidc_issuer
    return OidcClient(settings.oidc_issuer, settings.oidc_client_id, secret, name, settings.public_url)


def configured_sources(settings: Settings) -> SourcePlan:
    """What the settings allow of sources.

    Raises:
        SourcesMisconfigured: a name, the contact, the file of options or an address can't be used.
    """
    return SourcePlan.of(
        Wanted(
            settings.sources,
            settings.source_contact,
            settings.sources_file,
            settings.sources_halted,
            settings.sources_addresses,
            dt.timedelta(days=settings.sources_kept_days),
        )
    )


def configured_table(settings: Settings) -> CpvTable | None:
    """The CPV table of ``SAFQA_CPV_TABLE``, if that is set.

    Raises:
        UnusableTable: the file is none.
    """
    if settings.cpv_table is None:
        return None
    try:
        return read_cpv_table(settings.cpv_table)
    except FileError as wrong:
        raise UnusableTable(f"SAFQA_CPV_TABLE {settings.cpv_table} {wrong.reason}") from wrong


class UnusableSecret(RuntimeError):
    """The file of the secret can't be read, or holds too little; the text says which."""


def server_secret(settings: Settings) -> str:
    """The configured secret, or the one kept in the data directory, made at the first start (mode 0600).

    Raises:
        UnusableSecret: ``SAFQA_SECRET_FILE`` can't be used.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    if settings.secret_file is not None:
        return _secret_in(settings.secret_file)
    path = settings.folder / "secret"
    _make_secret(path)
    return path.read_text().strip()


def _secret_in(path: Path) -> str:
    try:
        secret = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as failed:
        raise UnusableSecret(f"SAFQA_SECRET_FILE {path} can't be read: {failed}") from failed
    if len(secret) < SHORTEST_SECRET:
        raise UnusableSecret(f"SAFQA_SECRET_FILE {path} holds fewer than {SHORTEST_SECRET} characters")
    return secret


def _make_secret(path: Path) -> None:
    """Write a new secret to ``path`` (mode 0600) unless there is one; safe when several processes start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        return
    try:
        # Written whole under another name first: a start that is killed leaves no half secret behind.
        fresh = path.with_name(f"secret.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(new_server_secret())
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)


@asynccontextmanager
async def open_ranker(runtime: Runtime) -> AsyncIterator[Ranker]:
    """The ranker over this process's live index; loaded in the background, so that the process answers at once."""
    settings = runtime.settings
    index = LiveIndex(
        runtime.sessions, runtime.hot, runtime.metrics, folder=settings.folder / "index",
        algorithm=runtime.algorithm, cpv=runtime.cpv,
    )  # fmt: skip
    depth = Depth(settings.matches_per_tender, settings.matches_per_startup, settings.rank_deadline_seconds)
    following = asyncio.create_task(index.follow(runtime.url), name="index")
    try:
        yield Ranker(index, runtime.cpu, depth, runtime.metrics)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
        await index.close()
