"""A person in a browser without JavaScript: cookies, links and forms, over the application in this process."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx
from lxml import html

from app.db.session import unit_of_work
from app.kit.clock import utc_now
from app.kit.ids import OrganisationId
from app.members.roles import Role
from app.members.service import enrol
from app.members.sessions import begin_session
from tests.support.api import Api

FORM = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin", "Origin": "http://safqa.test"}
Sent = Mapping[str, str | Sequence[str]]


@dataclass
class Shown:
    """A page as it came."""

    response: httpx.Response

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def root(self) -> html.HtmlElement:
        return html.fromstring(self.response.text)

    def all(self, path: str) -> list[html.HtmlElement]:
        """The elements of an XPath."""
        return self.root.xpath(path)

    def text(self, path: str = "//main") -> str:
        """The words of the first element of an XPath, single spaces between them."""
        return " ".join(self.all(path)[0].text_content().split())

    def links(self) -> list[str]:
        return [a.get("href") for a in self.all("//a[@href]")]


@dataclass
class Browser:
    """A person who looks at pages. ``client`` keeps the cookies and follows no redirect by itself."""

    client: httpx.AsyncClient

    async def get(self, path: str, **headers: str) -> Shown:
        """A page, after its redirects."""
        return Shown(await self.client.get(path, headers={"Accept": "text/html", **headers}, follow_redirects=True))

    async def post(self, path: str, sent: Sent, **headers: str) -> Shown:
        """Send what a form would, token included; the answer itself, redirects not followed."""
        page = await self.get("/no-such-page")  # every page has the form of the language, this one costs nothing
        token = page.all("//input[@name='csrf_token']")[0].get("value")
        data = {"csrf_token": token, **sent}
        return Shown(await self.client.post(path, data=data, headers={**FORM, **headers}))

    async def submit(self, shown: Shown, action: str, sent: Sent | None = None, files: object = None) -> Shown:
        """Send the form of a page that posts to ``action``, as filled there and changed by ``sent``; the page after."""
        form = next(one for one in shown.root.forms if one.get("action") == action and one.method == "POST")
        data: dict[str, object] = {}
        for name, value in form.form_values():
            data.setdefault(name, [])
            data[name].append(value)  # type: ignore[attr-defined]
        data |= dict(sent or {})
        answer = await self.client.post(action, data=data, files=files, headers=FORM)  # type: ignore[arg-type]
        if answer.is_redirect:
            return await self.get(answer.headers["location"])
        return Shown(answer)


def stranger(api: Api) -> Browser:
    """Somebody who is not signed in."""
    return Browser(httpx.AsyncClient(transport=api.transport, base_url="http://safqa.test"))


async def signed_in(
    api: Api, organisation: OrganisationId, role: Role = Role.ADMIN, name: str = "Amina", lang: str | None = "fr"
) -> Browser:
    """A new person of an organisation, signed in; pages speak ``lang``."""
    now = utc_now()
    async with unit_of_work(api.runtime.sessions) as session:
        person = await enrol(
            session, api.runtime.keyring, mail=f"{uuid.uuid4().hex}@people.example", name=name, lang=lang,  # type: ignore[arg-type]
            organisation=organisation, role=role, password=None, now=now,
        )  # fmt: skip
        token = await begin_session(session, api.runtime.keyring, person.id, organisation, now, second_factor=False)
    browser = stranger(api)
    browser.client.cookies.set("safqa", token, domain="safqa.test")
    return browser
