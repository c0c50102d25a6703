"""Proposals from decks and websites, to the profile that their owner confirms."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import httpx
import pytest

from tests.support.api import Api, Person, running_api
from tests.support.db import Database
from tests.support.decks import LAUGHS, MORE, TEXT, docx_file, docx_with, encrypted_pdf, pdf
from tests.support.factories import startup
from tests.support.portal import CONTACT, Portal, Reply


def page(*paragraphs: str, links: str = "") -> Reply:
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    return Reply.html(f"<html lang=fr><title>Atlas fictif</title><nav>{links}</nav><main>{body}</main></html>")


@dataclass
class Firm:
    """A startup of its own organisation."""

    api: Api
    owner: Person
    id: str

    @property
    def path(self) -> str:
        return f"/v1/startups/{self.id}"

    async def deck(self, content: bytes, **more: object) -> httpx.Response:
        return await self.owner.client.post(f"{self.path}/profile:from-deck", content=content, **more)  # type: ignore[arg-type]

    async def website(self, url: str | None = None) -> httpx.Response:
        return await self.owner.client.post(f"{self.path}/profile:from-website", json={"url": url} if url else {})

    async def read(self, url: str | None = None) -> dict[str, object]:
        """Ask for a proposal, let the worker make it, and read it."""
        answer = await self.website(url)
        assert answer.status_code == 202, answer.text
        async with self.api.worker():
            pass
        told: dict[str, object] = (await self.owner.client.get(answer.headers["Location"])).json()
        return told

    async def profile(self) -> dict[str, object]:
        told: dict[str, object] = (await self.owner.client.get(self.path)).json()
        return told


@pytest.fixture
async def firm(profile_api: Api) -> Firm:
    return await make_firm(profile_api)


async def make_firm(api: Api, **fields: object) -> Firm:
    owner = await api.person("startup")
    made = await owner.client.post("/v1/startups", json=startup("", **fields))
    assert made.status_code == 201, made.text
    return Firm(api, owner, made.json()["id"])


class TestDeck:
    @pytest.mark.parametrize("content", [pdf(TEXT, MORE), docx_file(TEXT, MORE)], ids=["pdf", "docx"])
    async def test_a_deck_proposes_and_counts_for_nothing_until_it_is_confirmed(
        self, firm: Firm, content: bytes
    ) -> None:
        before = await firm.profile()
        answer = await firm.deck(content, params={"filename": "pitch"})
        assert answer.status_code == 201, answer.text
        told = (await firm.owner.client.get(answer.headers["Location"])).json()
        assert told == answer.json()
        assert (told["state"], told["origin"], told["address"]) == ("ready", "deck", "pitch")
        assert told["proposed"]["description"].startswith("Atlas Irrigation fictive")
        assert told["evidence"]
        assert told["read"][0]["sha256"]
        assert await firm.profile() == before
        confirmed = await firm.owner.client.post(answer.headers["Location"] + ":confirm", json={})
        assert confirmed.status_code == 200, confirmed.text
        after = await firm.profile()
        assert after["description"] == told["proposed"]["description"]
        assert after["version"] == confirmed.json()["profile_version"] == 2
        assert set(told["proposed"]["regions"]) == set(after["regions"])

    async def test_the_owners_edits_win_and_lists_are_added_to(self, profile_api: Api) -> None:
        firm = await make_firm(profile_api, technologies=["CAPTEURS", "Python"], regions=["Oriental"], languages=["ar"])
        made = await firm.deck(pdf(TEXT, MORE))
        edits = {"description": "Nos mots à nous.", "regions": None, "sectors": ["agritech"]}
        answer = await firm.owner.client.post(made.headers["Location"] + ":confirm", json={"edits": edits})
        assert answer.status_code == 200, answer.text
        after = await firm.profile()
        assert (after["description"], after["regions"], after["sectors"]) == (
            "Nos mots à nous.",
            ["Oriental"],
            ["agritech"],
        )
        assert after["technologies"][:2] == ["CAPTEURS", "Python"]
        assert len({word.casefold() for word in after["technologies"]}) == len(after["technologies"])
        assert after["languages"] == ["ar", "fr"]

    async def test_a_proposal_is_decided_about_once(self, firm: Firm) -> None:
        made = (await firm.deck(pdf(TEXT))).headers["Location"]
        assert (await firm.owner.client.post(made + ":discard")).json()["state"] == "discarded"
        for action in ("confirm", "discard"):
            answer = await firm.owner.client.post(f"{made}:{action}", json={})
            assert (answer.status_code, answer.json()["type"]) == (409, "/problems/proposal-not-ready")
        assert (await firm.profile())["version"] == 1

    @pytest.mark.parametrize(
        ("content", "status", "slug"),
        [
            (b"<html></html>", 415, "unsupported-media-type"),
            (pdf(""), 422, "document-without-text"),
            (encrypted_pdf("secret"), 422, "document-encrypted"),
            (b"%PDF-1.7 nonsense", 422, "document-unreadable"),
            (docx_with(LAUGHS), 422, "document-unreadable"),
            (docx_with(b"<a>" + b" " * 100_000_000), 422, "document-too-heavy"),
            (b"", 422, "invalid-request"),
        ],
        ids=["html", "scan", "password", "damaged", "laughs", "bomb", "empty"],
    )
    async def test_what_can_not_be_read_is_told_and_leaves_nothing(
        self, firm: Firm, content: bytes, status: int, slug: str
    ) -> None:
        answer = await firm.deck(content)
        assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{slug}")
        assert (await firm.owner.client.get(f"{firm.path}/proposals")).json()["items"] == []

    async def test_a_deck_may_be_larger_than_other_bodies_but_not_by_much(self, fresh: Database) -> None:
        async with running_api(fresh, max_body_bytes=2_000, max_upload_bytes=20_000) as api:
            firm = await make_firm(api)
            assert (await firm.deck(pdf(TEXT) + b" " * 5_000)).status_code == 201
            assert (await firm.deck(b"%PDF-" + b" " * 30_000)).status_code == 413


class TestOwner:
    async def test_nobody_else_has_a_part_in_it(self, firm: Firm, profile_api: Api) -> None:
        made = (await firm.deck(pdf(TEXT))).headers["Location"]
        cases = [(await profile_api.person(kind), status) for kind, status in (
            ("startup", 404), ("incubator", 404), ("buyer", 403), ("operator", 403),
        )]  # fmt: skip
        for stranger, status in cases:
            for method, path, body in (
                ("POST", f"{firm.path}/profile:from-website", {"url": "https://atlas.example/"}),
                ("POST", f"{firm.path}/profile:from-deck", None), ("GET", f"{firm.path}/proposals", None),
                ("GET", made, None), ("POST", f"{made}:confirm", {}), ("POST", f"{made}:discard", None),
            ):  # fmt: skip
                sent = {"content": pdf(TEXT)} if path.endswith("deck") else {"json": body}
                answer = await stranger.client.request(method, path, **sent)
                wanted = {status, 404} if stranger.kind == "buyer" else {status}
                assert answer.status_code in wanted, (stranger.kind, method, path, answer.text)
                assert "Atlas Irrigation" not in answer.text

    async def test_another_startups_proposal_is_not_ones_own(self, firm: Firm, profile_api: Api) -> None:
        made = (await firm.deck(pdf(TEXT))).headers["Location"]
        other = await make_firm(profile_api)
        crossed = made.replace(firm.id, other.id)
        assert (await other.owner.client.get(crossed)).status_code == 404
        assert (await other.owner.client.post(f"{crossed}:confirm", json={})).status_code == 404

    async def test_what_is_held_is_exported_and_erased(self, firm: Firm) -> None:
        await firm.deck(pdf(TEXT))
        export = (await firm.owner.client.get(f"{firm.path}/export")).json()
        assert export["proposals"][0]["evidence"]
        etag = (await firm.owner.client.get(firm.path)).headers["ETag"]
        assert (await firm.owner.client.delete(firm.path, headers={"If-Match": etag})).status_code == 204
        held = "SELECT count(*) FROM profile_proposal WHERE startup_id = $1"
        assert await firm.api.runtime.hot.fetchval(held, uuid.UUID(firm.id)) == 0


class TestWebsite:
    async def test_a_site_is_read_politely_and_proposed(self, firm: Firm, site: Portal) -> None:
        site.script(
            "/",
            page(
                TEXT,
                links="<a href='/services'>Services</a><a href='/cgv'>CGV</a><a href='https://autre.example/about'>Autre</a>",
            ),
        )
        site.script("/services", page(MORE))
        told = await firm.read(site.url + "/")
        assert (told["state"], told["origin"]) == ("ready", "website"), told
        assert [one["address"] for one in told["read"]] == [site.url + "/", site.url + "/services"]
        assert site.paths() == ["/", "/services"]
        assert site.asked[0].path == "/robots.txt"
        agent = site.asked[0].headers
        assert agent["user-agent"].startswith("Safqa/")
        assert CONTACT in agent["user-agent"]
        assert agent["from"] == CONTACT
        assert {one["place"] for one in told["evidence"]} == {site.url + "/", site.url + "/services"}
        assert (await firm.profile())["version"] == 1

    async def test_the_address_of_the_profile_is_taken_where_none_is_given(
        self, profile_api: Api, site: Portal
    ) -> None:
        site.script("/", page(TEXT))
        assert (await (await make_firm(profile_api, website=site.url + "/")).read())["state"] == "ready"
        answer = await (await make_firm(profile_api)).website()
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "#/url")

    async def test_robots_are_kept(self, firm: Firm, site: Portal) -> None:
        site.script("/", page(TEXT))
        for robots in (Reply(200, b"User-agent: *\nDisallow: /"), Reply(403), Reply(500)):
            site.robots = robots
            told = await firm.read(site.url + "/")
            assert (told["state"], told["problem_code"]) == ("failed", "robots")
        site.robots = Reply(404)
        assert site.paths() == []

    @pytest.mark.parametrize(
        ("reply", "code"),
        [
            (Reply(404), "unavailable"),
            (Reply(200, b"%PDF-1.7", (("Content-Type", "application/pdf"),)), "no_page"),
            (Reply.html("<html><body><script>x()</script></body></html>"), "no_text"),
            (Reply(200, b"x" * 10, (("Content-Type", "text/html"),), announce=1_000_000_000), "too_large"),
            (Reply(302, headers=(("Location", "http://169.254.169.254/latest"),)), "address"),
            (Reply(302, headers=(("Location", "http://[::ffff:127.0.0.1]:1/"),)), "address"),
            (Reply.html(""), "no_page"),
        ],
        ids=["gone", "pdf", "scripts", "huge", "metadata", "mapped", "empty"],
    )
    async def test_what_gives_nothing_says_why(self, firm: Firm, site: Portal, reply: Reply, code: str) -> None:
        site.script("/", reply)
        told = await firm.read(site.url + "/")
        assert (told["state"], told["problem_code"]) == ("failed", code), told
        assert told["problem"]
        again = await firm.owner.client.post(f"{firm.path}/proposals/{told['id']}:confirm", json={})
        assert again.status_code == 409

    async def test_an_address_inside_is_refused(self, firm: Firm, site: Portal) -> None:
        other = site.port - 1 if site.port > 1025 else site.port + 1
        for url in (f"http://127.0.0.1:{other}/", "http://169.254.169.254/", "http://[::1]/", "http://10.0.0.1/"):
            assert (await firm.read(url))["problem_code"] == "address"
        for url in ("ftp://atlas.example/", "https://user@atlas.example/", "nonsense"):
            assert (await firm.website(url)).status_code == 422

    async def test_one_at_a_time(self, firm: Firm, site: Portal) -> None:
        site.script("/", page(TEXT))
        assert (await firm.website(site.url + "/")).status_code == 202
        answer = await firm.website(site.url + "/")
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/proposal-pending")
        async with firm.api.worker():
            pass

    async def test_it_is_off_unless_the_operator_switched_it_on_and_told_a_contact(self, fresh: Database) -> None:
        for allowed in ({}, {"profile_websites": True}, {"source_contact": CONTACT}):
            async with running_api(fresh, **allowed) as api:
                firm = await make_firm(api)
                answer = await firm.website("https://atlas.example/")
                assert (answer.status_code, answer.json()["type"]) == (409, "/problems/websites-disabled")
