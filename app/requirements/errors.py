"""What may go wrong with documents of calls, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError


class TenderDocumentExists(AppError):
    """The call has this very document already."""

    status, slug = 409, "tender-document-exists"


class TenderDocumentsFull(AppError):
    """The call's documents would be more, or larger together, than one call may have: delete some first."""

    status, slug = 409, "tender-documents-full"

    def __init__(self, *, documents: int, size_bytes: int, most_documents: int, most_bytes: int) -> None:
        super().__init__(
            documents=documents, size_bytes=size_bytes, most_documents=most_documents, most_bytes=most_bytes
        )
