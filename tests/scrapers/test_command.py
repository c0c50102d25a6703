"""``python -m scrapers`` as its users run it: processes of their own, killed without warning."""

from __future__ import annotations

import asyncio
import gzip
import json
import signal
import sys
from pathlib import Path

import pytest

from scrapers.__main__ import main
from tests.support.collector import started
from tests.support.portal import CONTACT, Asked, Portal, Reply
from tests.support.portal_ocds import OcdsPortal

PAGES, SIZE = 12, 10


def paged(portal: Portal) -> None:
    """Twelve pages by link; the records are of no matter here."""

    def page(asked: Asked) -> Reply:
        at = int(asked.query.get("page", "1"))
        first = (at - 1) * SIZE
        calls = [{"ocid": f"ocds-1-{n}", "id": "r", "tag": ["tender"], "tender": {"title": f"Call {n}"}}
                 for n in range(first, first + SIZE)]  # fmt: skip
        links = {"next": f"/list?page={at + 1}"} if at < PAGES else {}
        return Reply.json({"releases": calls[: SIZE - 1] if at == PAGES else calls, "links": links})

    portal.route("/list", page)


def ids(path: Path) -> list[str]:
    return [json.loads(line)["id"] for line in path.read_text().splitlines()]


class TestKilled:
    @pytest.mark.parametrize("after", [2, 5, 9])
    async def test_kill_9_in_the_middle_and_every_record_is_there_once(
        self, portal: Portal, tmp_path: Path, after: int
    ) -> None:
        paged(portal)
        out, state = tmp_path / "out.jsonl", tmp_path / "state.json"
        command = ["run", "ocds", "--contact", CONTACT, "--out", str(out), "--state", str(state),
                   "--set", f"url={portal.url}/list", "--set", "paging=links", "--set", "size=10",
                   "--set", "interval=0.05"]  # fmt: skip
        process = await started(portal, *command)
        while len(portal.paths()) < after:
            assert process.returncode is None
            await asyncio.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
        with out.open("a") as file:
            file.write('{"id": "written, but never committed"')  # what a kill in the middle of a write leaves
        process = await started(portal, *command)
        _, told = await process.communicate()
        assert process.returncode == 0, told
        report = json.loads(told.decode().splitlines()[-1])
        assert (report["outcome"], report["seen"]) == ("complete", PAGES * SIZE - 1)
        assert ids(out) == [f"ocds-1-{n}" for n in range(PAGES * SIZE - 1)]
        assert len(portal.paths()) <= PAGES + 2  # only what was under way is asked for again


class TestInterrupted:
    async def test_the_keyboard_ends_a_run_with_a_word_on_how_to_go_on(self, portal: Portal, tmp_path: Path) -> None:
        paged(portal)
        process = await started(
            portal, "run", "ocds", "--contact", CONTACT, "--out", str(tmp_path / "out.jsonl"),
            "--state", str(tmp_path / "state.json"), "--set", f"url={portal.url}/list", "--set", "paging=links",
            "--set", "size=10", "--set", "interval=0.5",
        )  # fmt: skip
        while len(portal.paths()) < 3:
            assert process.returncode is None
            await asyncio.sleep(0.005)
        process.send_signal(signal.SIGINT)
        _, told = await process.communicate()
        assert process.returncode == 130
        assert told.decode() == "run: interrupted. The same command goes on from its state file.\n"


class TestRun:
    async def test_a_sample_to_standard_output(self, portal: Portal) -> None:
        paged(portal)
        process = await started(
            portal, "run", "ocds", "--contact", CONTACT, "--sample", "13", "--set", f"url={portal.url}/list",
            "--set", "paging=links", "--set", "interval=0",
        )  # fmt: skip
        out, _ = await process.communicate()
        assert process.returncode == 0
        assert len(out.splitlines()) == 13

    async def test_a_refusal_is_an_end_of_its_own_and_lasts(self, tmp_path: Path) -> None:
        async with OcdsPortal() as portal:
            portal.script("*", Reply(403))
            command = ["run", "uk_find_a_tender", "--contact", CONTACT, "--state", str(tmp_path / "s"),
                       "--set", f"base_url={portal.url}"]  # fmt: skip
            for _ in range(2):
                process = await started(portal, *command, hurried=True)
                _, told = await process.communicate()
                assert process.returncode == 4
                assert json.loads(told.decode().splitlines()[-1])["outcome"] == "refused"
            assert len(portal.paths()) == 1
            portal.route("*", portal._answer)
            again = [*command, "--restart", "--since", "2026-09-01", "--until", "2026-09-01T06:00Z"]
            process = await started(portal, *again, hurried=True)
            assert (await process.communicate())[0] == b""
            assert process.returncode == 0

    async def test_a_changed_page_is_told_from_a_refusal(self, portal: Portal) -> None:
        portal.script("/list", Reply.html("<html>"))
        process = await started(portal, "run", "ocds", "--contact", CONTACT, "--set", f"url={portal.url}/list")
        await process.communicate()
        assert process.returncode == 2

    def test_a_network_source_needs_a_contact(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["run", "uk_find_a_tender"]) == 1
        assert "--contact" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "arguments",
        [["run", "nowhere", "--contact", CONTACT], ["run", "ocds", "--contact", "me"], ["run", "ocds", "--set", "x"],
         ["run", "ocds", "--since", "2026-11-01T10:00"], ["parse", "ocds"], ["walk"], []],
    )  # fmt: skip
    def test_wrong_usage(self, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = ended.code
        assert code == 1
        assert capsys.readouterr().err


class TestParse:
    def test_records_as_json_lines_and_rejections_apart(
        self, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        page = {"releases": [
            {"ocid": "ocds-1-1", "id": "r", "tender": {"title": "Serveurs"}, "date": "2026-09-01T08:00:00Z"},
            {"ocid": "ocds-1-2", "id": "r"},
        ]}  # fmt: skip
        (tmp_path / "page.json").write_text(json.dumps(page))
        assert main(["parse", "ocds", str(tmp_path / "page.json")]) == 0
        sys.stdout.flush()
        said = capfdbinary.readouterr()
        (tender,) = (json.loads(line) for line in said.out.splitlines())
        assert (tender["id"], tender["title"], tender["source"]) == ("ocds-1-1", "Serveurs", "ocds")
        (refused,) = (json.loads(line) for line in said.err.splitlines())
        assert refused["rejected"]["code"] == "ocds.no_tender"

    def test_a_payload_that_is_not_the_sources(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        good, bad = tmp_path / "good", tmp_path / "bad"
        good.write_text('{"releases": []}')
        bad.write_text("<html>")
        assert main(["parse", "uk_find_a_tender", str(bad), str(good)]) == 2
        assert main(["parse", "uk_find_a_tender", str(good)]) == 0
        assert main(["parse", "uk_find_a_tender", str(tmp_path / "none")]) == 1
        assert "bad" in capsys.readouterr().err

    def test_a_file_that_is_missing_stops_no_other(
        self, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        good = tmp_path / "page.json"
        good.write_text('{"releases": [{"ocid": "ocds-h6vhtk-1", "tag": ["tender"], "tender": {"title": "Pumps"}}]}')
        assert main(["parse", "uk_find_a_tender", str(tmp_path / "none"), str(good), str(tmp_path)]) == 1
        out, told = capfdbinary.readouterr()
        assert json.loads(out)["title"] == "Pumps"
        assert told.decode().splitlines() == [
            f"{tmp_path / 'none'}: No such file or directory",
            f"{tmp_path}: Is a directory",
        ]

    @pytest.mark.parametrize(
        ("name", "body"),
        [
            (
                "uk_contracts_finder",
                b'{"releases": [{"ocid": "ocds-h6vhtk-1", "tender": {"title": "Another portal\'s"}}]}',
            ),
            (
                "uk_find_a_tender",
                b'{"releases": [{"ocid": "ocds-b5fd17-1", "tender": {"title": "Another portal\'s"}}]}',
            ),
            ("afdb", b'<rss version="2.0"><channel><item><title>Pumps</title></item></channel></rss>'),
            ("ungm", b""),
            ("ungm", b'<?xml version="1.0"?><root/>'),
            ("ocds", gzip.compress(b'{"ocid": "ocds-1-1", "tender": {"title": "Pumps"}}')[:30]),
        ],
        ids=["find a tender", "contracts finder", "a feed", "nothing", "no list", "half a file"],
    )
    def test_what_another_source_sends_or_half_a_file_is_told(self, tmp_path: Path, name: str, body: bytes) -> None:
        (tmp_path / "saved").write_bytes(body)
        assert main(["parse", name, str(tmp_path / "saved")]) == 2


def test_the_list_shows_licence_and_attribution(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    said = capsys.readouterr().out
    assert "uk_find_a_tender" in said
    assert "Open Government Licence" in said
