from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi.security import HTTPBearer

from tests.app.api.tiny import tiny_app

router = APIRouter(prefix="/v1/things", dependencies=[Depends(HTTPBearer(auto_error=False))])


@router.get("")
async def list_things(cursor: Annotated[str | None, Query()] = None) -> list[int]:
    return []


def test_a_protected_list_promises_what_every_protected_list_may_answer():
    document = tiny_app(router).openapi()
    responses = document["paths"]["/v1/things"]["get"]["responses"]
    assert set(responses) == {"200", "401", "403", "422", "429"}
    assert "`invalid-cursor`" in responses["422"]["description"]
    assert "`invalid-request`" in responses["422"]["description"]
    assert set(responses["200"]["headers"]) >= {"X-Request-Id", "RateLimit-Remaining"}
    assert "RateLimit-Remaining" not in responses["401"]["headers"]
    assert "Retry-After" in responses["429"]["headers"]
    for response in responses.values():
        for name, reference in response["headers"].items():
            assert reference == {"$ref": f"#/components/headers/{name}"}
            assert name in document["components"]["headers"]


def test_operations_are_called_what_their_functions_are():
    paths = tiny_app(router).openapi()["paths"]
    assert paths["/v1/things"]["get"]["operationId"] == "list_things"
    assert paths["/readyz"]["get"]["operationId"] == "readyz"
