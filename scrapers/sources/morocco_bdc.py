"""Morocco's bons de commande: the small purchases that public bodies ask quotations for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import ClassVar

from scrapers.base import Read
from scrapers.manners import Manners
from scrapers.morocco.bdc_cards import ZONE
from scrapers.morocco.bdc_lists import BdcLists
from scrapers.morocco.bdc_records import kind_of_page, records_of
from scrapers.morocco.manners import portal_manners
from scrapers.payload import Bundle


class MoroccoBdc(BdcLists):
    """Bons de commande of Morocco's public bodies: open calls for quotations, and their results.

    Site: https://www.marchespublics.gov.ma/bdc/entreprise/consultation/   Language: fr   Updates: all day
    Read: the calls put online lately, all open ones (for what has changed), then the results published since.
    Caveats: a search without its page size, or with a date that is not ISO, finds nothing without a word; the list is
    sorted by deadline and moves while it is read; calls that have ended vanish, which does not mean cancelled; a
    reference is unique at its buyer at most; results have no id; nothing says whether a call is reserved.
    """

    name, title, country, zone = "morocco_bdc", "Morocco: bons de commande", "MA", ZONE
    base_url = "https://www.marchespublics.gov.ma"
    licence = "Public notices of the Moroccan State; no licence is stated"
    attribution = "Portail marocain des marchés publics (marchespublics.gov.ma), bons de commande"
    overlap: ClassVar[dt.timedelta] = dt.timedelta(days=7)
    first_days: ClassVar[int] = 30

    @property
    def manners(self) -> Manners:
        """Those of PMMP, which shares the host and its limit."""
        return portal_manners(self.hosts(), requests=2_500)

    def kind_of(self, body: bytes) -> str:
        """A list of calls, a list of results, or the page of a call."""
        return kind_of_page(body)

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """Calls and awards."""
        return records_of(bundle, self.base, self.local_time)
