"""Who a French notice names as buyer or winner: register numbers checked, and firms told from private persons.

SIRET and SIREN: INSEE, 14 and 9 digits whose Luhn sum is a multiple of ten (La Poste's branches apart). A sole trader's
firm bears the trader's name: such a name is not kept, the number is.
"""

from __future__ import annotations

import re
from typing import Final

_SPACES = re.compile(r"[\s.\u00a0\u202f-]+")
_DIGITS = re.compile(r"\d+", re.ASCII)
_SIRET: Final = 14
_SIREN: Final = 9
_TYPES: Final = frozenset({"SIRET", "SIREN", "TVA", "TAHITI", "RIDET", "FRWF", "IREP", "UE", "HORS-UE"})
_COUNTRIES: Final = {"SIRET": "FR", "SIREN": "FR", "TAHITI": "PF", "RIDET": "NC", "FRWF": "WF"}
_FOREIGN = re.compile(r"(?=.*\d)[A-Z0-9][A-Z0-9 ./*+-]{2,48}", re.ASCII)
_VAT_COUNTRY = re.compile(r"([A-Z]{2})[0-9A-Z+*]", re.ASCII)

_CIVILITY = re.compile(
    r"^(?:m\.?|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle|docteur|dr\.?|me|ma[iî]tre)\s", re.IGNORECASE
)
_SOLE_TRADER = re.compile(
    r"(?:^|[\s(,-])(?:ei|e\.i\.|entrepreneur individuel|entreprise individuelle|auto[- ]?entrepreneur|"
    r"micro[- ]?entreprise|micro[- ]?entrepreneur|profession lib[ée]rale)(?:$|[\s),.-])",
    re.IGNORECASE,
)
_LEGAL_FORM = re.compile(
    r"\b(?:sas|sasu|sarl|sarlau|sa|snc|scop|scic|scp|scm|sci|scea|gaec|earl|eurl|selarl|selas|selurl|gie|gip|sem|spl|"
    r"sem|epic|epa|association|assoc|soci[ée]t[ée]|soc|st[ée]|cie|compagnie|groupe|group|ets|[ée]tablissements|"
    r"entreprise|cabinet|agence|atelier|ateliers|bureau|menuiserie|ma[çc]onnerie|plomberie|peinture|[ée]lectricit[ée]|"
    r"transports?|garage|pharmacie|imprimerie|travaux|services?|conseil|consulting|ing[ée]nierie|architectes?|"
    r"architecture|fils|fr[èe]res|associ[ée]s|france|ltd|gmbh|bv|nv|spa|srl|inc|llc|plc|et cie)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_NAMES: Final = """
adrien agnes alain albert alexandre alexis alice aline amandine amelie anais andre anne annie anthony antoine
arnaud arthur audrey aurelie aurelien baptiste beatrice benjamin benoit bernadette bernard bertrand brigitte
bruno camille caroline catherine cecile cedric celine chantal charles charlotte christelle christian christiane
christine christophe claire claude claudine clement colette corinne cyril damien daniel daniele david delphine
denis denise didier dominique dylan edouard elisabeth elodie emilie emma emmanuel emmanuelle eric estelle
etienne evelyne fabien fabienne fabrice florence florent florian francis franck francois francoise frederic
gabriel gaelle genevieve georges gerard ghislaine gilbert gilles gregory guillaume guy helene henri herve hugo
hugues isabelle jacqueline jacques jean jeanne jerome joel joelle johan jonathan josette joseph josiane julie
julien justine karim karine kevin laetitia laura laure laurence laurent lea liliane lionel loic louis louise luc
lucas lucie ludovic madeleine manon marc marcel marguerite maria marie marine marion martine mathieu mathilde
matthieu maurice maxime melanie michel michele michelle mickael mireille mohamed monique morgane muriel myriam
nadia nadine nathalie nicolas nicole noel odette olivier pascal pascale patrice patricia patrick paul paulette
pauline philippe pierre quentin rachid raphael raymond raymonde regis remi remy renaud rene robert roger roland
romain sabine sabrina samuel sandra sandrine sebastien serge severine simon simone solange sonia sophie stephane
stephanie suzanne sylvain sylvie thibault thierry thomas valerie vanessa veronique victor vincent virginie
viviane xavier yann yannick yves yvette yvonne
"""
_FIRST_NAMES: Final = frozenset(_NAMES.split())
_ACCENTS = str.maketrans("àâäéèêëîïôöùûüçÀÂÄÉÈÊËÎÏÔÖÙÛÜÇ", "aaaeeeeiioouuucAAAEEEEIIOOUUUC")
_LONGEST_PERSON: Final = 4


def siret(written: object) -> str | None:
    """A SIRET of 14 digits; one that a spreadsheet made a number gets its leading zero back where its sum proves it."""
    digits = _number(written)
    if len(digits) == _SIRET:
        return digits if digits.strip("0") else None
    if len(digits) == _SIRET - 1 and _luhn(f"0{digits}"):
        return f"0{digits}"
    return None


def register_id(written: object, kind: str = "") -> tuple[str, str] | None:
    """A supplier's number and its register; None for what stands in its place ("CDL", "NC", zeros)."""
    kind = kind.strip().upper()
    found = siret(written)
    if found and kind in {"", "SIRET"}:
        return found, "SIRET"
    digits = _number(written)
    if len(digits) == _SIREN and digits.strip("0") and kind in {"", "SIRET", "SIREN"} and _luhn(digits):
        return digits, "SIREN"
    if kind not in _TYPES or kind in {"SIRET", "SIREN"} or not isinstance(written, str | int):
        return None
    number = str(written).strip().upper()
    return (number, kind) if _FOREIGN.fullmatch(number) and number.strip("0 ") else None


def country_of(number: str, kind: str) -> str | None:
    """The country whose register a number is of."""
    if kind == "TVA" and (found := _VAT_COUNTRY.match(number)):
        return {"EL": "GR"}.get(found[1], found[1])
    return _COUNTRIES.get(kind)


def firm_name(written: str) -> str | None:
    """A firm's name; None where it is, or may well be, a private person's.

    A civility, the mark of a sole trader, or a first name among nothing but names: such a text is not kept. A legal
    form or a trade in it makes it a firm's.
    """
    name = " ".join(written.split())[:500].strip(" .,;-")
    if not name or _CIVILITY.match(name) or _SOLE_TRADER.search(name):
        return None
    if _LEGAL_FORM.search(name) or any(sign in name for sign in "&@/0123456789"):
        return name
    words = [word.casefold() for word in _WORD.findall(name.translate(_ACCENTS))]
    parts = {part for word in words for part in (word, *word.split("-"))}
    return None if 2 <= len(words) <= _LONGEST_PERSON and parts & _FIRST_NAMES else name


def _number(written: object) -> str:
    if isinstance(written, bool) or not isinstance(written, str | int):
        return ""
    compact = _SPACES.sub("", str(written)[:60])
    return compact if _DIGITS.fullmatch(compact) else ""


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0
