"""Saved indexes: the same answers after a restart, and a clear refusal of anything damaged or foreign."""

from __future__ import annotations

import datetime as dt
import errno
import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching import ArtifactMismatch, Matcher
from matching.codec import decoder, encode
from matching.lexicon import default_lexicon
from matching.specialities import Specialities
from matching.types import Amount, Label, LotDoc, ReferenceDoc, StartupDoc, TenderDoc

TENDERS = [
    TenderDoc("t1", "Refonte du site web", country="MA", value=Amount(Decimal("10.50"), "MAD"),
              deadline=dt.datetime(2026, 12, 1, 10, tzinfo=dt.UTC), lots=(LotDoc("l1", "Hébergement"),), reserved_sme=False),
    TenderDoc("t2", "صيانة الشبكة المعلوماتية", place="فاس"),
]  # fmt: skip
STARTUPS = [
    StartupDoc("s1", "Toile", "Sites web \x00 😀", labels=(Label("JEI", "État"),), regions=("Fès-Meknès",)),
    StartupDoc("s2", "Réso", "Réseaux", references=(ReferenceDoc("Câblage du réseau", date=dt.date(2025, 1, 2)),)),
]


@pytest.fixture
def matcher() -> Matcher:
    matcher = Matcher()
    matcher.load(tenders=TENDERS, startups=STARTUPS)
    matcher.upsert_startups([StartupDoc("s3", "Neuf", "hébergement de portails")])
    return matcher


def test_a_reopened_index_answers_the_same(matcher: Matcher, tmp_path: Path) -> None:
    matcher.save(tmp_path / "index")
    again = Matcher.open(tmp_path / "index")
    assert again.sizes() == matcher.sizes() == (2, 3)
    for tender in TENDERS:
        assert again.startups_for(tender, k=9) == matcher.startups_for(tender, k=9)
    for startup in STARTUPS:
        assert again.tenders_for(startup, k=9) == matcher.tenders_for(startup, k=9)
    assert again.basis == matcher.basis


def test_a_reopened_index_can_change_and_be_saved_over_itself(matcher: Matcher, tmp_path: Path) -> None:
    matcher.save(tmp_path)
    again = Matcher.open(tmp_path)
    again.upsert_startups([StartupDoc("s4", "Quatre", "refonte du site web")])
    again.remove_startups(["s1"])
    assert [r.startup_id for r in again.startups_for(TENDERS[0], k=1).items] == ["s4"]
    again.save(tmp_path)
    assert Matcher.open(tmp_path).startups_for(TENDERS[0], k=9) == again.startups_for(TENDERS[0], k=9)
    assert len([each for each in tmp_path.iterdir() if each.is_dir()]) == 1


def test_an_empty_matcher_can_be_saved(tmp_path: Path) -> None:
    Matcher().save(tmp_path)
    assert Matcher.open(tmp_path).startups_for(TENDERS[0], k=3).items == ()


@pytest.mark.parametrize("what", ["format", "lexicon"])
def test_another_version_is_refused(matcher: Matcher, tmp_path: Path, what: str) -> None:
    matcher.save(tmp_path)
    path = tmp_path / "manifest.json"
    manifest = json.loads(path.read_text())
    if what == "format":
        manifest["format"] = 99
    else:
        manifest["versions"]["lexicon"] = "other"
    path.write_text(json.dumps(manifest))
    with pytest.raises(ArtifactMismatch, match=what):
        Matcher.open(tmp_path)


def test_an_index_made_with_other_regional_specialities_is_refused(
    matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matcher.save(tmp_path)
    other = Specialities(default_lexicon(), {}, "other")
    monkeypatch.setattr("matching.matcher.default_specialities", lambda: other)
    with pytest.raises(ArtifactMismatch, match="lexicon"):
        Matcher.open(tmp_path)


def test_a_damaged_index_is_refused(matcher: Matcher, tmp_path: Path) -> None:
    with pytest.raises(ArtifactMismatch):
        Matcher.open(tmp_path / "nowhere")
    matcher.save(tmp_path)
    data = next(each for each in tmp_path.iterdir() if each.is_dir())
    array = data / "startups.0.units.ids.npy"
    array.write_bytes(array.read_bytes()[:-8])
    with pytest.raises(ArtifactMismatch):
        Matcher.open(tmp_path)
    np.save(array, np.arange(3))
    with pytest.raises(ArtifactMismatch, match="shape"):
        Matcher.open(tmp_path)


def test_a_save_that_fails_leaves_the_older_one_and_nothing_else(
    matcher: Matcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matcher.save(tmp_path)
    before = sorted(each.name for each in tmp_path.iterdir())

    def full(_file: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("matching.artifacts.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        matcher.save(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == before
    assert Matcher.open(tmp_path).sizes() == (2, 3)


def test_documents_are_for_who_saved_them(matcher: Matcher, tmp_path: Path) -> None:
    matcher.save(tmp_path)
    (data,) = (each for each in tmp_path.iterdir() if each.is_dir())
    assert data.stat().st_mode & 0o077 == 0


texts = st.text(max_size=30)


@given(
    st.builds(
        StartupDoc,
        id=texts,
        name=texts,
        description=texts,
        sectors=st.lists(texts).map(tuple),
        founded=st.none() | st.integers(1900, 2030),
        turnover=st.none() | st.builds(Amount, st.decimals(allow_nan=False, allow_infinity=False), texts),
        references=st.lists(st.builds(ReferenceDoc, texts, date=st.none() | st.dates())).map(tuple),
    )
)
def test_startups_are_stored_exactly(startup: StartupDoc) -> None:
    assert decoder(StartupDoc)(encode(startup)) == startup


@given(
    st.builds(
        TenderDoc,
        id=texts,
        title=texts,
        category=st.sampled_from([None, "works"]),
        reserved_sme=st.none() | st.booleans(),
        deadline=st.none() | st.datetimes(timezones=st.just(dt.UTC)),
        lots=st.lists(st.builds(LotDoc, texts, texts)).map(tuple),
    )
)
def test_tenders_are_stored_exactly(tender: TenderDoc) -> None:
    assert decoder(TenderDoc)(encode(tender)) == tender
