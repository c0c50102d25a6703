"""One application for the tests of this folder, allowed to read the websites of one portal on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.support.api import Api, running_api
from tests.support.db import Cluster
from tests.support.portal import CONTACT, Portal


@pytest.fixture(scope="package")
async def site() -> AsyncIterator[Portal]:
    async with Portal() as portal:
        yield portal


@pytest.fixture(scope="package")
async def profile_api(cluster: Cluster, site: Portal) -> AsyncIterator[Api]:
    allowed = {
        "profile_websites": True,
        "source_contact": CONTACT,
        "sources_addresses": (f"127.0.0.1:{site.port}",),
        "max_body_bytes": 100_000,
    }
    async with cluster.copy("profiles") as database, running_api(database, **allowed) as api:
        yield api


@pytest.fixture(autouse=True)
def _empty(site: Portal) -> None:
    site.routes.clear()
    site.asked.clear()
