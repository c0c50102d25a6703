"""How earlier calls of a buyer ended, and how concentrated its awards are."""

from __future__ import annotations

from collections.abc import Sequence

from app.awards.repository import AwardRepository
from app.openness.schemas import ConcentrationOut, PastCallOut
from matching.dedupe import name_key
from matching.openness.concentration import concentration

_LATEST = 200
_SHOWN = 10
_DIVISION = 2


async def past_calls(
    awards: AwardRepository, buyer: str | None, country: str | None, cpv: Sequence[str]
) -> tuple[list[PastCallOut], Sequence[str]]:
    """The buyer's latest awards of a division of the call's (of all where it has no codes), and whoever won, the oldest
    first.
    """
    key = name_key(buyer) if buyer else ""
    if not key:
        return [], []
    divisions = {code[:_DIVISION] for code in cpv}
    rows = await awards.latest_of_buyer(key, country, _LATEST)
    if not rows:
        return [], []
    alike = [row for row in rows if not divisions or divisions & {code[:_DIVISION] for code in row["cpv"]}][:_SHOWN]
    staff = await awards.winners_staff([row["id"] for row in alike]) if alike else {}
    told = [
        PastCallOut(
            title=row["title"], date=row["awarded_on"], lot_id=row["lot_id"], offers=row["offers"],
            outcome=row["outcome"], winner_employees=staff.get(row["id"], []),
        )
        for row in alike
    ]  # fmt: skip
    return told, await awards.winners(key, country)


def concentration_out(winners: Sequence[str]) -> ConcentrationOut | None:
    """The concentration of awards by their winners; ``None`` for no award."""
    found = concentration(winners)
    return None if found is None else ConcentrationOut.model_validate(found, from_attributes=True)
