"""An attestation as a PDF page: Arabic shaped and set from right to left, the signature attached."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, Final, Literal, cast

from app.db.base import JsonObject
from app.kit.i18n import Lang, format_date, format_money, translate
from app.models.attestation import Attestation
from app.pilots.signing import KEYS_PATH, PURPOSE

if TYPE_CHECKING:
    from fpdf import FPDF

FONT: Final = "Amiri"
ATTACHED: Final = "attestation.jws"
_KEPT_CONTROLS = frozenset("\n")
_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_WITHOUT_LETTERS = re.compile(r"[\W\d_]{200}")
"""So much without a letter goes on in a new line: the library looks for the next one a stack frame per sign, and shapes
marks upon marks in the square of their number.
"""
Direction = Literal["ltr", "rtl"]


def attestation_pdf(attestation: Attestation, lang: Lang, public_url: str | None = None) -> bytes:
    """The document in a language; the same bytes for the same attestation. Takes some 200 ms: not in the event loop.

    ``public_url``: where this installation is reached, without a slash at its end; paths alone are printed without it.
    """
    page = _Page(lang, attestation.issued_at, translate("attestation.title", lang))
    facts = attestation.facts
    if attestation.revoked_at is not None:
        page.warning(translate("attestation.revoked", lang, day=attestation.revoked_at.date()))
        page.text(attestation.revoked_because or "")
    page.text(
        translate(
            "attestation.intro", lang,
            buyer=_text(facts, "buyer", "name"), startup=_text(facts, "startup", "name"),
            pilot=_text(facts, "pilot", "title"),
        )
    )  # fmt: skip
    _tell_facts(page, facts, lang)
    page.heading(translate("attestation.criteria", lang))
    for number, criterion in enumerate(cast("list[JsonObject]", facts["criteria"]), 1):
        verdict = translate(f"attestation.verdict.{criterion['verdict']}", lang)
        page.field(f"{number}. {verdict}", str(criterion["text"]))
        if criterion.get("note"):
            page.text(str(criterion["note"]))
    if facts.get("statement"):
        page.heading(translate("attestation.statement", lang))
        page.text(str(facts["statement"]))
    page.heading(translate("attestation.code", lang))
    page.code(attestation.code)
    page.small(translate("attestation.check", lang))
    page.small(f"{public_url or ''}/v1/attestations/{attestation.code}")
    page.small(translate("attestation.offline", lang))
    page.small(f"{public_url or ''}{KEYS_PATH}")
    page.small(translate("attestation.worth", lang))
    page.attach(attestation.jws)
    return page.bytes()


def _tell_facts(page: _Page, facts: JsonObject, lang: Lang) -> None:
    page.field(translate("attestation.problem", lang), _text(facts, "pilot", "problem"))
    days = {name: dt.date.fromisoformat(_text(facts, "pilot", name)) for name in ("from", "until")}
    window = translate("attestation.days", lang, first=days["from"], last=days["until"])
    page.field(translate("attestation.window", lang), window)
    if place := _text(facts, "pilot", "place"):
        page.field(translate("attestation.place", lang), place)
    for name in ("budget", "paid"):
        if name in facts:
            money = format_money(Decimal(_text(facts, name, "amount")), _text(facts, name, "currency"), lang)
            page.field(translate(f"attestation.{name}", lang), money)
    page.field(
        translate("attestation.issued", lang), format_date(dt.datetime.fromisoformat(str(facts["issued_at"])), lang)
    )


class _Page:
    """A page that is written from the top, each paragraph in the direction of its own text."""

    def __init__(self, lang: Lang, made_at: dt.datetime, title: str) -> None:
        import fontpkg
        from fpdf import FPDF

        self._direction: Direction = "rtl" if lang == "ar" else "ltr"
        self._pdf: FPDF = FPDF(format="A4")
        self._pdf.set_margin(22)
        self._pdf.set_creation_date(made_at.astimezone(dt.UTC))
        self._pdf.set_lang(lang)
        self._pdf.set_title(title)
        self._pdf.set_creator("Safqa")
        self._pdf.add_font(FONT, "", fontpkg.path(FONT))
        self._pdf.add_font(FONT, "B", fontpkg.path(FONT, weight=700))
        self._pdf.add_page()
        self._write(title, size=22, style="B")
        self._pdf.ln(3)

    def heading(self, text: str) -> None:
        """The title of a part."""
        self._pdf.ln(3)
        self._write(text, size=14, style="B")

    def text(self, text: str) -> None:
        """A paragraph."""
        self._write(text, size=12)
        self._pdf.ln(1)

    def field(self, name: str, value: str) -> None:
        """A name, and under it its value."""
        self._write(name, size=10, style="B")
        self.text(value)

    def small(self, text: str) -> None:
        """A paragraph in small letters."""
        self._write(text, size=9.5)

    def code(self, code: str) -> None:
        """What has to be typed without a mistake."""
        self._write(code, size=18, style="B")

    def warning(self, text: str) -> None:
        """What must not be overlooked."""
        self._pdf.set_text_color(170, 0, 0)
        self._write(text, size=16, style="B")
        self._pdf.set_text_color(0, 0, 0)

    def attach(self, jws: str) -> None:
        """Put the signed facts into the file."""
        self._pdf.embed_file(basename=ATTACHED, bytes=jws.encode(), desc=PURPOSE, compress=False)

    def bytes(self) -> bytes:
        """The whole document."""
        return bytes(self._pdf.output())

    def _write(self, text: str, *, size: float, style: Literal["", "B"] = "") -> None:
        self._pdf.set_font(FONT, style, size)
        for line in _WITHOUT_LETTERS.sub("\\g<0>\n", _printable(text)).split("\n"):
            self._pdf.set_text_shaping(use_shaping_engine=True, direction=_direction_of(line, self._direction))
            align = "R" if self._direction == "rtl" else "L"
            self._pdf.multi_cell(0, size * 0.55, line, align=align, new_x="LMARGIN", new_y="NEXT")


def _text(facts: JsonObject, part: str, name: str) -> str:
    return str(cast("JsonObject", facts[part]).get(name) or "")


def _printable(text: str) -> str:
    """Without controls: those of direction could make a paper say the contrary of what was signed."""
    return "".join(
        letter for letter in text if letter in _KEPT_CONTROLS or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )


def _direction_of(line: str, usual: Direction) -> Direction:
    """By the first letter that has a direction (UAX 9, rule P2)."""
    for letter in line:
        kind = unicodedata.bidirectional(letter)
        if kind in _RIGHT_TO_LEFT:
            return "rtl"
        if kind == "L":
            return "ltr"
    return usual
