"""Which lot a passage speaks of: "lot n° 3", "lots 1 et 2", "الحصة رقم 2"."""

from __future__ import annotations

from matching.requirements.numerals_ar import parse_ar
from matching.requirements.patterns import pattern

_LOT = pattern(
    r"lots? ?(?:n[°o]?\.? ?|numero |number |no\.? ?|#)?:? ?(?P<n>[0-9]{1,3}|[a-h](?![\w'.])|[ivx]{1,5}(?![\w'.]))",
    r"@حص[ةه] ?(?:رقم |عدد )?:?[ (]?(?P<a>[0-9]{1,3}|@أولى|@ثانية|@ثالثة|@رابعة|@خامسة|@سادسة|@سابعة)\)?",
)
_ORDINALS = {"اولي": "1", "ثانيه": "2", "ثالثه": "3", "رابعه": "4", "خامسه": "5", "سادسه": "6", "سابعه": "7"}


def lots_named(text: str) -> list[tuple[int, int, str]]:
    """The lots named in a clause, each with where it stands: (start, end, the lot's own number)."""
    found = []
    for match in _LOT.finditer(text):
        written = match["n"] or match["a"]
        bare = written.removeprefix("ال")
        name = str(int(written)) if written.isdigit() else _ORDINALS.get(bare) or str(parse_ar(bare) or written.upper())
        found.append((match.start(), match.end(), name))
    return found


def only_lot(text: str) -> str | None:
    """The lot of a clause that names exactly one."""
    names = {name for _, _, name in lots_named(text)}
    return names.pop() if len(names) == 1 else None
