"""What may go wrong with evidence, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class EvidenceQuotaExceeded(AppError):
    """The startup's files would be more, or larger together, than one startup may keep: delete some first."""

    status, slug = 409, "evidence-quota-exceeded"

    def __init__(self, *, files: int, size_bytes: int, most_files: int, most_bytes: int) -> None:
        super().__init__(files=files, size_bytes=size_bytes, most_files=most_files, most_bytes=most_bytes)
