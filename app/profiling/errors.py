"""What may go wrong with a proposal, beside what any request meets."""

from __future__ import annotations

from app.kit.errors import AppError
from app.models.profile_proposal import ProposalState


class OwnerOnly(AppError):
    """Only the startup's own organisation may have its profile proposed, and decides about proposals."""

    status, slug = 403, "owner-only"


class WebsitesDisabled(AppError):
    """Whoever runs this installation has not allowed it to read websites."""

    status, slug = 409, "websites-disabled"


class ProposalPending(AppError):
    """A proposal from a website is being made for this startup already: follow that one."""

    status, slug = 409, "proposal-pending"


class ProposalNotReady(AppError):
    """The proposal is being made, failed, or was decided about: only a ready one is confirmed or discarded."""

    status, slug = 409, "proposal-not-ready"

    def __init__(self, *, state: ProposalState) -> None:
        super().__init__(proposal_state=state.value)


class DocumentUnreadable(AppError):
    """The document is damaged, or something else than its beginning says."""

    status, slug = 422, "document-unreadable"


class DocumentEncrypted(AppError):
    """The document asks for a password, or is an Office file older than DOCX."""

    status, slug = 422, "document-encrypted"


class DocumentWithoutText(AppError):
    """The document shows pictures of text, as a scan does, or nothing."""

    status, slug = 422, "document-without-text"


class DocumentTooHeavy(AppError):
    """Reading the document would take more memory, time or unpacked bytes than one may."""

    status, slug = 422, "document-too-heavy"
