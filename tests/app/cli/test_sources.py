"""The commands about sources, where no portal is asked; tests/e2e runs a real crawl."""

from __future__ import annotations

import pytest

from app.cli import main
from tests.support.db import Database

UK = "uk_find_a_tender"


def said(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    assert main([*arguments]) == code
    printed = capsys.readouterr()
    return printed.out + printed.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("ingest", "nothing"), "there is no source 'nothing'"),
        (("ingest", "uk_contracts_finder"), "add it to SAFQA_SOURCES"),
        (("ingest", UK), "SAFQA_SOURCE_CONTACT"),
        (("ingest", UK, "--since", "yesterday"), "--since"),
        (("ingest", UK, "--since", "2026-11-01T08:00:00"), "no zone"),
        (("ingest", UK, "--since", "2026-11-02", "--until", "2026-11-01"), "behind"),
        (("replay", "nothing"), "there is no source"),
        (("sources", "halt", "nothing"), "there is no source"),
        (("sources", "erase", UK, "--before", "soon"), "no day"),
    ],
)
def test_a_slip_is_told_in_one_line_before_a_database_is_looked_for(
    arguments: tuple[str, ...], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFQA_SOURCES", UK)
    monkeypatch.setenv("SAFQA_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    monkeypatch.setenv("SAFQA_SECRET", "x" * 40)
    printed = said(capsys, 2, *arguments)
    assert told in printed
    assert len(printed.splitlines()) == 1


def test_a_switch_holds_until_it_is_taken_back(
    configured: Database, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAFQA_SOURCES", UK)
    monkeypatch.setenv("SAFQA_SOURCE_CONTACT", "operator@safqa.example")
    assert f"{UK}: ok" in said(capsys, 0, "sources")
    said(capsys, 0, "sources", "halt", UK, "--reason", "moving house")
    assert "moving house" in said(capsys, 2, "ingest", UK)
    assert f"{UK}: halted" in said(capsys, 0, "sources")
    said(capsys, 0, "sources", "halt")
    assert "still set" in said(capsys, 0, "sources", "resume", UK)
    said(capsys, 0, "sources", "resume")
    assert "no switch" in said(capsys, 2, "sources", "resume")


def test_where_nothing_ran_there_is_nothing_to_do(configured: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no source is enabled" in said(capsys, 0, "sources")
    assert "has not run yet" in said(capsys, 2, "sources", "restart", UK)
    assert "nothing is kept" in said(capsys, 2, "sources", "erase", UK)
    assert "no payload" in said(capsys, 2, "replay", UK)
