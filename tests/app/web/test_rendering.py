"""What templates call by name, beside the pages themselves."""

from __future__ import annotations

from markupsafe import Markup, escape

from app.web.rendering import keeper


def test_what_a_macro_makes_is_made_once_and_safe_text_stands_for_no_other() -> None:
    made: list[str] = []

    def macro(text: str, times: int) -> Markup:
        made.append(text)
        return escape(text) * times

    kept = keeper()
    assert kept(macro, "<b>", 1) == kept(macro, "<b>", 1) == "&lt;b&gt;"
    assert kept(macro, Markup("<b>"), 1) == "<b>"
    assert kept(macro, "<b>", bool(1)) == "&lt;b&gt;"
    assert kept(macro, "<b>", 2) == "&lt;b&gt;&lt;b&gt;"
    assert len(made) == 4
    assert keeper()(macro, "<b>", 1) == "&lt;b&gt;"
    assert len(made) == 5, "kept for another page"
