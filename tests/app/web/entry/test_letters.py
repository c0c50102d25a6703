"""The page on which people switch letters about what waits on and off."""

from __future__ import annotations

from app.members.roles import Role
from app.models.matter import MatterGroup
from tests.app.web.entry.conftest import House
from tests.support.pages import Shown


def _ticked(shown: Shown) -> list[str]:
    return [str(one.get("value")) for one in shown.all("//input[@name='wanted'][@checked]")]


async def test_the_account_switches_letters_for_oneself_alone(house: House) -> None:
    organisation = await house.organisation()
    reader = await house.admin(house.address(), organisation, Role.READER)
    other = await house.admin(house.address(), organisation)
    shown = await reader.get("/account/letters")
    assert _ticked(shown) == list(MatterGroup)
    shown = await reader.submit(shown, "/account/letters", {"wanted": ["calls"]})
    assert _ticked(shown) == ["calls"]
    assert "enregistré" in shown.text("//body")
    refused = await reader.submit(shown, "/account/letters", {"wanted": ["everything"]})
    assert (refused.status, _ticked(await reader.get("/account/letters"))) == (422, ["calls"])
    assert _ticked(await reader.submit(shown, "/account/letters", {"wanted": []})) == []
    assert _ticked(await other.get("/account/letters")) == list(MatterGroup)
