"""Two people's versions of one call, field by field, and the one that is made of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from app.db.base import JsonObject

Choice = Literal["mine", "theirs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that two versions say otherwise. ``before``: what both began with. ``both``: both changed it."""

    name: str
    before: JsonValue
    theirs: JsonValue
    mine: JsonValue

    @property
    def both(self) -> bool:
        """Whether nobody's word is the obvious one."""
        return self.before not in (self.theirs, self.mine)

    @property
    def likely(self) -> Choice:
        """The one who changed it; of two, the one who asks."""
        return "theirs" if self.mine == self.before else "mine"


def differences(before: JsonObject, theirs: JsonObject, mine: JsonObject) -> Sequence[Difference]:
    """The fields that the two versions say otherwise, in the order of their names in what was typed."""
    names = dict.fromkeys((*mine, *theirs))
    found = [Difference(name, before.get(name), theirs.get(name), mine.get(name)) for name in names]
    return [each for each in found if each.theirs != each.mine]


def merged(
    before: JsonObject, theirs: JsonObject, mine: JsonObject, choices: Mapping[str, str]
) -> JsonObject:  # fmt: skip
    """Their version with what was chosen of mine; where nothing was chosen, what is likely."""
    record = dict(theirs)
    for each in differences(before, theirs, mine):
        if choices.get(each.name, each.likely) != "mine":
            continue
        if each.mine is None:
            record.pop(each.name, None)
        else:
            record[each.name] = each.mine
    return record
