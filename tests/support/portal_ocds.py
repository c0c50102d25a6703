"""Find a Tender and Contracts Finder as sources/ocds_uk describes them: windows that lose releases, limits, cursors."""

from __future__ import annotations

import base64
import datetime as dt
from dataclasses import dataclass, field

from tests.support.portal import Asked, Portal, Reply

_LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


def release(number: int, date: dt.datetime, *, tag: str = "tender", ocid: str | None = None, **tender: object) -> dict:
    """A notice of a procedure; an update holds only what changed."""
    whole = {"title": f"Call {number}", "description": "Maintenance of servers.", "mainProcurementCategory": "services"}
    return {
        "ocid": ocid or f"ocds-h6vhtk-{number:06x}",
        "id": f"{number:06d}-2026",
        "date": date.isoformat(),
        "tag": [tag],
        "initiationType": "tender",
        "language": "en",
        "buyer": {"id": "GB-PPON-TEST-0001", "name": "A Borough"},
        "parties": [
            {
                "id": "GB-PPON-TEST-0001",
                "name": "A Borough",
                "roles": ["buyer"],
                "contactPoint": {
                    "name": "Jane Roe",
                    "email": "jane.roe@borough.example",
                    "telephone": "+44 20 7946 0000",
                },
            }
        ],
        "tender": {"id": str(number), **(whole if tag == "tender" else {}), **tender},
    }


@dataclass
class OcdsPortal(Portal):
    """``/api/1.0/ocdsReleasePackages``: by update time, with cursors.

    ``longest``: a window beyond it loses every second release without a word. ``limit``: requests before a 429 (or a
    403, where ``too_many`` says so). ``lost_links``: how many full pages come without their next link.
    """

    releases: list[dict] = field(default_factory=list)
    longest: dt.timedelta = dt.timedelta(hours=6)
    limit: int | None = None
    too_many: int = 429
    lost_links: int = 0
    served: int = 0
    list_path: str = "/api/1.0/ocdsReleasePackages"
    record_path: str = "/api/1.0/ocdsRecordPackages/"
    names: tuple[str, str] = ("updatedFrom", "updatedTo")

    def __post_init__(self) -> None:
        self.route("*", self._answer)

    def _answer(self, asked: Asked) -> Reply:
        self.served += 1
        if self.limit is not None and self.served > self.limit:
            self.served = 0
            return Reply(self.too_many, b"12 request limit in 2 minute exceeded", (("Retry-After", "60"),))
        if asked.path.startswith(self.record_path):
            return self._record(asked.path.removeprefix(self.record_path))
        if asked.path != self.list_path:
            return Reply(404)
        return self._page(asked)

    def _page(self, asked: Asked) -> Reply:
        size = min(int(asked.query.get("limit", "100")), 100)
        if "cursor" in asked.query:
            since, until, start = base64.urlsafe_b64decode(asked.query["cursor"]).decode().split("|")
        else:
            since, until, start = asked.query[self.names[0]], asked.query[self.names[1]], "0"
        window = [_at(since), _at(until)]
        found = [one for one in self.releases if window[0] <= dt.datetime.fromisoformat(one["date"]) <= window[1]]
        if window[1] - window[0] > self.longest + dt.timedelta(minutes=10):
            found = found[::2]
        begin = int(start)
        package = self._package(releases=found[begin : begin + size])
        if begin + size < len(found):
            if self.lost_links and not begin:
                self.lost_links -= 1
            else:
                cursor = base64.urlsafe_b64encode(f"{since}|{until}|{begin + size}".encode()).decode()
                package["links"] = {"next": f"{self.url}{self.list_path}?limit={size}&cursor={cursor}"}
        return Reply.json(package)

    def _record(self, ocid: str) -> Reply:
        found = [one for one in self.releases if one["ocid"] == ocid]
        if not found:
            return Reply(404)
        return Reply.json(self._package(records=[{"ocid": ocid, "releases": found}]))

    def _package(self, **parts: object) -> dict:
        return {
            "uri": self.url,
            "version": "1.1",
            "publisher": {"name": "Cabinet Office"},
            "license": _LICENCE,
            **parts,
        }


def _at(text: str) -> dt.datetime:
    when = dt.datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=dt.UTC)
