"""What can go wrong with one record; what goes wrong with a whole source is the collectors' own business."""

from __future__ import annotations


class RecordRejected(Exception):
    """One record is refused: it is kept with its reason and never stops the others.

    ``code`` is stable and public (``ocds.no_tender``); ``reason`` is one English sentence for a log or a report.
    """

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
