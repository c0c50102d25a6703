"""Find a Tender as a portal of the tests, crawled into a database at a fixed instant."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator

import pytest

from tests.support.collecting import Collecting, collecting
from tests.support.db import Database
from tests.support.portal_ocds import OcdsPortal

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


@pytest.fixture
async def uk() -> AsyncIterator[OcdsPortal]:
    async with OcdsPortal() as portal:
        yield portal


@pytest.fixture
async def site(fresh: Database, uk: OcdsPortal) -> AsyncIterator[Collecting]:
    async with collecting(fresh, uk, "uk_find_a_tender") as running:
        running.now.append(NOW)
        yield running
