"""Calls for the tests of this folder."""

from __future__ import annotations

import itertools

from tests.support.api import Person

_number = itertools.count(1)


def a_call(**fields: object) -> dict[str, object]:
    """A small call with an id of its own."""
    return {"id": f"AO-{next(_number)}", "title": "Maintenance du réseau informatique", "country": "MA", **fields}


async def posted(owner: Person, /, **fields: object) -> dict[str, object]:
    """A call of ``owner``, published unless ``status`` says otherwise; the answer's body."""
    answer = await owner.client.post("/v1/tenders", json=a_call(**{"status": "published", **fields}))
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found
