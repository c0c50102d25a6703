"""Pages as a browser shows them. One installation and one Chromium per process of tests.

Most of what is held here holds for every page that links lead to: a new one is looked at without being named.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.support.chromium import running_chromium
from tests.support.db import Cluster
from tests.support.site import Site, running_site


@pytest.fixture(scope="session")
async def site(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with running_site(cluster, tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    async with running_chromium() as browser:
        yield browser
