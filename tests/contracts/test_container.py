"""What the image is made of is sent to its builder, and exists; the compose file runs commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

from app.cli import COMMANDS
from app.config import Settings

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")


def copied() -> set[str]:
    lines = re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    return {word for line in lines for word in line.split()[:-1]}


def test_the_builder_is_sent_what_is_copied_and_no_more() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert allowed == copied()
    assert {path for path in copied() if not (ROOT / path).exists()} == set()


def test_settings_of_the_container_files_exist() -> None:
    known = {f"SAFQA_{name}".upper() for name in Settings.model_fields}
    ours = {"SAFQA_PUBLISH", "SAFQA_FIRST_RUN"}  # of the compose file itself
    assert set(re.findall(r"SAFQA_[A-Z_]+", DOCKERFILE)) <= known
    assert set(re.findall(r"SAFQA_[A-Z_]+", COMPOSE)) <= known | ours


def test_the_compose_file_runs_commands_that_exist() -> None:
    commands = re.findall(r"^    command: \[?(\w+)", COMPOSE, re.MULTILINE)
    assert {"migrate", "api", "worker"} <= set(commands)
    assert set(commands) <= set(COMMANDS)
