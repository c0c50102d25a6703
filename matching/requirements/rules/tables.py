"""Tables in text ("| Lot | Caution provisoire | Estimation |"): the sums below a head that names them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from matching.requirements.amounts import CURRENCY, amounts, currency_of, tax_told
from matching.requirements.clauses import Clause
from matching.requirements.document import Document, Hit
from matching.requirements.findings import Kind, Money
from matching.requirements.patterns import pattern
from matching.requirements.quantities import NUMBER, number_of

_HEADS = {
    Kind.BOND: pattern(
        r"(?:montant |montants )?(?:de |du |de la |des )?cauti\w{0,9}(?: provisoires?)?[^|]{0,40}",
        "(?:bid|tender) (?:security|bond|guarantee)[^|]{0,20}",
        "@ضمان @مؤقت[^|]{0,20}",
    ),
    Kind.ESTIMATE: pattern(
        r"[^|]{0,20}(?:estim\w{2,5}|budget)[^|]{0,40}",
        "[^|]{0,12}estimated (?:value|cost)[^|]{0,20}",
        "[^|]{0,20}@?(?:تقدير|تقديري|تقديرية)[^|]{0,20}",
    ),
}
_NOT_BOND = pattern("[^|]{0,20}definiti\\w{1,5}[^|]{0,20}")
_LOT_HEAD = pattern("[^|]{0,6}(?:lots?|@حصة|@حصص)[^|]{0,8}", "n[°o]")
_LOT_CELL = re.compile(r"(?:lots?|حصه|الحصه)?[ ]?(?:n[°o]|رقم)?[ ]?([0-9]{1,3}|[a-h])(?![\w,.])")
_RULE = re.compile(r"[|:\- ]+")
_CELL_NUMBER = re.compile(rf"[ ]*(?P<n>{NUMBER})[ ]*")
_ROWS = 60


def read_table(clause: Clause, document: Document) -> Iterator[Hit]:
    """The sums below a row that is a table's head."""
    if not clause.is_row or amounts(clause.text):
        return
    heads = _cells(clause)
    columns = {at: kind for at, (_, head) in enumerate(heads) if (kind := _kind(head))}
    if not columns or len(heads) < 2:
        return
    lot_column = next((at for at, (_, head) in enumerate(heads) if at not in columns and _LOT_HEAD.search(head)), None)
    for row in document.after(clause, _ROWS):
        if not row.is_row or any(_kind(cell) for _, cell in _cells(row)):
            return
        if _RULE.fullmatch(row.text):
            continue
        cells = _cells(row)
        lot = _lot(cells[lot_column][1]) if lot_column is not None and lot_column < len(cells) else None
        for at, kind in columns.items():
            if at < len(cells):
                yield from _sum(row, document, cells[at], (kind, heads[at][1], lot))


def _cells(clause: Clause) -> list[tuple[int, str]]:
    """The cells of a row, each with its offset in the clause."""
    cells, at = [], 0
    for part in clause.text.split("|"):
        cells.append((at, part.strip()))
        at += len(part) + 1
    first = 1 if cells and not cells[0][1] and clause.text.startswith("|") else 0
    return cells[first:]


def _kind(head: str) -> Kind | None:
    if _NOT_BOND.search(head):
        return None
    return next((kind for kind, spelt in _HEADS.items() if spelt.fullmatch(head)), None)


def _lot(cell: str) -> str | None:
    found = _LOT_CELL.match(cell)
    return None if found is None else str(int(found[1])) if found[1].isdigit() else found[1].upper()


def _sum(row: Clause, document: Document, cell: tuple[int, str], told: tuple[Kind, str, str | None]) -> Iterator[Hit]:
    (at, said), (kind, head, lot) = cell, told
    written = re.search(CURRENCY, head)
    found = amounts(said)
    if found:
        value, currency, sure = found[0].value, found[0].currency, 0.95
    else:
        number = _CELL_NUMBER.fullmatch(said)
        plain = number_of(number["n"]) if number else None
        code = currency_of(written[0]) if written else document.currency
        if plain is None or code is None or plain < 100:
            return
        value, currency, sure = plain, code, 0.9 if written else 0.7
    if not value:
        return
    start = row.start + row.text.index(said, at)
    tax = tax_told(said) if tax_told(said) is not None else tax_told(head)
    yield Hit(kind, Money(value, currency, tax if kind is Kind.ESTIMATE else None, lot), start, start + len(said), sure)
