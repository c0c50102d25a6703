"""``safqa match --dask``: on real clusters of this machine, against the plain command."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from distributed import KilledWorker, LocalCluster

from app.cli import main, match_cluster
from app.cli.errors import UserMistake
from app.cli.match_cluster import Workers, workers_at
from app.cli.match_spool import Spool
from app.kit.clock import utc_now
from app.sample import sample_startups, sample_tenders

SAFQA = Path(sys.executable).with_name("safqa")
pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dask")
    for name, records in (("tenders", sample_tenders(utc_now())), ("startups", sample_startups())):
        lines = [record.model_dump_json(exclude_defaults=True) for record in records]
        (folder / f"{name}.jsonl").write_text("\n".join(lines[:40]) + "\n", encoding="utf-8")
    startups = (folder / "startups.jsonl").read_text(encoding="utf-8")
    first = startups.splitlines()[0]
    (folder / "broken.jsonl.gz").write_bytes(gzip.compress(f"{startups}not json\n{first}\n".encode()))
    return folder


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """The address of a cluster of two processes that somebody else has started."""
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        yield cluster.scheduler_address


def command(files: Path, *arguments: object, startups: str = "startups.jsonl") -> list[str]:
    return ["match", "--tenders", str(files / "tenders.jsonl"), "--startups", str(files / startups), "--top", "5",
            *map(str, arguments)]  # fmt: skip


def inside(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(newline=""), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def told(err: str) -> list[str]:
    """Standard error without the log of the test's own cluster, and progress, which a slow machine shows."""
    lines = [line for line in err.splitlines() if not line.startswith("{")]
    return [line for line in lines if not line.split(": ")[-1].replace(",", "")[:1].isdigit()]


class TestSameAnswer:
    @pytest.mark.parametrize(("part", "format_"), [(1, "trec"), (7, "jsonl"), (20_000, "csv"), (7, "table")])
    def test_parts_of_any_size(self, files: Path, scheduler: str, part: int, format_: str) -> None:
        wanted = inside(*command(files, "--format", format_, "--as-of", "now"))
        found = inside(*command(files, "--format", format_, "--as-of", "now", "--dask", scheduler, "--part", part))
        assert found[0] == wanted[0] == 0
        assert without_moment(found[1]) == without_moment(wanted[1])

    def test_the_other_way_round(self, files: Path, scheduler: str) -> None:
        wanted = inside(*command(files, "--format", "jsonl", "--for-startups"))
        assert inside(*command(files, "--format", "jsonl", "--for-startups", "--dask", scheduler))[1] == wanted[1]

    def test_bad_records_are_refused_counted_and_told(self, files: Path, scheduler: str) -> None:
        arguments = command(files, "--format", "trec", startups="broken.jsonl.gz")
        wanted, found = inside(*arguments), inside(*arguments, "--dask", scheduler, "--part", "7")
        assert found[:2] == wanted[:2]
        assert found[0] == 1
        assert told(found[2]) == told(wanted[2])
        assert "stands earlier in the file" in found[2]


def without_moment(text: str) -> list[str]:
    return [line for line in text.splitlines() if "20" not in line[:60] or line.startswith("{")]


class TestOwnCluster:
    @pytest.mark.timeout(300)  # the new process reads its lexicon anew, and machines of many tests are slow
    def test_a_killed_worker_costs_time_and_nothing_else(self, files: Path) -> None:
        wanted = inside(*command(files, "--format", "jsonl"))
        with LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0"
        ) as cluster:
            killer = threading.Thread(target=kill_one_at_work, args=(cluster,))
            killer.start()
            found = inside(*command(files, "--format", "jsonl", "--dask", cluster.scheduler_address, "--part", "7"))
            killer.join(timeout=60)
        assert found[:2] == wanted[:2]

    def test_it_listens_on_loopback_only_and_is_gone_after_an_interrupt(self, files: Path) -> None:
        lines = (files / "startups.jsonl").read_text(encoding="utf-8").splitlines()
        many = [
            json.dumps({**json.loads(line), "id": f"{copy}-{n}"}) for copy in range(50) for n, line in enumerate(lines)
        ]
        (files / "many.jsonl").write_text("\n".join(many) + "\n", encoding="utf-8")  # still at work when it is ended
        with safqa(*command(files, "--format", "jsonl", "--dask", "--part", 1, startups="many.jsonl")) as process:
            first_worker(process.pid)
            family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
            heard = {address for each in family for address in listening(each)}
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=60)
        assert heard == {"127.0.0.1"}
        assert process.returncode == 130
        assert "Traceback" not in err
        _, left = psutil.wait_procs(family, timeout=10)  # the last of them may be dying still
        assert [each for each in left if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []


@contextlib.contextmanager
def safqa(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [SAFQA, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def kill_one_at_work(cluster: LocalCluster) -> None:
    """Kill a worker that has tasks."""
    while True:
        busy = [worker for worker in cluster.scheduler.workers.values() if worker.processing]
        if busy:
            name = busy[0].name
            os.kill(cluster.workers[name].process.pid, signal.SIGKILL)
            return
        time.sleep(0.005)


def listening(process: psutil.Process) -> set[str]:
    """The addresses that a process can be reached at; none if it is gone by now."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return {where.laddr.ip for where in process.net_connections() if where.status == "LISTEN"}
    return set()


def first_worker(parent: int) -> int:
    """A process of the cluster that has begun to listen."""
    for _ in range(600):
        for child in psutil.Process(parent).children():
            if listening(child):
                return child.pid
        time.sleep(0.1)
    raise AssertionError("no worker came up")


class TestEnds:
    def test_without_dask_it_says_how_to_get_it(self, files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "dask", None)
        code, out, err = inside(*command(files, "--dask"))
        assert (code, out, told(err)) == (2, "", ["safqa: --dask needs Dask: pip install 'safqa[dask]'"])

    @pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "what://is-this"])
    def test_no_scheduler_is_one_line(self, files: Path, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        monkeypatch.setattr(match_cluster, "WAIT_SECONDS", 0.3)
        code, out, err = inside(*command(files, "--dask", address))
        assert (code, out) == (2, "")
        (line,) = told(err)
        assert line.startswith(f"safqa: no Dask scheduler at {address} (")

    @pytest.mark.parametrize(
        ("failure", "said"),
        [
            (lambda: fail(KilledWorker("task", None, 3)), "died 4 times on the same part"),
            (lambda: fail(OSError("connection reset")), "the Dask cluster was lost (connection reset)"),
            (lambda: fail(ModuleNotFoundError("No module named 'app'\nand more")), "ModuleNotFoundError: No module"),
        ],
    )
    def test_what_fails_in_a_cluster_is_one_line(self, failure: Callable[[], None], said: str) -> None:
        with pytest.raises(UserMistake, match=said.replace("(", r"\(").replace(")", r"\)")) as raised:
            Workers.call(failure)
        assert "\n" not in str(raised.value)

    def test_workers_of_another_version_are_refused(self, scheduler: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(match_cluster.match_tasks, "installed", other_version)
        with pytest.raises(UserMistake, match="another Safqa"), workers_at(scheduler):
            pass


def fail(error: Exception) -> None:
    raise error


def other_version() -> str:
    """Another answer in each process: this one's, and the worker's."""
    return f"9.9.9 {os.getpid()}"


def test_a_spool_gives_back_what_was_set_aside_and_is_cut_within_bounds() -> None:
    records = [b"a" * n for n in (1, 50, 2, 3, 200, 4)]
    with Spool() as spool:
        spool.add(records[:2])
        assert spool.read(range(1, 2)) == records[1] + b"\n"
        spool.add(records[2:])
        assert len(spool) == 6
        assert spool.pick([5, 0]) == b"aaaa\na\n"
        parts = list(spool.parts(rows=3, size=60))
        assert parts == [range(3), range(3, 4), range(4, 5), range(5, 6)]
        assert b"".join(spool.read(part) for part in parts) == b"".join(record + b"\n" for record in records)


def test_the_address_may_be_left_out(files: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    @contextlib.contextmanager
    def refused(address: str | None) -> Iterator[Workers]:
        asked.append(address)
        raise UserMistake("enough")
        yield

    monkeypatch.setattr("app.cli.match_dask.workers_at", refused)
    for words in (["--dask"], ["--dask", "--top", "3"], ["--dask", "tcp://h:1"], ["--dask=tcp://h:2"]):
        assert inside(*command(files), *words)[0] == 2
    assert asked == [None, None, "tcp://h:1", "tcp://h:2"]
