"""What browsers load is locked, cut to what Arabic needs, and the same bytes each time."""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from app.web import vendoring

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = ROOT / "node_modules"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vendor")
    vendoring.build(PACKAGES, folder)
    return folder


def test_the_lock_names_exact_versions_hashes_and_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for name, version in (wanted["dependencies"] | wanted["devDependencies"]).items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert locked[f"node_modules/{name}"]["version"] == version
    packages = {path: facts for path, facts in locked.items() if path}
    assert [path for path, facts in packages.items() if "integrity" not in facts or "resolved" in facts] == []
    assert {path for path, facts in packages.items() if not facts.get("dev")} == {
        f"node_modules/{name}" for name in wanted["dependencies"]
    }


def test_the_fonts_are_small_and_the_same_bytes_as_those_that_are_served(built: Path) -> None:
    for name in vendoring.FONTS:
        assert (built / name).stat().st_size < 25_000
        assert (built / name).read_bytes() == (vendoring.FOLDER / name).read_bytes()


def test_the_fonts_hold_moroccan_names_and_their_shaping_and_no_latin(built: Path) -> None:
    for name in vendoring.FONTS:
        font = TTFont(BytesIO((built / name).read_bytes()))
        letters = set(font.getBestCmap())
        assert {ord(letter) for letter in "أڭاديرݣپڤگچ؟،؛٪٠٩"} <= letters
        assert not any(letter < 0x600 for letter in letters)
        features = {
            record.FeatureTag for table in ("GSUB", "GPOS") for record in font[table].table.FeatureList.FeatureRecord
        }
        assert {"init", "medi", "fina", "rlig", "mark", "mkmk", "kern"} <= features


def test_each_licence_comes_along(built: Path) -> None:
    texts = {path.name: path.read_text(encoding="utf-8") for path in (built / "licences").iterdir()}
    assert len(texts) == 3
    assert "SIL Open Font License" in texts["ibm-plex-sans-arabic.txt"]


def test_a_registry_out_of_reach_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = "import sys; sys.exit('npm error code ECONNREFUSED\\nnpm error errno -111')"
    monkeypatch.setattr(vendoring, "_npms", lambda: [[sys.executable, "-c", refusing]])
    with pytest.raises(vendoring.NoPackages, match=r"^The browser assets .*ECONNREFUSED.*registry.*$") as trouble:
        vendoring.fetch(tmp_path, tools=False)
    assert "\n" not in str(trouble.value)
