"""Everything that a plan names has a sentence in the catalogues."""

from __future__ import annotations

import re

import pytest

from app.kit.i18n import has_message
from matching.planning.book import RouteKind, default_book

BOOK = default_book()
LAW = re.compile(r"(décret|loi|dahir|code|directive|règlement) .*\d.*|code de la commande publique")
SOURCES = sorted({each.citation.source for part in (BOOK.pieces, BOOK.routes, BOOK.guarantees) for each in part})


@pytest.mark.parametrize(
    "key",
    [
        *(f"planning.piece.{piece.id}" for piece in BOOK.pieces),
        *(f"planning.giver.{piece.giver}" for piece in BOOK.pieces),
        *(f"planning.guarantee.{guarantee.id}" for guarantee in BOOK.guarantees),
        *(f"planning.route.{kind}" for kind in RouteKind),
        *(f"planning.step.{name}" for route in BOOK.routes for name, _ in route.steps),
        "planning.piece.consortium_agreement",
    ],
)
def test_it_is_in_the_catalogues(key: str) -> None:
    assert has_message(key)


@pytest.mark.parametrize("source", SOURCES)
def test_a_source_is_a_law_by_its_title_or_named_in_every_language(source: str) -> None:
    assert LAW.fullmatch(source) is not None or has_message(f"planning.source.{source}"), source
