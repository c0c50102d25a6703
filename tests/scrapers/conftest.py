"""A portal on loopback for the collectors' tests."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.portal import Portal


@pytest.fixture
async def portal() -> AsyncIterator[Portal]:
    async with Portal() as running:
        yield running
