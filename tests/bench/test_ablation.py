"""The ablation covers every signal, and compares like with like."""

from __future__ import annotations

import numpy as np
import pytest

from bench.ablation import PARTS, ablation, unassigned
from matching.features import SIGNALS
from tests.matching.test_training import CONCEPT, TERM, made_up


def test_every_signal_belongs_to_one_part() -> None:
    assert unassigned() == set()
    codes = [code for each in PARTS.values() for code in each]
    assert sorted(codes) == sorted({kind.code for kind in SIGNALS})


def test_what_matters_is_missed_most() -> None:
    rows = {row.name: row for row in ablation([made_up("a", {TERM: 1.0, CONCEPT: 6.0})])}
    assert set(rows) == {
        "everything", "without words", "without concepts", "without places",
        "words alone", "words and concepts", "words and places",
    }  # fmt: skip
    lost = {name: row.difference.mean for name, row in rows.items() if row.difference is not None}
    assert lost["without concepts"] < lost["without words"] < 0.02
    assert lost["words and concepts"] > 0.1 > abs(lost["words and places"])
    assert rows["everything"].difference is None
    assert rows["words alone"].mean == pytest.approx(float(np.mean(rows["words alone"].values)))
