import asyncio

import pytest
import structlog
from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from app.api.middleware import SECURITY_HEADERS, RequestMiddleware
from app.kit.metrics import Metrics
from app.kit.observability import count_query, current_work
from tests.app.api.tiny import LIMIT_BYTES, calling, tiny_app

inner = APIRouter(prefix="/tenders")
router = APIRouter(prefix="/v1")


@inner.get("/{tender_id}")
async def read_tender(tender_id: int) -> int:
    count_query(rows=3)
    count_query(rows=-1)
    return tender_id


@router.post("/echo")
async def echo(request: Request) -> int:
    return len(await request.body())


@router.post("/imports/startups")
async def upload(request: Request) -> int:
    return sum([len(chunk) async for chunk in request.stream()])


@router.post("/json")
async def read_json(body: dict[str, str]) -> int:
    return len(body)


@router.get("/breaks-half-way")
async def breaks_half_way() -> StreamingResponse:
    async def chunks():
        yield b"half"
        raise RuntimeError("gone")

    return StreamingResponse(chunks())


@router.get("/whose")
async def whose() -> str | None:
    work = current_work()
    assert work is not None
    work.headers["X-Seen"] = "yes"
    return structlog.contextvars.get_contextvars()["request_id"]


router.include_router(inner)


@pytest.fixture
def metrics():
    return Metrics()


@pytest.fixture
async def client(metrics):
    async with calling(tiny_app(router, metrics=metrics), metrics=metrics) as client:
        yield client


@pytest.fixture
def logged():
    with structlog.testing.capture_logs() as entries:
        yield entries


async def test_a_well_formed_request_id_is_kept(client):
    response = await client.get("/v1/whose", headers={"X-Request-Id": "order-2026.11_22"})
    assert response.headers["x-request-id"] == response.json() == "order-2026.11_22"


@pytest.mark.parametrize("given", [None, "short", "x" * 200, "has space in it", 'quote"quote', "é" * 10])
async def test_any_other_is_replaced(client, given):
    headers = {} if given is None else {b"X-Request-Id": given.encode("latin-1")}
    response = await client.get("/v1/whose", headers=headers)
    made = response.headers["x-request-id"]
    assert made != given
    assert len(made) == 32
    assert response.json() == made


async def test_every_answer_has_the_security_headers_and_those_asked_for(client):
    for path in ("/v1/whose", "/nowhere", "/healthz"):
        response = await client.get(path)
        assert {name: response.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
    assert (await client.get("/v1/whose")).headers["x-seen"] == "yes"


async def test_one_log_line_and_one_metric_tell_the_route_not_the_id(client, logged, metrics):
    await client.get("/v1/tenders/42?q=private")
    (line,) = [entry for entry in logged if entry["event"] == "request.done"]
    assert (line["route"], line["status"], line["method"]) == ("/v1/tenders/{tender_id}", 200, "GET")
    assert (line["queries"], line["rows"]) == (2, 3)
    assert line["log_level"] == "info"
    assert "private" not in str(line)
    text = (await client.get("/metrics")).text
    assert 'safqa_http_requests_total{method="GET",route="/v1/tenders/{tender_id}",status="200"} 1.0' in text


async def test_unknown_paths_and_methods_do_not_multiply_the_metrics(client, logged):
    for path in ("/wp-admin", "/.env"):
        await client.request("BREW", path)
    text = (await client.get("/metrics")).text
    assert 'method="OTHER",route="unmatched",status="404"} 2.0' in text
    assert "wp-admin" not in text
    assert all(entry["route"] == "unmatched" for entry in logged if entry.get("method") == "OTHER")


async def test_probes_are_logged_quietly(client, logged):
    await client.get("/healthz")
    assert [entry["log_level"] for entry in logged] == ["debug"]


async def test_a_fault_after_the_first_byte_breaks_the_connection(client, logged):
    with pytest.raises(RuntimeError, match="gone"):
        await client.get("/v1/breaks-half-way")
    assert [entry["event"] for entry in logged] == ["request.failed", "request.done"]


async def test_a_caller_who_leaves_is_counted_as_such(metrics, logged):
    async def hangs(scope, receive, send):
        await asyncio.Event().wait()

    async def nothing(*_):
        raise AssertionError

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    task = asyncio.create_task(RequestMiddleware(hangs, metrics=metrics)(scope, nothing, nothing))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert logged[0]["status"] == 499


async def test_other_protocols_pass_untouched(metrics):
    seen = []

    async def app(scope, receive, send):
        seen.append(scope)

    await RequestMiddleware(app, metrics=metrics)({"type": "lifespan"}, None, None)
    assert seen == [{"type": "lifespan"}]


class TestBodyLimit:
    async def test_a_body_up_to_the_limit_passes(self, client):
        assert (await client.post("/v1/echo", content=b"x" * LIMIT_BYTES)).json() == LIMIT_BYTES

    async def test_a_declared_length_over_it_is_refused_before_it_is_read(self, client):
        response = await client.post("/v1/echo", content=b"x" * (LIMIT_BYTES + 1))
        assert response.status_code == 413
        assert response.json()["limit_bytes"] == LIMIT_BYTES
        assert response.headers["content-type"] == "application/problem+json"
        assert response.headers["x-request-id"] == response.json()["request_id"]

    @pytest.mark.parametrize("path", ["/v1/echo", "/v1/json"])
    async def test_a_chunked_body_is_refused_as_soon_as_it_passes_it(self, client, path):
        sent = []

        async def endless():
            for _ in range(1000):
                sent.append(1)
                yield b"x" * 30

        response = await client.post(path, content=endless(), headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert response.json()["limit_bytes"] == LIMIT_BYTES
        assert len(sent) < 10

    async def test_uploads_have_a_larger_limit(self, client):
        assert (await client.post("/v1/imports/startups", content=b"x" * 1000)).json() == 1000
        assert (await client.post("/v1/imports/startups", content=b"x" * 1001)).status_code == 413

    async def test_a_form_of_a_page_is_no_upload(self, client):
        """Strangers could have 100 MB of fields held in memory for each request, before they were turned away."""
        form = {"Content-Type": "Application/X-WWW-Form-URLencoded; charset=utf-8"}
        assert (await client.post("/cohort/import", content=b"x" * 1000, headers=form)).status_code == 413
        in_parts = {"Content-Type": "multipart/form-data; boundary=x"}
        assert (await client.post("/cohort/import", content=b"x" * 1000, headers=in_parts)).status_code == 404
        assert (await client.post("/v1/imports/startups", content=b"x" * 1000, headers=form)).json() == 1000


async def test_a_client_that_goes_away_in_the_middle_of_its_upload_is_no_fault(metrics):
    """Its upload was logged as a fault of ours, with a traceback, and counted as a 500."""
    app = tiny_app(router, metrics=metrics)
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST",
        "path": "/v1/imports/startups", "raw_path": b"/v1/imports/startups", "root_path": "", "scheme": "http",
        "query_string": b"", "headers": [(b"host", b"x")], "server": ("x", 80), "client": ("x", 1), "state": {},
    }  # fmt: skip
    messages = iter([{"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive():
        return next(messages)

    async def send(message):
        sent.append(message)

    with structlog.testing.capture_logs() as logged:
        await app(scope, receive, send)
    assert sent == []
    assert [(line["event"], line["status"]) for line in logged] == [("request.done", 499)]
