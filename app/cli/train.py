"""``safqa train``: new weights from judgements and feedback, if they are no worse than those in use."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the new model is written; whole or not at all.")],
    sets: Annotated[
        list[Path] | None,
        typer.Option(
            "--set", metavar="DIR", help="A judged set: tenders.jsonl, startups.jsonl, qrels.json. May be repeated."
        ),
    ] = None,
    from_database: Annotated[
        bool, typer.Option("--from-database", help="Also the decisions and the feedback that the service has stored.")
    ] = False,
    model: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The model to train further and to beat (default: the one in use)."),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Fit from nothing; compare on the --evaluate sets only.")
    ] = False,
    evaluate: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="DIR", help="A judged set on which the new model must not be worse, beside the one that ships."
        ),
    ] = None,
    version: Annotated[str | None, typer.Option(help="Version of the new model (default: today's date).")] = None,
) -> None:
    """Train the weights of the score, print how well they rank, and write them unless they are worse than before.

    Figures are cross-validated: each tender is ranked by weights that never saw it. A model that loses more than 0.02
    nDCG@10 on the feedback it was held out from, or 0.005 on the set that ships or one of --evaluate, is refused with
    exit code 2. Use what is written by SAFQA_MODEL=weights.json.

    Example: safqa train --from-database --out weights.json
    """
    from app.cli.train_run import TrainRequest, run_train

    run_train(
        TrainRequest(
            out=out,
            sets=tuple(sets or ()),
            from_database=from_database,
            model=model,
            fresh=fresh,
            evaluate=tuple(evaluate or ()),
            version=version,
        )
    )
