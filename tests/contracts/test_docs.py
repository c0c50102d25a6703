"""The pages say what the code does: commands, links, routes, problems, decisions, words."""

from __future__ import annotations

import importlib
import pkgutil
import re
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

import app
from app.accounts.scopes import SCOPES
from app.cli import COMMANDS, build
from app.config import Settings
from app.kit.errors import AppError, all_problems
from app.main import create_app
from app.tenders.states import TRANSITIONS, Action
from matching.describe import with_signals

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "app/sample/README.md"])
DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
API = (ROOT / "docs/api.md").read_text(encoding="utf-8")
STEPS = {
    Action.AMEND: "amend", Action.PUBLISH: "`/publish`", Action.CLOSE: "`/close`", Action.WITHDRAW: "`/withdraw`",
    Action.CANCEL: "`/cancel`", Action.DELETE: "`DELETE`",
}  # fmt: skip
WORDS = (
    "tender, call for tenders", "simplified open call", "purchase order", "lot", "notice", "buyer", "procuring entity",
    "award", "procurement method", "provisional bond", "consortium", "reference attestation", "ocid", "startup",
    "profile", "match", "candidate", "reason", "grade", "gate", "term", "concept", "posting", "recall", "nDCG",
    "version", "source", "event", "delivery", "endpoint", "crawl", "payload", "replay", "drift", "push", "link", "win",
)  # fmt: skip


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def code_of(page: Path) -> list[str]:
    """The lines of fenced blocks, and what stands between backticks in the text."""
    lines: list[str] = []
    fenced = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced:
            lines.append(line)
        else:
            lines += re.findall(r"`([^`]+)`", line)
    return lines


def anchors_of(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def links_of(page: Path) -> Iterator[tuple[Path, str]]:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield ((page.parent / path).resolve() if path else page), anchor


@pytest.fixture(scope="module")
def problems() -> dict[str, type[AppError]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return {
        slug: problem for slug, problem in all_problems().items() if not slug.startswith("test-")
    }  # tests make some


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, anchor in links_of(page):
        assert target.exists(), f"{target} is not there"
        if anchor and target.suffix == ".md":
            assert anchor in anchors_of(target), f"{named(target)} has no heading #{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_file_that_is_named_exists(page: Path) -> None:
    folders = "app|matching|scrapers|tests|alembic|docs|bench"
    for code in re.findall(r"`([^`\s]+)`", page.read_text(encoding="utf-8")):
        if re.fullmatch(rf"(?:{folders})/[\w./-]+", code):
            assert (ROOT / code).exists(), code


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_command_that_is_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for code in code_of(page):
        for target in re.findall(r"(?:^|\s)make ([a-z]+)", code):
            assert target in targets, code
        if found := re.search(r"(?:^|[\s/])safqa ([a-z]+)(?: ([a-z]+))?([^#|]*)", code):
            check_command(found[1], found[2], set(re.findall(r"(?<!\S)(--[a-z-]+)", found[3])), code)


def check_command(name: str, sub: str | None, options: set[str], code: str) -> None:
    assert name in COMMANDS, code
    command = typer.main.get_command(build([name])).commands[name]  # type: ignore[attr-defined]
    if hasattr(command, "commands") and sub:
        assert sub in command.commands, code
        command = command.commands[sub]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert options <= known, code


@pytest.fixture(scope="module")
def routes() -> set[tuple[str, str]]:
    paths = create_app(Settings()).openapi()["paths"]
    return {(method.upper(), re.sub(r"\{\w+\}", "{}", path)) for path, methods in paths.items() for method in methods}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_every_route_that_is_named_exists(page: Path, routes: set[tuple[str, str]]) -> None:
    for code in code_of(page):
        for method, path in re.findall(r"\b(GET|POST|PUT|PATCH|DELETE) (/[\w/{}.-]+)", code):
            assert (method, re.sub(r"\{\w+\}", "{}", path)) in routes, code


def test_every_problem_is_documented_with_its_status(problems: dict[str, type[AppError]]) -> None:
    documented = dict(re.findall(r"^### `([a-z-]+)`\n\n(\d{3})\. ", API, re.MULTILINE))
    assert documented == {slug: str(problem.status) for slug, problem in problems.items()}


def test_every_scope_is_documented() -> None:
    assert set(SCOPES) == set(re.findall(r"`([a-z]+:(?:read|write))`", API))


def test_the_steps_of_a_call_are_those_of_the_code() -> None:
    for states, steps in re.findall(r"^\| (`(?:draft|published|closed|withdrawn)`.*?) \| (.+) \|$", API, re.MULTILINE):
        for state in re.findall(r"`(\w+)`", states):
            lawful = {STEPS[action] for action, moves in TRANSITIONS.items() if state in moves}
            assert set(steps.split(", ")) == lawful or (not lawful and steps.startswith("none"))


def test_the_generated_part_of_the_scoring_page_is_that_of_the_code() -> None:
    page = (ROOT / "docs/scoring.md").read_text(encoding="utf-8")
    assert with_signals(page) == page, "the signals changed: run `make docs`, and read the rest of the page"


def test_the_generated_part_needs_its_marks() -> None:
    with pytest.raises(ValueError, match="once each"):
        with_signals("# A page without marks")


@pytest.mark.parametrize("page", DECISIONS, ids=named)
def test_a_decision_has_its_parts_and_cites_real_files(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {int(page.name[:4])}. ")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    cited = re.findall(r"`([^`]+)`", text[text.rindex("\nFiles: ") :])
    assert cited
    assert [path for path in cited if not (ROOT / path).is_file()] == []


def test_the_list_of_decisions_is_complete() -> None:
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8"))
    assert listed == [page.name for page in DECISIONS]
    assert [int(name[:4]) for name in listed] == list(range(1, len(listed) + 1))


def test_every_word_has_its_three_languages() -> None:
    rows = re.findall(r"^\| (?!English|-)(.+) \|$", (ROOT / "GLOSSARY.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = {}
    for row in rows:
        english, french, arabic, meaning = (cell.strip() for cell in row.split(" | "))
        assert english not in words
        assert french, english
        assert re.search(r"[ء-ي]", arabic), english
        assert meaning, english
        words[english] = french
    assert [word for word in WORDS if not any(word in known.split(", ") or word == known for known in words)] == []


def test_the_map_of_the_house_has_the_layers_of_the_import_contract() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    layers = next(contract["layers"] for contract in contracts if contract["name"] == "domains point one way")
    rows = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert re.findall(r"\w+", " ".join(rows)) == re.findall(r"\w+", " ".join(layers))


def test_the_changelog_has_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    sections = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sections[0] == "Unreleased"
    assert version == app.__version__
    assert version in sections


@pytest.mark.parametrize("picture", sorted((ROOT / "docs").glob("*.svg")), ids=named)
def test_a_picture_loads_nothing_and_says_in_words_what_it_shows(picture: Path) -> None:
    text = picture.read_text(encoding="utf-8")
    root = ET.fromstring(text)
    assert root.find("{http://www.w3.org/2000/svg}desc") is not None
    assert not re.search(r"href|@import|url\((?!#)|<script|<image", text)
    assert "prefers-color-scheme: dark" in text
