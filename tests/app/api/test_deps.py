import datetime as dt

from fastapi import APIRouter, Request, Response
from pydantic import TypeAdapter

from app.api.deps import CpuDep, KeyringDep, Lang, NowDep, PageParams, with_link
from app.kit.cpu_pool import CpuPool
from app.kit.paging import Keyset, Page
from tests.app.api.tiny import KEYRING, calling, tiny_app

BY_NUMBER = Keyset("numbers", TypeAdapter(tuple[int]))
router = APIRouter()


@router.get("/numbers")
async def numbers(request: Request, response: Response, page: PageParams, odd: bool = False) -> Page[int]:
    after = page.after(BY_NUMBER)
    start = 0 if after is None else after[0] + 1
    rows = [number for number in range(start, 5) if not odd or number % 2][: page.limit + 1]
    found = Page[int](items=rows[: page.limit], next=page.next_cursor(rows, BY_NUMBER, lambda row: (row,)))
    return with_link(request, response, found)


@router.get("/values")
async def values(now: NowDep, lang: Lang, keyring: KeyringDep, cpu: CpuDep) -> dict[str, str]:
    return {
        "now": now.isoformat(),
        "lang": lang,
        "same": str(keyring is KEYRING),
        "sum": str(await cpu.run(sum, (1, 2), deadline=5)),
    }


async def test_following_the_links_shows_everything_with_the_same_filters():
    seen, url = [], "/numbers?limit=1&odd=true"
    async with calling(tiny_app(router)) as client:
        while url:
            response = await client.get(url)
            seen += response.json()["items"]
            assert ("next" in response.links) == (response.json()["next"] is not None)
            url = response.links.get("next", {}).get("url")
    assert seen == [1, 3]


async def test_limits_and_cursors_out_of_bounds_are_refused():
    async with calling(tiny_app(router)) as client:
        for query, slug, pointer in (
            ("limit=0", "invalid-request", "#/limit"),
            ("limit=101", "invalid-request", "#/limit"),
            ("cursor=" + "x" * 2000, "invalid-request", "#/cursor"),
            ("cursor=abcd", "invalid-cursor", None),
        ):
            response = await client.get(f"/numbers?{query}")
            assert response.status_code == 422
            body = response.json()
            assert body["type"] == f"/problems/{slug}"
            assert [item["pointer"] for item in body.get("errors", [])] == ([pointer] if pointer else [])


async def test_routes_get_the_values_of_the_lifespan():
    pool = CpuPool(workers=1, queue_limit=0)
    noon = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
    async with calling(tiny_app(router), clock=lambda: noon, cpu=pool) as client:
        response = await client.get("/values", headers={"Accept-Language": "ar-MA"})
    pool.close()
    assert response.json() == {"now": noon.isoformat(), "lang": "ar", "same": "True", "sum": "3"}


def test_the_cap_of_a_page_is_in_the_document():
    parameters = tiny_app(router).openapi()["paths"]["/numbers"]["get"]["parameters"]
    (limit,) = [parameter["schema"] for parameter in parameters if parameter["name"] == "limit"]
    assert (limit["minimum"], limit["maximum"], limit["default"]) == (1, 100, 20)
