"""The rankings of a match as people, programs and evaluation tools want them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TextIO

import orjson
from rich.console import Console
from rich.table import Table
from rich.text import Text

from app.files.export import Cell, csv_text
from app.kit.i18n import Lang, has_message, translate
from matching.types import Grade, MatchResult, Ranking, Reason, Span, StartupDoc, TenderDoc
from scrapers.normalise import HOME_ZONE, zone_of_country

SHOWN_REASONS = 4
CSV_COLUMNS = (
    "tender_id", "startup_id", "rank", "score", "grade", "lot_id", "tender_title", "startup_name", "reasons", "unknown",
)  # fmt: skip
_WIDTH = 140


@dataclass(frozen=True, slots=True)
class Answer:
    """One query with its ranking; ``tenders`` and ``startups`` name what the ids of the ranking stand for."""

    query: TenderDoc | StartupDoc
    ranking: Ranking


@dataclass(frozen=True, slots=True)
class Names:
    """What ids stand for."""

    tenders: Mapping[str, TenderDoc]
    startups: Mapping[str, StartupDoc]


class Writer(Protocol):
    """Writes answers one after the other, in the order in which they were asked."""

    def write(self, answer: Answer) -> None:
        """Write one answer."""


class TrecWriter:
    """``qid Q0 docid rank score safqa``; a blank inside an id is written ``%20``, scores with every digit."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, answer: Answer) -> None:
        """One line per pair."""
        for rank, item in enumerate(answer.ranking.items, start=1):
            qid, docid = _pair(answer.query, item)
            self._out.write(f"{_one_word(qid)} Q0 {_one_word(docid)} {rank} {item.score!r} safqa\n")


class JsonLinesWriter:
    """One object per pair, with its reasons and where they stand in both texts."""

    def __init__(self, out: TextIO, lang: Lang) -> None:
        self._out = out
        self._lang = lang

    def write(self, answer: Answer) -> None:
        """One line per pair."""
        for rank, item in enumerate(answer.ranking.items, start=1):
            found = {
                "tender_id": item.tender_id,
                "startup_id": item.startup_id,
                "rank": rank,
                "score": item.score,
                "grade": item.grade,
                "lot_id": item.lot_id,
                "algorithm": answer.ranking.algorithm,
                "reasons": [_reason_object(reason, self._lang) for reason in item.reasons],
                "unknown": item.unknown,
            }
            self._out.write(orjson.dumps(found).decode() + "\n")


class CsvWriter:
    """One row per pair; texts can't be taken for formulas."""

    def __init__(self, out: TextIO, lang: Lang, names: Names) -> None:
        self._out = out
        self._lang = lang
        self._names = names
        self._out.writelines(csv_text([], headings=CSV_COLUMNS))

    def write(self, answer: Answer) -> None:
        """One row per pair."""
        rows = (self._row(rank, item) for rank, item in enumerate(answer.ranking.items, start=1))
        self._out.writelines(csv_text(rows))

    def _row(self, rank: int, item: MatchResult) -> Sequence[Cell]:
        reasons = "; ".join(f"{text} ({reason.contribution:+.2f})" for reason, text in _worded(item, self._lang))
        title, name = self._names.tenders[item.tender_id].title, self._names.startups[item.startup_id].name
        head: tuple[Cell, ...] = (item.tender_id, item.startup_id, rank, item.score, item.grade.value, item.lot_id)
        return (*head, title, name, reasons, ", ".join(item.unknown))


class TableWriter:
    """For people: each query with what is worth showing of its ranking, and why."""

    def __init__(self, out: TextIO, lang: Lang, names: Names, width: int | None) -> None:
        """``width`` is that of the terminal; without one the table is plain text for a file."""
        self._console = Console(file=out, highlight=False, force_terminal=width is not None, width=width or _WIDTH)
        self._lang = lang
        self._names = names

    def write(self, answer: Answer) -> None:
        """One table, or a line where nothing is worth showing; nothing where the gates left nobody to rank."""
        if answer.ranking.considered == 0:
            return
        self._console.print(Text(_heading(answer.query), style="bold"), soft_wrap=False)
        self._console.print(Text(self._considered(answer.ranking), style="dim"))
        shown = [
            (rank, item) for rank, item in enumerate(answer.ranking.items, start=1) if item.grade is not Grade.NONE
        ]
        if not shown:
            self._console.print(Text(translate("match.nothing", self._lang)), end="\n\n")
            return
        table = Table(show_header=True, header_style="bold", pad_edge=False, expand=False)
        table.add_column("#", justify="right")
        table.add_column(translate("match.column.name", self._lang), ratio=3, overflow="fold", min_width=20)
        table.add_column(translate("match.column.score", self._lang), justify="right")
        table.add_column(translate("match.column.grade", self._lang))
        table.add_column(translate("match.column.reasons", self._lang), ratio=6, overflow="fold", min_width=30)
        for rank, item in shown:
            worded = _worded(item, self._lang)[:SHOWN_REASONS]
            reasons = "\n".join(f"{reason.contribution:+.2f}  {text}" for reason, text in worded)
            grade = translate(f"grade.{item.grade}", self._lang)
            table.add_row(str(rank), Text(self._name(answer, item)), f"{item.score:.2f}", grade, Text(reasons))
        self._console.print(table)
        self._console.print()

    def _considered(self, ranking: Ranking) -> str:
        text = translate("match.considered", self._lang, count=ranking.considered)
        return " · ".join([text, *gate_counts(ranking.gated, self._lang)])

    def _name(self, answer: Answer, item: MatchResult) -> str:
        if isinstance(answer.query, TenderDoc):
            startup = self._names.startups[item.startup_id]
            lot = translate("match.lot", self._lang, lot=item.lot_id) if item.lot_id else ""
            return _plain(" · ".join(filter(None, [startup.name, startup.city, lot])))
        tender = self._names.tenders[item.tender_id]
        return _plain(
            " · ".join(filter(None, [tender.id, _short(tender.title, 160), item.lot_id and f"({item.lot_id})"]))
        )


def gate_counts(gated: Mapping[str, int], lang: Lang) -> list[str]:
    """What each gate removed, in words, for the gates that removed something."""
    return [
        translate("match.removed", lang, gate=_gate(gate, lang), count=count)
        for gate, count in sorted(gated.items())
        if count
    ]


def _gate(gate: str, lang: Lang) -> str:
    key = f"match.gate.{gate}"
    return translate(key, lang) if has_message(key) else gate


def _pair(query: TenderDoc | StartupDoc, item: MatchResult) -> tuple[str, str]:
    if isinstance(query, TenderDoc):
        return item.tender_id, item.startup_id
    return item.startup_id, item.tender_id


def _one_word(ident: str) -> str:
    return re.sub(r"\s", "%20", ident)


def _worded(item: MatchResult, lang: Lang) -> list[tuple[Reason, str]]:
    """The reasons that speak for the pair, heaviest first, as sentences."""
    for_it = [reason for reason in item.reasons if reason.contribution > 0 and reason.code not in {"base", "rest"}]
    return [(reason, reason_text(reason, lang)) for reason in sorted(for_it, key=lambda r: -r.contribution)]


def reason_text(reason: Reason, lang: Lang) -> str:
    """A reason as a sentence in a language, with the words that both texts use for it."""
    tender_words, startup_words = _words(reason.in_tender), _words(reason.in_startup)
    label = reason.facts.get(f"label_{lang}")
    written = tender_words or startup_words
    term = str(label or (written[0] if written else reason.term) or "")
    text = translate(f"reason.{reason.code}", lang, **{**reason.facts, "term": term or None})
    if label and reason.code == "cpv.shared":
        text = f"{text} ({label})"
    same = {word.casefold() for word in (term, *tender_words, *startup_words)} == {term.casefold()}
    if tender_words and startup_words and not same:
        text = f"{text} ({', '.join(tender_words)} ↔ {', '.join(startup_words)})"
    return _plain(text)


def _words(spans: Sequence[Span]) -> list[str]:
    """The first two different wordings."""
    return list({_short(span.text, 60).casefold(): _short(span.text, 60) for span in spans if span.text}.values())[:2]


def _reason_object(reason: Reason, lang: Lang) -> dict[str, object]:
    return {
        "code": reason.code,
        "contribution": reason.contribution,
        "term": reason.term,
        "text": reason_text(reason, lang),
        "facts": dict(reason.facts),
        "in_tender": [_span_object(span) for span in reason.in_tender],
        "in_startup": [_span_object(span) for span in reason.in_startup],
    }


def _span_object(span: Span) -> dict[str, object]:
    return {"field": span.field, "item": span.item, "start": span.start, "end": span.end, "text": span.text}


def _heading(query: TenderDoc | StartupDoc) -> str:
    if isinstance(query, StartupDoc):
        parts = [query.id, query.name, query.city]
    else:
        value = f"{query.value.amount:,.0f} {query.value.currency}" if query.value else None
        local = zone_of_country(query.country) or HOME_ZONE
        closes = query.deadline.astimezone(local).strftime("%Y-%m-%d %H:%M %Z") if query.deadline else None
        parts = [query.id, _short(query.title, 300), query.buyer, query.place, value, closes]
    return _plain(" · ".join(part for part in parts if part))


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """Without anything that could steer a terminal."""
    return "".join(c if c.isprintable() else " " for c in text)
