"""What is typed, against PostgreSQL's own search."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.startups.columns import fold_words
from app.startups.search import fold_query, search_query

TEXT = fold_words(
    "Écotech Atlas : capteurs d'irrigation goutte-à-goutte, télégestion de forages ; الري بالتنقيط. ISO 9001"
)


async def finds(db: AsyncSession, typed: str) -> bool:
    vector = func.to_tsvector("simple", literal(TEXT))
    return bool(await db.scalar(select(func.coalesce(vector.bool_op("@@")(search_query(typed)), False))))


@pytest.mark.parametrize(
    "typed",
    [
        "ECOTECH",
        "écotech irrigation",
        "irrig",
        "capteurs tele",
        '"goutte a goutte"',
        "goutte-à-goutte",
        "drone or forages",
        "drone or forag",
        "atlas -drone",
        "الرى",
        "بالتنق",
        "iso-9001",
        'atlas "capteurs d irrigation',
    ],
)
async def test_it_is_found(db: AsyncSession, typed: str) -> None:
    assert await finds(db, typed)


@pytest.mark.parametrize(
    "typed", ["drone", "irrig capteurs", "atlas -capteurs", '"irrigation atlas"', "", "!!!", "- \" '", "-", '"', ":*"]
)
async def test_it_is_not_found(db: AsyncSession, typed: str) -> None:
    assert not await finds(db, typed)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(typed=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60)
       | st.text(alphabet="a-\"'or &|!():*<>\\é ", max_size=30))  # fmt: skip
async def test_nothing_that_is_typed_is_an_error(db: AsyncSession, typed: str) -> None:
    await finds(db, typed)


def test_operators_survive_the_folding() -> None:
    assert fold_query('É -À "b  c" d-e') == 'e -a "b c" d e'
