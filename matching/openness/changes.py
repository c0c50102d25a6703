"""Single changes worth trying for a startup: one for each thing that calls it can't surely enter ask for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from matching.eligibility.facts import HeldCertificate, HeldReference, Moment, StartupFacts, YearTurnover
from matching.openness.calls import Question
from matching.openness.effort import ChangeKind
from matching.requirements.findings import Certificate, Kind, Languages, Presence, References, Turnover, Value
from matching.types import Amount

LASTING = dt.timedelta(days=3 * 365)
"""How long a certificate that is gained or renewed is taken to hold."""

MOST_OF_A_KIND = 10
"""Changes tried of one kind: those that most calls ask for."""

_MOST_REFERENCES = 10
_YEARS_TOLD = 5


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``what`` names it (a certificate, a trade, a place, a language); ``amount``: turnover to be reached,
    or the value of the reference.

    ``after`` is the startup after it; for a partner the partner, who holds that and nothing else. ``kinds``: of the
    questions whose answer can differ.
    """

    kind: ChangeKind
    what: str
    kinds: frozenset[Kind | None]
    after: StartupFacts
    amount: Amount | None = None

    @property
    def of_partner(self) -> bool:
        """Whether somebody else brings it."""
        return self.kind.startswith("partner_")


def changes(
    startup: StartupFacts, missed: Sequence[tuple[Question, frozenset[str]]], moment: Moment
) -> Iterator[Change]:
    """The changes that questions suggest which are not surely met, those that most of them ask for first.

    ``missed``: each with the trades of its call.
    """
    questions = [each for each, _ in missed]
    values = [each.clause.value for each in questions if each.clause is not None]
    yield from _certificates(startup, values, moment)
    yield from _renewals(startup, questions, moment)
    yield from _references(startup, missed, moment)
    yield from _turnovers(startup, values, moment)
    for place in _most(value.place for value in values if isinstance(value, Presence) and value.place):
        after = replace(startup, regions=(*startup.regions, place))
        yield Change(ChangeKind.REGION, place, frozenset({Kind.LOCAL_PRESENCE}), after)
    for code in _most(code for value in values if isinstance(value, Languages) for code in value.codes):
        after = replace(startup, languages=(*startup.languages, code))
        yield Change(ChangeKind.LANGUAGE, code, frozenset({Kind.LANGUAGE}), after)


def _most(told: Iterable[str]) -> list[str]:
    counted = Counter(told)
    return sorted(counted, key=lambda each: (-counted[each], each))[:MOST_OF_A_KIND]


def _certificates(startup: StartupFacts, values: Sequence[Value], moment: Moment) -> Iterator[Change]:
    asked = Counter(replace(value, lot=None) for value in values if isinstance(value, Certificate))
    until = (moment.as_of + LASTING).date()
    for one in sorted(asked, key=lambda each: (-asked[each], repr(each)))[:MOST_OF_A_KIND]:
        held = HeldCertificate(one.name, one.scheme, one.sector, one.qualifications, one.grade, expires=until)
        kinds: frozenset[Kind | None] = frozenset({Kind.CERTIFICATE})
        name = " ".join(filter(None, (one.name, one.sector, one.grade)))
        gained = replace(startup, certificates=(*startup.certificates, held))
        yield Change(ChangeKind.CERTIFICATE, name, kinds, gained)
        yield Change(ChangeKind.PARTNER_CERTIFICATE, name, kinds, StartupFacts("", certificates=(held,)))


def _renewals(startup: StartupFacts, missed: Sequence[Question], moment: Moment) -> Iterator[Change]:
    """Certificates that end before a deadline of a call that asks for some."""
    last = max((each.last_day for each in missed), default=0)
    until = (moment.as_of + LASTING).date()
    for place, held in enumerate(startup.certificates):
        if held.expires is not None and held.expires.toordinal() < last:
            renewed = (*startup.certificates[:place], replace(held, expires=until), *startup.certificates[place + 1 :])
            yield Change(
                ChangeKind.RENEWAL, held.name, frozenset({Kind.CERTIFICATE}), replace(startup, certificates=renewed)
            )


def _references(
    startup: StartupFacts, missed: Sequence[tuple[Question, frozenset[str]]], moment: Moment
) -> Iterator[Change]:
    """One more reference of a trade, or a partner who has as many as are asked there: attested, of today, and twice as
    large as the largest that is asked, so that tax leaves no doubt.
    """
    asked: dict[str, list[References]] = {}
    for question, trades in missed:
        if question.clause and isinstance(question.clause.value, References):
            for trade in trades:
                asked.setdefault(trade, []).append(question.clause.value)
    kinds: frozenset[Kind | None] = frozenset({Kind.REFERENCES})
    for trade in _most(trade for trade, told in asked.items() for _ in told):
        sums = [each.amount for each in asked[trade] if each.amount is not None]
        largest = max(sums, key=lambda each: each.amount, default=None)
        value = None if largest is None else Amount(largest.amount * 2, largest.currency)
        one = HeldReference(trade, value=value, date=moment.as_of.date(), trades=frozenset({trade}), attested=True)
        more = replace(startup, references=(*startup.references, one))
        yield Change(ChangeKind.REFERENCE, trade, kinds, more, value)
        enough = min(_MOST_REFERENCES, max(each.count or 1 for each in asked[trade]))
        partner = StartupFacts("", references=(one,) * enough)
        yield Change(ChangeKind.PARTNER_REFERENCES, trade, kinds, partner, value)


def _turnovers(startup: StartupFacts, values: Sequence[Value], moment: Moment) -> Iterator[Change]:
    """The levels that calls ask for, in the last closed years."""
    asked = sorted({(value.currency, value.amount) for value in values if isinstance(value, Turnover)})
    step = max(1, -(-len(asked) // MOST_OF_A_KIND))
    for currency, amount in asked[::-1][::step][::-1]:
        level = Amount(amount, currency)
        last = moment.as_of.year - 1
        raised = tuple(YearTurnover(last - back, level) for back in range(_YEARS_TOLD))
        kinds: frozenset[Kind | None] = frozenset({Kind.TURNOVER, Kind.RESERVED, None})
        years = (*_higher(startup.turnover, level), *raised)
        yield Change(ChangeKind.TURNOVER, _told(level), kinds, replace(startup, turnover=years), level)
        partner = StartupFacts("", turnover=raised)
        yield Change(ChangeKind.PARTNER_TURNOVER, _told(level), frozenset({Kind.TURNOVER}), partner, level)


def _higher(years: Sequence[YearTurnover], level: Amount) -> list[YearTurnover]:
    """The years that already reach the level, or can't be compared with it."""
    return [each for each in years if each.turnover.currency != level.currency or each.turnover.amount > level.amount]


def _told(amount: Amount) -> str:
    return f"{amount.amount.normalize():f} {amount.currency}"
