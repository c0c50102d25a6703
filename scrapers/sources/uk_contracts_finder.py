"""UK Contracts Finder: notices below the thresholds, as OCDS release packages."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from scrapers.client import Request
from scrapers.manners import Manners
from scrapers.ocds_documents import Procedure
from scrapers.paged import linked, query
from scrapers.sources.uk_find_a_tender import FindATender

_NOTICE = re.compile(r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-\d+", re.ASCII | re.IGNORECASE)


class ContractsFinder(FindATender):
    """Contracts Finder: smaller notices of England's public bodies and of central government.

    Site: https://www.contractsfinder.service.gov.uk   Language: en   Updates: all day
    Interface: ``/Published/Notices/OCDS/Search`` (OCDS 1.1, no key).
    Caveats: 403 means "too many requests"; statuses are stale (an award may say "planned"); line breaks are lost
    ("rnrn"); bytes may be ISO 8859-1; "suitable for SMEs" reserves nothing.
    """

    name, title = "uk_contracts_finder", "Contracts Finder (UK)"
    base_url = "https://www.contractsfinder.service.gov.uk"
    attribution = (
        "Contains public sector information licensed under the Open Government Licence v3.0 (Contracts Finder)."
    )
    window = dt.timedelta(days=1)
    ocid_prefix = "ocds-b5fd17-"
    record_path = "/Published/OCDS/Record/{ocid}"

    @property
    def manners(self) -> Manners:
        """One at a time; its "too many" is a 403, and five minutes are what it asks for then."""
        return Manners(
            hosts=self.hosts(),
            interval_seconds=3.0,
            slow_down={403: 300.0, 429: 300.0},
            refusal_statuses=frozenset({401, 406, 451}),
            robots="delay_only",  # a documented interface under the OGL
        )

    def request(self, since: dt.datetime, until: dt.datetime, token: str | None) -> Request:
        """One window; of several ``stages`` the last would win, so none is named."""
        if token:
            return Request(url=linked(self.base, token))
        times = {"publishedFrom": f"{since:%Y-%m-%dT%H:%M:%SZ}", "publishedTo": f"{until:%Y-%m-%dT%H:%M:%SZ}"}
        return Request(url=query(self.base, "/Published/Notices/OCDS/Search", **times, limit=self.page_size))

    def completed(self, fields: Mapping[str, object], procedure: Procedure) -> Mapping[str, object]:
        """Its notice's page is the release's GUID, not the procedure's."""
        found = _NOTICE.fullmatch(str(procedure.release.get("id") or ""))
        return {**({"url": f"{self.base_url}/Notice/{found[1]}"} if found else {}), **fields}
