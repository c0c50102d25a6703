"""What the services share: the socket, signals, and who ends whom. Whole processes: tests/e2e/test_run.py."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
from pathlib import Path

import pytest

from app.cli.errors import UserMistake
from app.cli.serving import Stop, first_end, listen, run_service, url_of
from app.config import Settings


class TestTheSocket:
    def test_it_listens_at_once(self) -> None:
        with listen(Settings(port=0)) as listening, socket.create_connection(listening.getsockname(), timeout=5):
            assert url_of(listening) == f"http://127.0.0.1:{listening.getsockname()[1]}"

    def test_the_port_of_a_service_just_stopped_can_be_had_again(self) -> None:
        with listen(Settings(port=0)) as first:
            address = first.getsockname()
            caller = socket.create_connection(address, timeout=5)
            answered, _ = _accept(first)
            answered.close()  # our side closes first, and lingers
        caller.close()
        with listen(Settings(port=address[1])):
            pass

    def test_a_busy_port_names_another(self) -> None:
        with listen(Settings(port=0)) as busy:
            port = busy.getsockname()[1]
            with pytest.raises(UserMistake, match=f"port {port} .* in use .* --port (?!{port})"):
                listen(Settings(port=port))

    def test_an_address_that_is_none(self) -> None:
        with pytest.raises(UserMistake, match="--host"):
            listen(Settings(host="256.1.1.1.1", port=0))
        with pytest.raises(UserMistake, match="--host"):
            listen(Settings(host="203.0.113.7", port=0))


def _accept(listening: socket.socket) -> tuple[socket.socket, object]:
    listening.settimeout(5)
    return listening.accept()


class TestSignals:
    def test_before_it_is_settled_a_service_is_cancelled_and_that_is_no_fault(self) -> None:
        async def service(_: Stop) -> int:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
            return 7

        assert run_service(Settings(), service) == 0

    def test_afterwards_it_is_asked_and_ends_by_itself(self) -> None:
        async def service(stop: Stop) -> int:
            stop.settled = True
            os.kill(os.getpid(), signal.SIGINT)
            await stop.asked.wait()
            return 7

        assert run_service(Settings(), service) == 7

    def test_a_second_signal_does_not_wait(self) -> None:
        ended: list[str] = []

        async def service(stop: Stop) -> int:
            stop.settled = True
            os.kill(os.getpid(), signal.SIGINT)
            await stop.asked.wait()
            os.kill(os.getpid(), signal.SIGINT)
            try:
                await asyncio.sleep(60)
            finally:
                ended.append("tidied up")
            return 7

        assert run_service(Settings(), service) == 0
        assert ended == ["tidied up"]


class TestTheFirstToEnd:
    def test_a_task_that_ends_by_itself_is_a_fault(self, capfd: pytest.CaptureFixture[str]) -> None:
        async def service(stop: Stop) -> int:
            async def dies() -> None:
                raise RuntimeError("the queue is gone")

            return await first_end(stop, asyncio.create_task(dies(), name="worker"))

        assert run_service(Settings(log_format="json"), service) == 1
        said = capfd.readouterr().err
        assert "service.died" in said
        assert "the queue is gone" in said

    def test_a_stop_is_none(self) -> None:
        async def service(stop: Stop) -> int:
            working = asyncio.create_task(asyncio.sleep(60))
            stop.asked.set()
            try:
                return await first_end(stop, working)  # type: ignore[arg-type]
            finally:
                working.cancel()

        assert run_service(Settings(), service) == 0


def test_what_a_page_holds_while_it_is_made_does_not_age() -> None:
    def looked_through() -> int:
        return sum(generation["collections"] for generation in gc.get_stats())

    async def service(_: Stop) -> int:
        gc.collect(1)  # from nothing on
        before = looked_through()
        held = [[number] for number in range(15_000)]
        return len(held) if looked_through() == before else 0

    usual = gc.get_threshold()
    assert run_service(Settings(), service) == 15_000
    assert gc.get_threshold() == usual


def test_the_secret_of_a_file_is_used_whole(tmp_path: Path) -> None:
    from app.runtime import UnusableSecret, server_secret

    path = tmp_path / "secret"
    path.write_text("  a secret of more than thirty-two characters\n")
    assert server_secret(Settings(secret_file=path)) == "a secret of more than thirty-two characters"
    path.write_text("short")
    with pytest.raises(UnusableSecret, match="fewer than 32"):
        server_secret(Settings(secret_file=path))


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    from app.runtime import server_secret

    first = server_secret(Settings(data_dir=tmp_path))
    assert server_secret(Settings(data_dir=tmp_path)) == first
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
