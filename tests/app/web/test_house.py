"""What holds for all templates: no words outside the catalogues, no script or style inside a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.kit import i18n

WEB = Path(__file__).parents[3] / "app" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
JINJA = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
TAG = re.compile(r"<!?/?[a-zA-Z][^<>]*>|<!--.*?-->", re.DOTALL)
SAID = re.compile(r"""\s(?:title|alt|placeholder|aria-label|aria-description|content)=["']([^"']*)["']""")
ATTRIBUTE = re.compile(r"""\b[a-z-]+=(?:"[^"]*"|'[^']*')""")
LETTERS = re.compile(r"[^\W\d_]{2,}")
KEY = re.compile(r"""\bt[n]?\(\s*["'](web\.[a-z0-9.-]+)["']\s*[,)]""")
NAMES = {"صفقة", "Safqa", "Safqa API"}


def _without_code(text: str) -> str:
    return JINJA.sub(" ", text)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_every_word_comes_from_the_catalogues(path: Path) -> None:
    plain = _without_code(path.read_text(encoding="utf-8"))
    bare = ATTRIBUTE.sub(" ", TAG.sub(" ", plain))
    for name in NAMES:
        bare = bare.replace(name, " ")
    words = LETTERS.findall(re.sub(r"&[a-z]+;", " ", bare))
    spoken = [said for said in SAID.findall(plain) if LETTERS.search(said) and 'name="' not in said]
    attributes = [said for said in spoken if not said.startswith(("width=", "light dark", "{"))]
    assert (words, attributes) == ([], [])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_nothing_is_trusted_and_nothing_runs_inside_a_page(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape|Markup", text)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:|js:|<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", text)


def test_every_key_that_is_said_has_a_sentence() -> None:
    files = [*TEMPLATES, *WEB.rglob("*.py")]
    keys = {key for path in files for key in KEY.findall(path.read_text(encoding="utf-8"))}
    assert len(keys) > 20
    known = {**i18n.catalogue("en"), **i18n.counted("en")}
    assert sorted(keys - known.keys()) == []


def test_the_stylesheet_knows_no_left_and_no_right_and_no_colour_outside_its_tokens() -> None:
    for path in sorted((WEB / "styles").glob("*.css")):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        physical = re.findall(
            r"\b(?:(?:margin|padding|border)-(?:left|right|top|bottom)|(?<!-)(?:left|right)\s*:)", text
        )
        assert (path.name, physical) == (path.name, [])
        if path.name != "00-tokens.css":
            screen = text.partition("@media print")[0]
            assert (path.name, re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", screen)) == (path.name, [])
