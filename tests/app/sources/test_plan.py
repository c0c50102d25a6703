"""What the settings allow: nothing unless named, and every mistake told at once in one line."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.config import Settings
from app.runtime import configured_sources
from app.sources.plan import SourcePlan, SourcesMisconfigured, Wanted
from app.sources.tasks import due_times
from tests.support.portal import CONTACT

UK = "uk_find_a_tender"


def plan(tmp_path: Path, options: str = "", **wanted: object) -> SourcePlan:
    file = tmp_path / "sources.toml"
    file.write_text(options)
    return SourcePlan.of(Wanted(file=file, **wanted))  # type: ignore[arg-type]


def test_nothing_is_enabled_unless_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured_sources(Settings()).enabled == {}
    monkeypatch.setenv("SAFQA_SOURCES", f"{UK}, ocds ,,{UK}")
    assert [*configured_sources(Settings()).enabled] == [UK, "ocds"]


def test_a_network_source_needs_a_contact(tmp_path: Path) -> None:
    with pytest.raises(SourcesMisconfigured, match="SAFQA_SOURCE_CONTACT"):
        plan(tmp_path, names=[UK]).source(UK)
    assert plan(tmp_path, names=[UK], contact=CONTACT).source(UK).name == UK


def test_a_collector_runs_under_another_name_with_its_own_options(tmp_path: Path) -> None:
    options = (
        '[ocds_rabat]\nkind = "ocds"\nurl = "https://rabat.example/r?page={page}"\nsize = 50\nschedule = "5 4 * * *"'
    )
    made = plan(tmp_path, options, names=["ocds_rabat", UK], contact=CONTACT)
    source = made.source("ocds_rabat")
    assert (source.name, source.base) == ("ocds_rabat", "https://rabat.example")
    times = {each.name: each.cron for each in due_times(made)}
    assert times["crawl_source:ocds_rabat"] == "5 4 * * *"
    assert times[f"crawl_source:{UK}"].endswith(" */2 * * *")


@pytest.mark.parametrize(
    ("options", "wanted", "said"),
    [
        ("", {"names": ["nothing"]}, "no source 'nothing'"),
        ("", {"names": [UK], "contact": "me"}, "SAFQA_SOURCE_CONTACT"),
        ("", {"addresses": ["portal.example:80"]}, "SAFQA_SOURCES_ADDRESSES"),
        ("not toml", {}, "can't be read"),
        (f"{UK} = 3", {}, "no table"),
        (f'[{UK}]\nschedule = "often"', {"names": [UK]}, "crontab"),
        (f'[{UK}]\ncolour = "red"', {"names": [UK]}, "no option 'colour'"),
        (f"[{UK}]\nbase_url = true", {"names": [UK]}, "base_url"),
        ('[ocds_x]\nkind = "ocds"\nsize = 0', {"names": ["ocds_x"]}, "size"),
        ('[Rabat]\nkind = "ocds"', {"names": ["Rabat"]}, "name"),
    ],
)
def test_a_wrong_setting_is_told(tmp_path: Path, options: str, wanted: dict[str, object], said: str) -> None:
    with pytest.raises(SourcesMisconfigured, match=said):
        plan(tmp_path, options, **wanted)
