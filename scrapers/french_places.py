"""France's departments and regions, and what the place codes of its award data mean.

Codes and names: INSEE, Code officiel géographique (regions since 2016); postcodes begin with the department's number,
Corsica's apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from types import MappingProxyType
from typing import Final

_REGIONS: Final = {
    ("84", "Auvergne-Rhône-Alpes"): "01 Ain|03 Allier|07 Ardèche|15 Cantal|26 Drôme|38 Isère|42 Loire|43 Haute-Loire|"
    "63 Puy-de-Dôme|69 Rhône|73 Savoie|74 Haute-Savoie",
    ("27", "Bourgogne-Franche-Comté"): "21 Côte-d'Or|25 Doubs|39 Jura|58 Nièvre|70 Haute-Saône|71 Saône-et-Loire|"
    "89 Yonne|90 Territoire de Belfort",
    ("53", "Bretagne"): "22 Côtes-d'Armor|29 Finistère|35 Ille-et-Vilaine|56 Morbihan",
    ("24", "Centre-Val de Loire"): "18 Cher|28 Eure-et-Loir|36 Indre|37 Indre-et-Loire|41 Loir-et-Cher|45 Loiret",
    ("94", "Corse"): "2A Corse-du-Sud|2B Haute-Corse|20 Corse",
    ("44", "Grand Est"): "08 Ardennes|10 Aube|51 Marne|52 Haute-Marne|54 Meurthe-et-Moselle|55 Meuse|57 Moselle|"
    "67 Bas-Rhin|68 Haut-Rhin|88 Vosges",
    ("32", "Hauts-de-France"): "02 Aisne|59 Nord|60 Oise|62 Pas-de-Calais|80 Somme",
    ("11", "Île-de-France"): "75 Paris|77 Seine-et-Marne|78 Yvelines|91 Essonne|92 Hauts-de-Seine|"
    "93 Seine-Saint-Denis|94 Val-de-Marne|95 Val-d'Oise",
    ("28", "Normandie"): "14 Calvados|27 Eure|50 Manche|61 Orne|76 Seine-Maritime",
    ("75", "Nouvelle-Aquitaine"): "16 Charente|17 Charente-Maritime|19 Corrèze|23 Creuse|24 Dordogne|33 Gironde|"
    "40 Landes|47 Lot-et-Garonne|64 Pyrénées-Atlantiques|79 Deux-Sèvres|86 Vienne|87 Haute-Vienne",
    ("76", "Occitanie"): "09 Ariège|11 Aude|12 Aveyron|30 Gard|31 Haute-Garonne|32 Gers|34 Hérault|46 Lot|48 Lozère|"
    "65 Hautes-Pyrénées|66 Pyrénées-Orientales|81 Tarn|82 Tarn-et-Garonne",
    ("52", "Pays de la Loire"): "44 Loire-Atlantique|49 Maine-et-Loire|53 Mayenne|72 Sarthe|85 Vendée",
    ("93", "Provence-Alpes-Côte d'Azur"): "04 Alpes-de-Haute-Provence|05 Hautes-Alpes|06 Alpes-Maritimes|"
    "13 Bouches-du-Rhône|83 Var|84 Vaucluse",
    ("01", "Guadeloupe"): "971 Guadeloupe",
    ("02", "Martinique"): "972 Martinique",
    ("03", "Guyane"): "973 Guyane",
    ("04", "La Réunion"): "974 La Réunion",
    ("06", "Mayotte"): "976 Mayotte",
    ("", "Collectivités d'outre-mer"): "975 Saint-Pierre-et-Miquelon|977 Saint-Barthélemy|978 Saint-Martin|"
    "986 Wallis-et-Futuna|987 Polynésie française|988 Nouvelle-Calédonie",
}
_DEPARTMENTS: Final = MappingProxyType({
    entry.partition(" ")[0]: (entry.partition(" ")[2], region)
    for (_, region), entries in _REGIONS.items()
    for entry in entries.split("|")
})  # fmt: skip
_REGION_NAMES: Final = MappingProxyType({code: name for code, name in _REGIONS if code})
_CODE = re.compile(r"(?<![0-9A-Z])(?:2[AB]|9[78]\d|\d{1,2})(?![0-9A-Z])")
_NAMED_APART = 5
_NATIONAL = 80


def departments(*written: object) -> tuple[str, ...]:
    """Department codes out of a code, a list of them, or a text of several; codes of no department are left out."""
    found: dict[str, None] = {}
    for value in written:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, bool) or not isinstance(one, str | int):
                continue
            for code in _CODE.findall(str(one).upper()[:2_000]):
                found[code.zfill(2)] = None
    return tuple(code for code in found if code in _DEPARTMENTS)


def regions(codes: Iterable[str]) -> tuple[str, ...]:
    """The regions of departments, each once."""
    return tuple(dict.fromkeys(_DEPARTMENTS[code][1] for code in codes if code in _DEPARTMENTS))


def place(codes: tuple[str, ...]) -> str | None:
    """Departments as a reader names them: each with its region, the regions alone where they are many, or France."""
    if len(codes) >= _NATIONAL:
        return "France"
    if len(codes) > _NAMED_APART:
        return ", ".join(regions(codes))
    named = [name if name == region else f"{name}, {region}" for name, region in map(_DEPARTMENTS.__getitem__, codes)]
    return "; ".join(named) or None


def department_of(code: str, kind: str) -> str | None:
    """The department of a place code of the award data, whose kind is told ("Code postal", "Code commune" ...)."""
    code, kind = code.strip().upper(), kind.casefold()
    if "pays" in kind or "région" in kind or "region" in kind:
        return None
    if "postal" in kind and len(code) == 5 and code.startswith("20"):
        return {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}.get(code[:3], "20")
    found = code[:3] if code[:2] in {"97", "98"} else code[:2]
    return found if found in _DEPARTMENTS else None


def region_of_code(code: str, kind: str) -> str | None:
    """The region of a place code of the award data."""
    if "région" in kind.casefold() or "region" in kind.casefold():
        return _REGION_NAMES.get(code.strip().zfill(2))
    department = department_of(code, kind)
    return _DEPARTMENTS[department][1] if department else None
