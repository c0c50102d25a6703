"""The file of refused startups, to be mended."""

from __future__ import annotations

import csv
import io
import json

from app.models.import_run import RejectedRecord
from app.web.incubator.import_template import COLUMNS
from app.web.incubator.mending import MOST_COLUMNS, to_mend


def refused(position: int, record: dict[str, object]) -> RejectedRecord:
    return RejectedRecord(position=position, line=position, reason="name: Field required", excerpt=json.dumps(record))


def test_rows_that_each_name_other_columns_make_no_table_of_rows_times_columns() -> None:
    rows = [refused(n, {"city": "Fès", **{f"k{n}_{k}": "v" for k in range(30)}}) for n in range(40)]
    table = list(csv.reader(io.StringIO(to_mend(rows, "en").decode("utf-8-sig"))))
    assert {len(line) for line in table} == {1 + len(COLUMNS) + MOST_COLUMNS}
    assert len(table) == 1 + len(rows)
    assert [line[table[0].index("city")] for line in table[1:]] == ["Fès"] * len(rows)
