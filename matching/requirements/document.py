"""What the rules are given: the clauses of a text with what is known of its country, and what they give back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from matching.requirements.clauses import Clause, clauses
from matching.requirements.findings import Kind, Value
from matching.requirements.folding import Folded, fold
from matching.requirements.patterns import pattern

_SIGNS = {
    "MA": pattern(
        "maroc",
        "marocaine?s?",
        "royaume",
        "marchespublics",
        "2[-.] ?22[-.] ?431",
        "2[-.] ?12[-.] ?349",
        "dhs?",
        "dirhams?",
        "tpme",
        "morocco",
        "moroccan",
        "casablanca",
        "ministere de l'equipement",
        "@مغرب",
        "@مغربية",
        "@درهما?",
        "@دراهم",
        "@مملكة المغربية",
        "[^\\W\\d]*marchespublics",
        "cnss",
        "cahiers? des prescriptions speciales",
        "c\\.?p\\.?s",
        "sur offres? de prix",
        "نظام @?استشارة",
        "غشت",
        "شتنبر",
        "نونبر",
        "دجنبر",
        "يوليوز",
        "rabat",
        "fes",
        "tanger",
        "marrakech",
        "agadir",
        "meknes",
        "oujda",
        "kenitra",
        "tetouan",
        "laayoune",
        "beni mellal",
        "safi",
        "essaouira",
        "sale",
        "temara",
        "mohammedia",
        "settat",
        "khouribga",
        "el jadida",
        "nador",
        "taza",
        "berkane",
        "errachidia",
        "ouarzazate",
        "zagora",
        "tiznit",
        "taroudan\\w{1,2}",
        "guelmim",
        "dakhla",
        "larache",
        "al hoceima",
        "khemisset",
        "khenifra",
        "ifrane",
        "azilal",
        "chefchaouen",
        "benslimane",
        "berrechid",
        "midelt",
        "tinghir",
        "figuig",
        "taounate",
        "sefrou",
        "boulemane",
        "youssoufia",
        "ouezzane",
        "guercif",
        "driouch",
        "tata",
        "tan-?tan",
        "inezgane",
        "wilaya",
        "سلا",
        "تمارة",
        "@محمدية",
        "سطات",
        "@جديدة",
        "@ناظور",
        "تازة",
        "تارودانت",
        "تزنيت",
        "ورزازات",
        "@راشيدية",
        "كلميم",
        "@داخلة",
        "@عرائش",
        "@حسيمة",
        "خنيفرة",
        "@خميسات",
        "أزيلال",
        "تطوان",
        "@قنيطرة",
        "آسفي",
        "@صويرة",
        "بني ملال",
        "جماعة ترابية",
        "@دار @بيضاء",
        "@رباط",
        "فاس",
        "طنجة",
        "مراكش",
        "أكادير",
        "مكناس",
        "وجدة",
        "@عيون",
    ),
    "TN": pattern("tunisi\\w+", "tunis", "tnd", "تونس\\w*", "tuneps"),
    "DZ": pattern("algeri\\w+", "alger", "@?جزائر\\w*", "bomop"),
    "FR": pattern("boamp", "code de la commande publique", "france", "siret", "achat-?public"),
    "GB": pattern("united kingdom", "find a tender", "contracts finder", "crown commercial", "nhs", "british"),
}
_ZONES = {
    "MA": "Africa/Casablanca",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "TN": "Africa/Tunis",
    "DZ": "Africa/Algiers",
    "SN": "Africa/Dakar",
    "CI": "Africa/Abidjan",
    "BE": "Europe/Brussels",
    "EG": "Africa/Cairo",
    "MR": "Africa/Nouakchott",
}
_CURRENCIES = {
    "MA": "MAD",
    "FR": "EUR",
    "GB": "GBP",
    "TN": "TND",
    "DZ": "DZD",
    "SN": "XOF",
    "CI": "XOF",
    "BE": "EUR",
    "EG": "EGP",
}
NO_CURRENCY = "XXX"
"""ISO 4217: no currency is involved."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: a value and its stretch of the folded text."""

    kind: Kind
    value: Value
    start: int
    end: int
    confidence: float


class Document:
    """A text, folded and cut into clauses; its country, where told or where its signs agree on one."""

    def __init__(self, text: str, country: str | None = None) -> None:
        self._text = text
        self.folded: Folded = fold(text)
        self.clauses: list[Clause] = clauses(self.folded.text, self._small)
        self._told = country

    def _small(self, at: int) -> bool:
        start, _ = self.folded.source(at, at)
        return self._text[start : start + 1].islower()

    @cached_property
    def country(self) -> str | None:
        """As told by the caller, else the only country whose signs the text bears; two of them: unknown."""
        if self._told:
            return self._told
        seen = [code for code, signs in _SIGNS.items() if signs.search(self.folded.text)]
        return seen[0] if len(seen) == 1 else None

    @property
    def zone(self) -> dt.tzinfo | None:
        """The zone in which its hours are written; ``None`` is unknown, and hours then stay without a zone."""
        name = _ZONES.get(self.country or "")
        return ZoneInfo(name) if name else None

    @property
    def currency(self) -> str | None:
        """The currency of sums written without one."""
        return _CURRENCIES.get(self.country or "")

    def written(self, start: int, end: int) -> str:
        """A stretch of the folded text as it was written, on one line."""
        first, last = self.folded.source(start, end)
        return " ".join(self._text[first:last].split())

    def after(self, clause: Clause, count: int) -> list[Clause]:
        """The clauses that follow one."""
        return self.clauses[clause.number + 1 : clause.number + 1 + count]


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A stretch without blanks and punctuation at its edges; a bracket that it opens is closed within it."""
    while end > start and text[end - 1] in ' \n|:;,-"':
        end -= 1
    while start < end and text[start] in ' \n|:;,-"':
        start += 1
    inside = text[start:end]
    if inside.count("(") > inside.count(")") and text[end : end + 2].lstrip(" ")[:1] == ")":
        end = text.index(")", end) + 1
    return start, end
