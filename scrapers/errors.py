"""What can go wrong: with one record, with one request, with a whole source."""

from __future__ import annotations


class RecordRejected(Exception):
    """One record is refused: it is kept with its reason and never stops the others.

    ``code`` is stable and public (``ocds.no_tender``); ``reason`` is one English sentence for a log or a report;
    ``excerpt`` the record itself, where it is a small part of its payload.
    """

    def __init__(self, code: str, reason: str, excerpt: str = "") -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
        self.excerpt = excerpt


class SourceError(Exception):
    """A crawl cannot go on. ``code`` is stable and goes into its report; the message is for a log."""

    code = "source"


class SourceDisabled(SourceError):
    """Nobody has enabled this source, or the switch that stops all is set; raised before any request."""

    code = "disabled"


class SourceMisconfigured(SourceError):
    """A contact, an address or another option is missing or wrong; raised before any request."""

    code = "misconfigured"


class SourceRefused(SourceError):
    """The portal does not want us, as its source declares: nobody asks again until a person restarts it."""

    code = "refused"


class SourceChanged(SourceError):
    """An answer is not what this source sends: a marker is missing, the format is another, paging goes in circles."""

    code = "changed"


class AddressRefused(SourceChanged):
    """A request would go where none may go: a private address, an odd port, a host that isn't the source's."""

    code = "address"


class AnswerTooLarge(SourceChanged):
    """An answer is longer, packed or unpacked, than the source allows."""

    code = "too_large"


class SourceUnavailable(SourceError):
    """The portal does not answer properly just now; ``retry_after`` is how many seconds to leave it alone at least."""

    code = "unavailable"

    def __init__(self, reason: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class BudgetSpent(SourceError):
    """As many requests as the source allows itself in one run have been made; the next run goes on from here."""

    code = "budget"
