"""Every page that links lead to, as somebody finds them."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
from lxml import html

from tests.support.site import EVERYBODY, Site, Visited, Who

MOST_PAGES = 400
"""Of one person: more is a maze."""
MOST_OF_A_KIND = 3
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)|[A-Za-z0-9_-]{20,}")
_OURS = ("/v1/", "/docs", "/openapi.json", "/problems")


def kind_of(path: str) -> str:
    """The page without what it is about: ids, and what a query asks for."""
    parts = urlsplit(path)
    asked = sorted({name for name, value in parse_qsl(parts.query) if value})
    return _ID.sub("*", parts.path) + (f"?{'&'.join(asked)}" if asked else "")


def crawl(site: Site, who: Who) -> list[Visited]:
    """All that links lead to, from the first page on; a few pages of each kind. Walked once for all tests."""
    if who not in site.crawls:
        site.crawls[who] = _walk(site, who)
    return site.crawls[who]


def _walk(site: Site, who: Who) -> list[Visited]:
    seen: Counter[str] = Counter()
    known: set[str] = set()
    found: list[Visited] = []
    waiting = deque([(path, "(the address bar)") for path in ("/", *site.doors.get(who, ()))])
    with site.client(who) as client:
        while waiting:
            path, found_on = waiting.popleft()
            kind = kind_of(path)
            if path in known or seen[kind] >= MOST_OF_A_KIND:
                continue
            known.add(path)
            seen[kind] += 1
            page = _visit(client, path, found_on)
            found.append(page)
            assert len(found) <= MOST_PAGES, f"{who}: links without end, {seen.most_common(10)}"
            if page.is_page:
                waiting.extend((link, path) for link in links_of(page.text, path))
    return found


def _visit(client: httpx.Client, path: str, found_on: str) -> Visited:
    answer = client.get(path)
    for _ in range(5):
        if not answer.is_redirect:
            break
        answer = client.get(urljoin(path, answer.headers["location"]))
    media_type = answer.headers.get("content-type", "")
    is_page = media_type.startswith("text/html")
    return Visited(
        path=path,
        kind=kind_of(path),
        found_on=found_on,
        status=answer.status_code,
        request_id=answer.headers.get("x-request-id", ""),
        media_type=media_type,
        text=answer.text if is_page else "",
        elements=sum(1 for _ in html.fromstring(answer.text).iter()) if is_page else 0,
    )


def links_of(text: str, base: str) -> Iterator[str]:
    """The links of a page that stay here, without their fragments."""
    for href in html.fromstring(text).xpath("//a/@href | //area/@href | //link[@rel='next' or @rel='alternate']/@href"):
        target = urlsplit(urljoin(f"http://here{base}", str(href)))
        if target.scheme != "http" or target.netloc != "here" or target.path.startswith(_OURS):
            continue
        yield target.path + (f"?{target.query}" if target.query else "")


def by_kind(pages: list[Visited]) -> Mapping[str, Visited]:
    """One page of each kind."""
    kinds: dict[str, Visited] = {}
    for page in pages:
        if page.is_page and page.status < 400:
            kinds.setdefault(page.kind.partition("?")[0], page)
    return kinds


def own_kinds(site: Site, who: Who) -> Mapping[str, Visited]:
    """One page of each kind that nobody before them (in the order of EVERYBODY) has: what all have is looked at once."""
    before = {kind for other in EVERYBODY[: EVERYBODY.index(who)] for kind in by_kind(crawl(site, other))}
    return {kind: page for kind, page in by_kind(crawl(site, who)).items() if kind not in before}
