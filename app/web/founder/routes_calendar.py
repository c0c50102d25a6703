"""``/calendar``: what ends when, month by month: calls that were saved or fit, and one's own papers."""

from __future__ import annotations

from fastapi.responses import Response

from app.evidence import service as evidence
from app.kit.errors import NotFound
from app.matches.deadlines import MOST_DEADLINES, deadlines_between
from app.web.founder.evidence_view import papers
from app.web.founder.here import Reading
from app.web.founder.months import FIRST_YEAR, LAST_YEAR, Month, weekday_names, weeks
from app.web.pages import page_router
from scrapers.normalise import HOME_ZONE

router = page_router("/calendar")


@router.get("")
async def show_calendar(here: Reading, month: str | None = None) -> Response:
    """A month, this one if none is named."""
    if here.choice is None:
        return here.none_yet()
    today = here.now.astimezone(HOME_ZONE).date()
    shown = Month.of(today) if month is None else Month.read(month)
    if shown is None:
        raise NotFound
    following = shown.moved(1)
    due = await deadlines_between(here.db, here.caller, here.startup_id, shown.begins, following.begins)
    held = papers(await evidence.show(here.db, here.caller, here.startup_id), today, here.lang)
    ending = [
        one for pieces in held.lists.values() for one in pieces if one.expires and Month.of(one.expires) == shown
    ]  # fmt: skip
    table = weeks(shown, today, due, ending, here.lang)
    beside = {name: shown.moved(by) for name, by in (("before", -1), ("after", 1))}
    return here.show(
        "founder/calendar.html", month=shown, name=shown.name(here.lang), weeks=table, names=weekday_names(here.lang),
        days=[day for week in table for day in week if day.full], many=len(due) >= MOST_DEADLINES,
        today=None if shown == Month.of(today) else here.path("/calendar"),
        **{
            name: (here.path("/calendar", month=str(one)), one.name(here.lang))
            for name, one in beside.items()
            if FIRST_YEAR <= one.year <= LAST_YEAR
        },
    )  # fmt: skip
