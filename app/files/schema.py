"""The JSON Schemas of the flat formats, generated from the records: ``python -m app.files.schema docs/schemas``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from scrapers.fields import Record
from scrapers.records import StartupRecord, TenderRecord

RECORDS: Mapping[str, type[Record]] = MappingProxyType({"startup": StartupRecord, "tender": TenderRecord})
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_text(name: str) -> str:
    """The schema of ``startup`` or ``tender`` as it stands in docs/schemas, with its last line break."""
    schema = {"$schema": DIALECT, **RECORDS[name].model_json_schema(mode="validation")}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def main(folder: Path) -> None:
    """Write every schema into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in RECORDS:
        (folder / f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/schemas"))
