"""The API's reference as one page made from the OpenAPI document: no script, nothing from another server."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final, TypeAlias
from weakref import WeakKeyDictionary

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from app.api.etag import make_etag, set_etag

Node: TypeAlias = Mapping[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
summary{cursor:pointer;padding:.35rem 0}
details{border-block-end:1px solid #8884}
details>:not(summary){margin-inline-start:1.5rem}
table{border-collapse:collapse;inline-size:100%}
th,td{text-align:start;vertical-align:top;padding:.25rem .75rem .25rem 0;border-block-end:1px solid #8883}
code{font:.92em ui-monospace,monospace}
b.method{display:inline-block;min-inline-size:4.5rem}
nav a{margin-inline-end:1rem}
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; frame-ancestors 'none'"

router = APIRouter(include_in_schema=False)
_MAKING: Final[WeakKeyDictionary[FastAPI, asyncio.Task[Reference]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it is sent: whoever asks, and however often, it was written once."""

    media_type: str
    plain: bytes
    zipped: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference of one application, as a page and for machines."""

    page: Written
    document: Written


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Show the reference of the running version."""
    found = await reference_of(request.app)
    return _answer(request, found.page, {"Content-Security-Policy": _POLICY})


@router.get("/openapi.json")
async def openapi(request: Request) -> Response:
    """The same for machines."""
    return _answer(request, (await reference_of(request.app)).document, {})


async def reference_of(application: FastAPI) -> Reference:
    """The reference of an application. Making it takes seconds, which nobody who is served meanwhile waits for."""
    making = _MAKING.get(application)
    if making is None or (making.done() and (making.cancelled() or making.exception() is not None)):
        making = _MAKING[application] = asyncio.create_task(asyncio.to_thread(_made, application))
    return await asyncio.shield(making)


def _made(application: FastAPI) -> Reference:
    told = application.openapi()
    text = json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return Reference(_written("text/html; charset=utf-8", render(told)), _written("application/json", text))


def _written(media_type: str, text: str) -> Written:
    plain = text.encode()
    etag = make_etag(media_type, hashlib.blake2b(plain).hexdigest())
    return Written(media_type, plain, gzip.compress(plain, 6, mtime=0), etag)


def _answer(request: Request, made: Written, headers: Mapping[str, str]) -> Response:
    zipped = "gzip" in request.headers.get("accept-encoding", "").lower()
    response = Response(made.zipped if zipped else made.plain, media_type=made.media_type, headers=headers)
    response.headers.update({"Cache-Control": "no-cache", "Vary": "Accept-Encoding"})
    if zipped:
        response.headers["Content-Encoding"] = "gzip"
    set_etag(request, response, f'"z{made.etag[1:]}' if zipped else made.etag)
    return response


def render(document: Node) -> str:
    """The page of an OpenAPI 3.1 document."""
    return "".join(_page(document))


def _page(document: Node) -> Iterator[str]:
    info = document["info"]
    title = escape(f"{info['title']} {info['version']}")
    by_tag = _by_tag(document)
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><h1>{title}</h1>'
    yield _prose(info.get("description", ""))
    yield '<p>Machine-readable: <a href="/openapi.json">/openapi.json</a> (OpenAPI 3.1).</p><nav>'
    yield "".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in by_tag)
    yield '<a href="#schemas">schemas</a></nav>'
    for tag, operations in by_tag.items():
        yield f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>'
        for method, path, operation in operations:
            yield from _operation(method, path, operation)
    yield '<h2 id="schemas">schemas</h2>'
    for name, schema in document.get("components", {}).get("schemas", {}).items():
        yield f'<details id="{_anchor(name)}"><summary><code>{escape(name)}</code></summary>'
        yield _prose(schema.get("description", ""))
        yield from _fields(schema)
        yield "</details>"


def _by_tag(document: Node) -> dict[str, list[tuple[str, str, Node]]]:
    found: dict[str, list[tuple[str, str, Node]]] = {}
    for path, item in document.get("paths", {}).items():
        for method in _METHODS:
            if method in item:
                tag = (item[method].get("tags") or ["other"])[0]
                found.setdefault(tag, []).append((method.upper(), path, item[method]))
    return found


def _operation(method: str, path: str, operation: Node) -> Iterator[str]:
    summary = escape(operation.get("summary", ""))
    yield f'<details id="{_anchor(operation["operationId"])}"><summary><b class="method">{method}</b>'
    yield f"<code>{escape(path)}</code> {summary}</summary>{_prose(operation.get('description', ''))}"
    if parameters := operation.get("parameters"):
        yield "<h4>Parameters</h4><table>"
        for parameter in parameters:
            need = " (required)" if parameter.get("required") else ""
            where = f"<code>{escape(parameter['name'])}</code><br>{escape(parameter['in'])}{need}"
            schema = parameter.get("schema", {})
            said = _prose(parameter.get("description") or schema.get("description", ""))
            yield f"<tr><th>{where}<td>{_kind(schema)}{_bounds(schema)}<td>{said}"
        yield "</table>"
    for media, content in operation.get("requestBody", {}).get("content", {}).items():
        yield f"<h4>Body</h4><p><code>{escape(media)}</code>: {_kind(content.get('schema', {}))}</p>"
    yield "<h4>Answers</h4><table>"
    for status, response in operation.get("responses", {}).items():
        kinds = " ".join(_kind(content.get("schema", {})) for content in response.get("content", {}).values())
        yield f"<tr><th>{escape(status)}<td>{kinds}<td>{_prose(response.get('description', ''))}"
    yield "</table></details>"


def _fields(schema: Node) -> Iterator[str]:
    if "enum" in schema:
        yield f"<p>{_kind(schema)}</p>"
    if not (properties := schema.get("properties")):
        return
    required = set(schema.get("required", ()))
    yield "<table>"
    for name, field in properties.items():
        need = "<br>required" if name in required else ""
        said = _prose(field.get("description", ""))
        yield f"<tr><th><code>{escape(name)}</code>{need}<td>{_kind(field)}{_bounds(field)}<td>{said}"
    yield "</table>"


def _kind(schema: Node) -> str:
    """The type of a value in words, with links to the schemas it is made of."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{_anchor(name)}"><code>{escape(name)}</code></a>'
    for several in ("anyOf", "oneOf", "allOf"):
        if several in schema:
            return " or ".join(_kind(one) for one in schema[several])
    if "const" in schema or "enum" in schema:
        values = schema.get("enum") or [schema["const"]]
        return ", ".join(f"<code>{escape(str(value))}</code>" for value in values)
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return escape(" ".join(filter(None, (str(schema.get("type", "any")), schema.get("format")))))


def _bounds(schema: Node) -> str:
    named = {"minimum": "≥", "maximum": "≤", "minLength": "length ≥", "maxLength": "length ≤", "default": "default"}
    found = [f"{word} {escape(str(schema[key]))}" for key, word in named.items() if schema.get(key) is not None]
    return f"<br>{', '.join(found)}" if found else ""


def _prose(text: str) -> str:
    """Paragraphs and ``code`` of a docstring; nothing else of Markdown is used in ours."""
    blocks = (escape(block.strip()) for block in re.split(r"\n\s*\n", text) if block.strip())
    return re.sub(r"`+([^`]+)`+", r"<code>\1</code>", "".join(f"<p>{block}</p>" for block in blocks))


def _anchor(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name)
