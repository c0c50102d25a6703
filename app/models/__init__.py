"""One table per file; no queries, no business rules. Importing this package knows them all (for migrations)."""

from app.models.api_key import ApiKey
from app.models.decision import Decision, DecisionKind, Feedback, FeedbackVerdict
from app.models.idempotency_key import IdempotencyKey
from app.models.import_run import ImportChunk, ImportKind, ImportRun, ImportState, RejectedRecord
from app.models.match import Match, MatchState
from app.models.organisation import Organisation, OrganisationKind
from app.models.raw_notice import RawNotice
from app.models.source import Source
from app.models.startup import Startup
from app.models.startup_claim import StartupClaim
from app.models.startup_version import StartupVersion
from app.models.tender import Tender, TenderStatus
from app.models.tender_version import TenderVersion

__all__ = [
    "ApiKey",
    "Decision",
    "DecisionKind",
    "Feedback",
    "FeedbackVerdict",
    "IdempotencyKey",
    "ImportChunk",
    "ImportKind",
    "ImportRun",
    "ImportState",
    "Match",
    "MatchState",
    "Organisation",
    "OrganisationKind",
    "RawNotice",
    "RejectedRecord",
    "Source",
    "Startup",
    "StartupClaim",
    "StartupVersion",
    "Tender",
    "TenderStatus",
    "TenderVersion",
]
