"""A postback is the whole form as it stands, with the state as it was meant."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from scrapers.errors import SourceChanged
from scrapers.markup import parse_html
from scrapers.morocco.prado import form_fields, postback
from tests.support.pmmp_pages import FakeCall, Shown, listing

URL = "https://portal.example/index.php?page=entreprise.EntrepriseAdvancedSearch"


def page(**more: object):
    shown = Shown(calls=(FakeCall(1_000_001),), total=1, state="eJx+a/b&c==", **more)  # type: ignore[arg-type]
    return parse_html(listing(shown).encode())


def test_the_state_is_sent_as_it_was_meant_and_the_flags_without_equals_signs() -> None:
    request = postback(page(), URL, "ctl0$next", {"ctl0$more": "é"})
    sent = dict(parse_qsl(request.content.decode(), keep_blank_values=True))
    assert sent["PRADO_PAGESTATE"] == "eJx+a/b&c=="
    assert (sent["PRADO_POSTBACK_TARGET"], sent["PRADO_POSTBACK_PARAMETER"]) == ("ctl0$next", "")
    assert sent["ctl0$more"] == "é"
    assert request.url == URL + "&AllCons&EnCours&searchAnnCons"
    assert not request.may_repeat


def test_fields_are_those_a_browser_sends() -> None:
    fields = form_fields(page())
    search, rows = "ctl0$CONTENU_PAGE$AdvancedSearch$", "ctl0$CONTENU_PAGE$resultSearch$"
    assert fields[f"{search}organismesNames"] == ""  # an empty select
    assert fields[f"{search}type_rechercheEntite"] == "floue"  # the one that is ticked
    assert fields[f"{search}qualification$idsQualification"] == ""  # not its line break
    assert fields[f"{rows}listePageSizeTop"] == "10"
    assert fields[f"{rows}tableauResultSearch$ctl1$refCons"] == "1000001"
    assert not any(
        name.endswith(("lancerRecherche", "DefaultButtonTop", "flagImg", "annonceSelection")) for name in fields
    )


@pytest.mark.parametrize(
    "body", [b"<html></html>", b"<form name=main_form><input name=PRADO_PAGESTATE></form>", b"<p>x"]
)
def test_a_page_without_state_leads_nowhere(body: bytes) -> None:
    with pytest.raises(SourceChanged, match="no PRADO state"):
        postback(parse_html(body), URL, "x", {})


def test_an_action_that_is_no_address() -> None:
    with pytest.raises(SourceChanged, match="no address"):
        postback(page(action="http://[x"), URL, "x", {})
