"""docs/eligibility.md lists the rules that ship."""

from __future__ import annotations

from pathlib import Path

from matching.eligibility.describe import with_rules


def test_the_page_lists_the_rules_as_they_are() -> None:
    page = Path("docs/eligibility.md").read_text(encoding="utf-8")
    assert with_rules(page) == page, "write it anew: make docs"
