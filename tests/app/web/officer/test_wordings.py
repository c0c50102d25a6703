"""The wordings that the form of a call offers as well understood are."""

from __future__ import annotations

import pytest

from app.kit.i18n import LANGS, Lang, catalogue
from matching.requirements import read_text

PREFIX = "web.officer.clause."
KINDS = {
    "turnover": "turnover", "references": "references", "certificate": "certificate", "team": "team",
    "presence": "local_presence", "consortium": "consortium", "subcontracting": "subcontracting",
}  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_each_is_read_as_what_it_says(lang: Lang) -> None:
    offered = {key.removeprefix(PREFIX): said for key, said in catalogue(lang).items() if key.startswith(PREFIX)}
    read = {name: [found.kind.value for found in read_text(said, country="MA")] for name, said in offered.items()}
    assert read == {name: [kind] for name, kind in KINDS.items()}
