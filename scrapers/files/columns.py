"""How a table's columns become the nested fields of a record; docs/formats.md says it to people.

A heading is a field's path (``buyer.name``, ``lots.1.title``) or one of the headings below; what is neither is kept
under its own heading. Cells are text as the file holds it; codes keep their leading zeros.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import orjson

from scrapers.files.contract import Side
from scrapers.normalise import country_code, parse_amount, parse_written

MAX_NUMBERED = 200

_COMMON = {
    "reference": "id", "ref": "id", "identifiant": "id", "reference number": "id", "المرجع": "id",
    "pays": "country", "الدولة": "country", "البلد": "country",
    "langue": "language", "اللغة": "language",
    "site web": "website", "lien": "url", "link": "url", "الرابط": "url",
}  # fmt: skip
_TENDER = _COMMON | {
    "intitule": "title", "objet": "title", "titre": "title", "subject": "title", "الموضوع": "title",
    "acheteur": "buyer.name", "buyer": "buyer.name", "maitre d ouvrage": "buyer.name", "صاحب المشروع": "buyer.name",
    "organisme": "buyer.name", "المشتري": "buyer.name", "الوصف": "description",
    "n d appel d offres": "id", "n ao": "id", "رقم طلب العروض": "id", "libelle": "title",
    "acheteur public": "buyer.name", "contracting authority": "buyer.name",
    "secteur": "sector", "categorie": "category", "procedure": "procedure", "activites": "activities",
    "lieu": "place", "lieu d execution": "place", "مكان التنفيذ": "place",
    "date limite": "deadline", "date limite de remise des plis": "deadline", "آخر أجل": "deadline",
    "date limite de depot": "deadline", "date limite de reception": "deadline", "closing date": "deadline",
    "submission deadline": "deadline", "date limite de remise des offres": "deadline",
    "date limite de reception des offres": "deadline",
    "date de publication": "published", "publication date": "published", "تاريخ النشر": "published",
    "budget": "value.amount", "montant": "value.amount", "estimation": "value.amount", "amount": "value.amount",
    "value": "value.amount", "estimated value": "value.amount", "الميزانية": "value.amount",
    "montant estime": "value.amount", "المبلغ": "value.amount",
    "devise": "value.currency", "currency": "value.currency", "العملة": "value.currency",
    "caution": "bond.amount", "caution provisoire": "bond.amount",
    "reserve pme": "reserved_sme",
}  # fmt: skip
_STARTUP = _COMMON | {
    "nom": "name", "raison sociale": "name", "الاسم": "name",
    "secteurs": "sectors", "ville": "city", "المدينة": "city", "langues": "languages",
    "annee de creation": "founded", "effectif": "employees",
    "chiffre d affaires": "turnover.amount", "site": "website", "certificats": "certifications",
}  # fmt: skip
SYNONYMS: Mapping[Side, Mapping[str, str]] = MappingProxyType({"tender": _TENDER, "startup": _STARTUP})

_LISTS = frozenset({"activities", "cpv", "sectors", "technologies", "regions", "languages", "certifications"})
_CODES = frozenset({"cpv", "languages"})
_OBJECTS = frozenset({"lots", "references", "labels"})
_DAYS = frozenset({"published", "deadline", "date"})
_COUNTS = frozenset({"employees", "founded"})
_FIELDS: Mapping[Side, frozenset[str]] = MappingProxyType({
    "tender": frozenset({
        "id", "title", "description", "buyer.id", "buyer.name", "sector", "category", "procedure", "activities", "cpv",
        "place", "country", "value.amount", "value.currency", "bond.amount", "bond.currency", "published", "deadline",
        "lots", "reserved_sme", "part_of.id", "part_of.title", "part_of.buyer", "part_of.role", "language", "url",
    }),
    "startup": frozenset({
        "id", "name", "description", "sectors", "technologies", "cpv", "regions", "city", "country", "languages",
        "founded", "employees", "turnover.amount", "turnover.currency", "labels", "certifications", "references",
        "website",
    }),
})  # fmt: skip
REQUIRED: Mapping[Side, tuple[str, str]] = MappingProxyType({"tender": ("id", "title"), "startup": ("id", "name")})
_NUMBERED = re.compile(r"(lots|references|labels)\.(\d{1,4})\.([a-z_]+(?:\.[a-z]+)?)")
_CATEGORIES = {"travaux": "works", "fournitures": "goods", "supplies": "goods", "services": "services"}
_SECTORS = {"prive": "private"}
_YES_NO = {"oui": True, "yes": True, "true": True, "vrai": True, "1": True, "نعم": True,
           "non": False, "no": False, "false": False, "faux": False, "0": False, "لا": False}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one sender writes tables, beside what everybody does.

    ``headings``: the sender's own headings, folded, and the fields they stand for; ``decimal``: the mark before
    fractions, which settles what ``1.250`` is; ``texts``: keep what a time's cell said beside it (``deadline_text``).
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    decimal: Literal[",", "."] | None = None
    texts: bool = False


PLAIN = Dialect()


class CellError(ValueError):
    """A cell cannot be read as its column's field; the message names the column."""


def field_of(heading: str, side: Side, dialect: Dialect = PLAIN) -> str | None:
    """The field's path that a heading stands for; ``None`` for a heading of the sender's own."""
    text = heading.strip()
    path = text.casefold()
    if own := dialect.headings.get(folded(text)):
        return own
    if path in _FIELDS[side] or ((found := _NUMBERED.fullmatch(path)) and 0 < int(found[2]) <= MAX_NUMBERED):
        return path
    return SYNONYMS[side].get(folded(text))


def folded(text: str) -> str:
    """Case, accents and punctuation taken away, so that ``Lieu d’exécution`` is ``lieu d execution``."""
    plain = unicodedata.normalize("NFKD", text.casefold()) if not _is_arabic(text) else text
    return " ".join(re.sub(r"[\W_]+", " ", "".join(c for c in plain if not unicodedata.combining(c))).split())


def _is_arabic(text: str) -> bool:
    return any("\u0600" <= c <= "\u06ff" for c in text)


class Columns:
    """The columns of one table, in order."""

    def __init__(self, headings: Sequence[str], side: Side, dialect: Dialect = PLAIN) -> None:
        self._side = side
        self._dialect = dialect
        self.paths: list[tuple[str, bool]] = []
        taken: set[str] = set()
        for heading in headings:
            path = field_of(heading, side, dialect)
            known = path is not None and path not in taken
            name = path if known and path is not None else heading.strip()
            taken.add(name)
            self.paths.append((name, known))

    @property
    def known(self) -> int:
        """How many columns are fields of the contract."""
        return sum(known for _, known in self.paths)

    @property
    def missing(self) -> list[str]:
        """Required fields without a column."""
        present = {name for name, known in self.paths if known}
        return [name for name in REQUIRED[self._side] if name not in present]

    def record(self, cells: Sequence[object]) -> dict[str, object]:
        """One row as nested fields; empty cells are absent. Raises CellError."""
        fields: dict[str, object] = {}
        for (path, known), cell in zip(self.paths, cells, strict=False):
            text = cell.strip() if isinstance(cell, str) else cell
            if text is None or text == "" or not path:
                continue
            if not known:
                fields.setdefault(path, text.isoformat() if isinstance(text, dt.date | dt.time) else text)
                continue
            try:
                _put(fields, path, self._value(path, text))
                if self._dialect.texts and path in _DAYS:
                    fields[f"{path}_text"] = text.isoformat(" ") if isinstance(text, dt.datetime) else _text(text)
            except ValueError as error:
                raise CellError(f"{path}: {error}") from None
        return _without_lone_currency(fields)

    def _value(self, path: str, cell: object) -> object:
        if self._dialect.decimal and path.endswith(".amount") and isinstance(cell, str):
            return parse_amount(cell, self._dialect.decimal)
        return _value(path, cell)


def _without_lone_currency(fields: dict[str, object]) -> dict[str, object]:
    """A currency beside an empty amount says nothing: exports fill the column for every row."""
    for name in ("value", "bond", "turnover"):
        money = fields.get(name)
        if isinstance(money, dict) and set(money) == {"currency"}:
            del fields[name]
    for name in _OBJECTS & fields.keys():
        numbered = fields[name]
        if isinstance(numbered, dict):
            fields[name] = [_without_lone_currency(numbered[key]) for key in sorted(numbered)]
    return fields


def _put(fields: dict[str, object], path: str, value: object) -> None:
    *parents, leaf = path.split(".")
    at: dict[object, object] = fields  # type: ignore[assignment]
    for parent in parents:
        key: object = int(parent) if parent.isdigit() else parent
        below = at.setdefault(key, {})
        if not isinstance(below, dict):
            raise ValueError("is given twice, as a whole and in parts")  # noqa: TRY004 - a fault of the file
        at = below
    if leaf in at:
        raise ValueError("is given twice, as a whole and in parts")
    at[leaf] = value


def _value(path: str, cell: object) -> object:
    leaf = path.rsplit(".", 1)[-1]
    if leaf in _OBJECTS:
        return _objects(leaf, _text(cell))
    if leaf in _LISTS:
        return _list(leaf, _text(cell))
    reader = _READERS.get(leaf)
    return _text(cell) if reader is None else reader(cell)


def _text(cell: object) -> str:
    """The text of a cell; a spreadsheet's 123.0 is the id 123."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return str(cell)


def _list(leaf: str, text: str) -> list[str]:
    if text.startswith("["):
        return _json(text)  # type: ignore[return-value]
    separator = r"[|;,\s]+" if leaf in _CODES else "[|]" if "|" in text else ";"
    parts = re.split(separator, text)
    return [part.strip() for part in parts if part.strip()]


def _objects(leaf: str, text: str) -> object:
    if text.startswith("["):
        return _json(text)
    if leaf == "labels":
        return [{"name": name} for name in _list(leaf, text)]
    raise ValueError(f"is neither a JSON list nor numbered columns ({leaf}.1.title ...)")


def _json(text: str) -> object:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise ValueError("begins like a JSON list but is none") from None


def _day(cell: object) -> object:
    return cell if isinstance(cell, dt.date) else parse_written(_text(cell))


def _amount(cell: object) -> object:
    return cell if isinstance(cell, int | float) else parse_amount(_text(cell))


def _count(cell: object) -> object:
    amount = parse_amount(_text(cell))
    if amount != int(amount):
        raise ValueError("is not a whole number")
    return int(amount)


def _yes_no(cell: object) -> bool:
    found = _YES_NO.get(_text(cell).casefold())
    if found is None:
        raise ValueError("is neither yes nor no")
    return found


def _word_of(words: Mapping[str, str]) -> Callable[[object], object]:
    return lambda cell: words.get(folded(_text(cell)), _text(cell).casefold())


_READERS: Mapping[str, Callable[[object], object]] = MappingProxyType(
    {
        **dict.fromkeys(_DAYS, _day),
        **dict.fromkeys(_COUNTS, _count),
        "amount": _amount,
        "country": lambda cell: country_code(_text(cell)),
        "currency": lambda cell: _text(cell).upper(),
        "language": lambda cell: _text(cell).casefold(),
        "reserved_sme": _yes_no,
        "category": _word_of(_CATEGORIES),
        "sector": _word_of(_SECTORS),
    }
)
