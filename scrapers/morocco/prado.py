"""Pages of the PRADO framework: their state, their form, and the postback that a click on them is.

A postback sends the whole form as it stands, with the state of the last answer: whatever is missing or stale is
answered with page 1, or with nothing, and with status 200. So every answer has to be compared with what was asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode, urljoin

from lxml import etree

from scrapers.client import Request
from scrapers.errors import SourceChanged

STATE = "PRADO_PAGESTATE"
TARGET = "PRADO_POSTBACK_TARGET"
PARAMETER = "PRADO_POSTBACK_PARAMETER"
_NOT_SENT = frozenset({"submit", "image", "button", "reset", "file"})
_TICKED = frozenset({"checkbox", "radio"})


def postback(page: etree._Element, url: str, target: str, changes: Mapping[str, str]) -> Request:
    """The click on ``target`` of the page that came from ``url``. Raises SourceChanged where it has no state.

    Never repeatable: a state that was used once is answered with page 1 the second time.
    """
    form = next(page.iter("form"), None)
    fields = form_fields(page)
    if form is None or not fields.get(STATE):
        raise SourceChanged("the page has no PRADO state to go on from")
    fields |= {**changes, TARGET: target, PARAMETER: ""}
    return Request(
        url=_joined(url, form.get("action") or ""),
        method="POST",
        content=urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        repeatable=False,
    )


def form_fields(page: etree._Element) -> dict[str, str]:
    """Every field as a browser would send it, empty selects too.

    Such a page has one form, and its controls are looked for in the whole page: unclosed elements may have moved them
    out of it. Text areas are sent empty: they hold a line break, or a hint, and either filters every result away.
    """
    fields: dict[str, str] = {}
    for control in page.iter("input", "select", "textarea"):
        name = control.get("name")
        if not name:
            continue
        if control.tag == "textarea":
            fields[name] = ""
        elif control.tag == "select":
            fields[name] = _chosen(control)
        else:
            kind = (control.get("type") or "text").casefold()
            if kind in _NOT_SENT or (kind in _TICKED and control.get("checked") is None):
                continue
            fields[name] = control.get("value") or ("on" if kind in _TICKED else "")
    return fields


def _chosen(select: etree._Element) -> str:
    options = list(select.iter("option"))
    chosen = next((option for option in options if option.get("selected") is not None), None)
    chosen = options[0] if chosen is None and options else chosen
    if chosen is None:
        return ""
    value = chosen.get("value")
    return value if value is not None else (chosen.text or "").strip()


def _joined(url: str, action: str) -> str:
    try:
        return urljoin(url, action)
    except ValueError as error:
        raise SourceChanged(f"the form's action is no address ({error})") from None
