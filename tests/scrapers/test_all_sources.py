"""What holds for every source: its declaration is whole, its docstring is fit to be published, and it is small."""

from __future__ import annotations

import inspect
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from scrapers.base import Source
from scrapers.describe import with_sources
from scrapers.errors import SourceChanged, SourceError, SourceMisconfigured
from scrapers.registry import SOURCES, get_source, list_sources
from tests.support.processes import ROOT

LONGEST_SOURCE = 120
ALL = list_sources()


def named(source: type[Source]) -> str:
    return source.name


@pytest.mark.parametrize("source", ALL, ids=named)
class TestEverySource:
    def test_its_name_is_its_key(self, source: type[Source]) -> None:
        assert SOURCES[source.name].endswith(f":{source.__name__}")
        assert source.title

    def test_it_says_what_a_reader_must_know(self, source: type[Source]) -> None:
        text = source.description()
        for part in ("Site: ", "Language: ", "Updates: ", "Caveats: "):
            assert part in text
        assert source.__doc__ is not Source.__doc__

    def test_it_carries_its_licence(self, source: type[Source]) -> None:
        assert source.licence
        assert source.attribution

    def test_it_is_made_without_settings_and_refuses_unknown_ones(self, source: type[Source]) -> None:
        assert get_source(source.name).name == source.name
        with pytest.raises(SourceMisconfigured):
            get_source(source.name, {"no such option": "1"})

    def test_its_requests_stay_on_its_own_hosts_by_tls(self, source: type[Source]) -> None:
        if not source.base_url:
            pytest.skip("its address is set by the operator")
        assert source.base_url.startswith("https://")
        assert urlsplit(source.base_url).hostname in source().manners.hosts

    def test_it_is_polite(self, source: type[Source]) -> None:
        manners = source().manners
        assert manners.interval_seconds >= 1
        assert manners.concurrency == 1
        assert manners.slow_down or 429 in manners.refusal_statuses

    def test_it_is_a_small_declaration(self, source: type[Source]) -> None:
        path = inspect.getsourcefile(source)
        assert path is not None
        assert len(Path(path).read_text(encoding="utf-8").splitlines()) <= LONGEST_SOURCE


def test_a_name_that_is_none() -> None:
    with pytest.raises(SourceMisconfigured, match="there is no source"):
        get_source("nowhere")


def test_the_page_of_the_sources_is_that_of_the_code() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    assert with_sources(page) == page, "write it anew: python -m scrapers.describe docs/sources.md"


def test_the_page_needs_its_marks() -> None:
    with pytest.raises(ValueError, match="once each"):
        with_sources("# A page without marks")


def test_every_code_of_an_end_is_on_the_page() -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    codes = {kind.code for kind in SourceError.__subclasses__()} | {
        kind.code for kind in SourceChanged.__subclasses__()
    }
    for code in codes | {"sample", "interrupted", "short_count", "no_end"}:
        assert f"`{code}`" in page or code == "refused"
