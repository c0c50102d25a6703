"""The list of commands: each can be imported, and the help imports none."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest
import typer

from app.cli import COMMANDS, main


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_there_and_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    command = importlib.import_module(COMMANDS[name].module).command
    assert isinstance(command, typer.Typer) or command.__doc__
    assert main([name, "--help"]) == 0
    assert f"safqa {name}" in capsys.readouterr().out


def test_the_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    listed = capsys.readouterr().out
    for name, entry in COMMANDS.items():
        assert name in listed
        assert entry.summary.split()[0] in listed


def test_the_help_answers_without_loading_the_house() -> None:
    script = (
        "import sys; from app.cli import main; main(['--help']);"
        "heavy = {'numpy', 'sklearn', 'sqlalchemy', 'fastapi', 'pydantic', 'matching'} & set(sys.modules);"
        "print(sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stderr.strip() == "[]"


def test_an_unknown_command_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["no-such-command"]) == 2
    assert "no-such-command" in capsys.readouterr().err


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("safqa ")
