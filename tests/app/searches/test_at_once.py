"""What an organisation may have so many of, asked for at once."""

from __future__ import annotations

import asyncio

import pytest

from app.channels.feeds import service as feeds
from app.channels.webhooks import service as webhooks
from app.searches import service as searches
from tests.support.api import Api


async def test_no_more_are_made_than_there_may_be(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searches, "MOST_SEARCHES", 2)
    monkeypatch.setattr(feeds, "MOST_FEEDS", 2)
    buyer = await api.person("buyer")
    monkeypatch.setattr(webhooks, "MOST_ENDPOINTS", 2)
    search, feed = {"name": "x", "list": "tenders"}, {"selection": "simplified_access", "language": "fr"}
    endpoint = {"url": "https://93.184.215.14/"}
    for path, wanted in (("/v1/searches", search), ("/v1/feeds", feed), ("/v1/webhooks", endpoint)):
        made = await asyncio.gather(*(buyer.client.post(path, json=wanted) for _ in range(5)))
        assert sorted(answer.status_code for answer in made) == [201, 201, 409, 409, 409]
