"""One application for all pages of this area; each test has an organisation of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.api import Api, running_api
from tests.support.db import Cluster


@pytest.fixture(scope="package")
async def shared(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("founders") as database, running_api(database) as running:
        await running.ranker.index.catch_up()
        yield running
