"""One application for all tests of this folder; each sender has an owner of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.api import Api, running_api
from tests.support.db import Cluster


@pytest.fixture(scope="package")
async def push_api(cluster: Cluster) -> AsyncIterator[Api]:
    async with cluster.copy("push") as database, running_api(database) as api:
        yield api
