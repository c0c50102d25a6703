"""Everything that a plan names has a sentence in the catalogues."""

from __future__ import annotations

import pytest

from app.kit.i18n import has_message
from matching.planning.book import RouteKind, default_book

BOOK = default_book()


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
