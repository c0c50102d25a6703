"""The state of a source run by hand, in a file: its cursor, what it has written, what it knows of each notice."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import BaseModel, ValidationError

from scrapers.crawl import Batch
from scrapers.cursor import Cursor
from scrapers.errors import SourceMisconfigured


class RunState(BaseModel):
    """``written``: bytes of the output that belong to the cursor; what stands behind them was not committed."""

    source: str
    cursor: Cursor = Cursor()
    written: int = 0
    fingerprints: dict[str, str] = {}

    @classmethod
    def read(cls, path: Path, source: str) -> RunState:
        """The state of a source, a new one where there is none. Raises SourceMisconfigured."""
        try:
            found = cls.model_validate_json(path.read_bytes())
        except FileNotFoundError:
            return cls(source=source)
        except ValidationError as error:
            raise SourceMisconfigured(f"{path.name} is no state of a source ({error.error_count()} faults)") from None
        if found.source != source:
            raise SourceMisconfigured(f"{path.name} is the state of {found.source}")
        return found

    def advance(self, batch: Batch, written: int) -> None:
        """Note what a batch brought."""
        self.cursor = batch.cursor
        self.written = written
        self.fingerprints |= {bundle.ref: bundle.fingerprint for bundle, _ in batch.bundles if bundle.fingerprint}

    def write(self, path: Path) -> None:
        """Replace the file at once: whoever is killed leaves the old state or the new one."""
        beside = path.with_name(f"{path.name}.new")
        with beside.open("wb") as file:
            file.write(self.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
