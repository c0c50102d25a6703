"""``make weights``: fit the weights that ship anew, on the judged sets of ../shared, and write them in their place.

Told weights come from the judged Moroccan tenders in three languages and from the fictional set, won ones mostly from
the French awards. The same sets and the same lexicon give the same file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from app.cli.errors import UserMistake
from app.cli.train_run import TrainRequest, run_train
from bench.evaluate import SETS, SHARED, written
from matching.registry import get_model

DATA = Path(__file__).resolve().parents[1] / "matching" / "data"
SHIPPED = DATA / "weights"
FICTIONAL = DATA / "fictional"


def main() -> int:
    """Fit and write; 2 where the sets are not beside the checkout, or the new weights are worse."""
    parser = argparse.ArgumentParser(prog="python -m bench.weights", description=__doc__)
    parser.add_argument("--made", help="the day of the fit, as 2026-11-22 (default: today)")
    asked = parser.parse_args()
    if not (SHARED / "eval" / "gold_files.py").exists():
        print(f"the judged sets are not here: {SHARED.name}/eval is expected beside the checkout", file=sys.stderr)
        return 2
    current = get_model()
    with tempfile.TemporaryDirectory(prefix="safqa-weights-") as name:
        folders = (*(written(each, Path(name)) for each in SETS), FICTIONAL)
        request = TrainRequest(
            out=SHIPPED / f"{current.name}-{current.version}.json",
            sets=folders,
            from_database=False,
            model=None,
            fresh=True,
            evaluate=(),
            version=current.version,
            made=asked.made,
        )
        try:
            run_train(request)
        except UserMistake as mistake:
            print(mistake, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
