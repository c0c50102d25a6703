"""TED as sources/ted describes it: a search whose tokens never end and do not live long, and a site with the notices."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass, field

from tests.support.portal import Asked, Portal, Reply
from tests.support.ted_notices import eforms

_WINDOW = re.compile(r"PD = \((\S+) <> (\S+)\)")
_KNOWN = frozenset({
    "publication-number", "notice-identifier", "publication-date", "notice-type", "title-proc", "buyer-name",
    "buyer-country", "place-of-performance", "classification-cpv",
})  # fmt: skip


@dataclass(frozen=True)
class Published:
    """A notice and the day it came out."""

    number: str
    day: dt.date
    body: bytes

    @property
    def ident(self) -> str:
        return f"id-of-{self.number}"

    def row(self) -> dict[str, object]:
        return {
            "publication-number": self.number,
            "notice-identifier": self.ident,
            "publication-date": f"{self.day}+01:00",
            "notice-type": "cn-standard",
            "title-proc": {"fra": f"Marché {self.number}"},
            "buyer-name": {"fra": ["Ville d'Exemple"]},
            "buyer-country": ["FRA"],
            "place-of-performance": ["MAR"],
            "classification-cpv": ["72000000"],
        }


def published(count: int, day: dt.date, *, first: int = 1) -> list[Published]:
    """Notices of one day, each a call of its own."""
    return [
        Published(
            f"{number}-{day.year}",
            day,
            eforms(
                procedure=f"00000000-0000-4000-8000-{number:012d}",
                notice=f"10000000-0000-4000-8000-{number:012d}",
                number=f"{number:08d}-{day.year}",
            ),
        )
        for number in range(first, first + count)
    ]


@dataclass
class TedPortal(Portal):
    """``/v3/notices/search`` and ``/en/notice/{number}/xml``.

    ``timed_out``: how many searches answer 200 with half a page and ``timedOut``. ``expired``: tokens are taken no
    more, which the interface tells by a 500. ``listed``: tells a total and lists one fewer. ``replies``: other answers
    for a notice's address, one after the other.
    """

    notices: list[Published] = field(default_factory=list)
    timed_out: int = 0
    expired: bool = False
    loses_one: bool = False
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    searches: list[dict] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.route("*", self._answer)

    def fetched(self) -> list[str]:
        """Numbers of the notices whose XML was asked for."""
        return [path.split("/")[3] for path in self.paths() if path.startswith("/en/notice/")]

    def _answer(self, asked: Asked) -> Reply:
        if asked.path == "/v3/notices/search" and asked.method == "POST":
            return self._search(json.loads(asked.body))
        number = asked.path.split("/")[3] if asked.path.endswith("/xml") else ""
        if self.replies.get(number):
            return self.replies[number].pop(0)
        found = next((one for one in self.notices if one.number == number), None)
        return Reply(404) if found is None else Reply(200, found.body, (("Content-Type", "application/xml"),))

    def _search(self, asked: dict) -> Reply:
        self.searches.append(asked)
        if asked["limit"] > 250:
            return Reply.json({"message": "Value of parameter 'limit' exceeds maximum allowed value (250)"}, 400)
        if not asked["fields"] or set(asked["fields"]) - _KNOWN:
            return Reply.json({"message": "Parameter 'fields' contains unsupported value"}, 400)
        token = asked.get("iterationNextToken")
        if token and self.expired:
            return Reply.json({"message": "Internal server error"}, 500)
        window = _WINDOW.search(asked["query"])
        ends = [_day(text) for text in window.groups()] if window else [None, None]
        found = [one for one in self.notices if None not in ends and ends[0] <= one.day <= ends[1]]
        start = int(token.removeprefix("token-")) if token else 0
        rows = [one.row() for one in found[start : start + asked["limit"]]]
        cut = bool(self.timed_out)
        self.timed_out -= cut
        if cut or (self.loses_one and rows):
            rows = rows[: len(rows) // 2] if cut else rows[:-1]
        # A token comes with every answer, behind the last page too.
        answer = {
            "notices": rows,
            "totalNoticeCount": len(found),
            "iterationNextToken": f"token-{start + len(rows)}",
            "timedOut": cut,
        }
        return Reply.json(answer)


def _day(text: str) -> dt.date | None:
    """A date in another form finds nothing, without an error."""
    return dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date() if re.fullmatch(r"\d{8}", text) else None
