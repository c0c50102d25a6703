"""One table per file; no queries, no business rules. Importing this package knows them all (for migrations)."""

from app.models.api_key import ApiKey
from app.models.attestation import Attestation
from app.models.audit_entry import AuditAction, AuditEntry
from app.models.award import Award, AwardOutcome, AwardWinner
from app.models.crawl_run import CrawlKind, CrawlOutcome, CrawlRejection, CrawlRun
from app.models.decision import Decision, DecisionKind, Feedback, FeedbackVerdict
from app.models.digest import (
    DigestEntry,
    DigestEvery,
    DigestState,
    DigestSubscription,
    Letter,
    LetterKind,
    LetterState,
    MailAddress,
)
from app.models.entry import AttemptCount, Invitation, LinkPurpose, OneTimeLink
from app.models.event import Event, EventAudience
from app.models.feed import Feed, FeedSelection
from app.models.idempotency_key import IdempotencyKey
from app.models.import_run import ImportChunk, ImportKind, ImportPreview, ImportRun, ImportState, RejectedRecord
from app.models.kept_payload import KeptBody, KeptBundle
from app.models.listed_notice import ListedNotice
from app.models.match import Match, MatchState
from app.models.matter import Matter, MatterGroup, MatterLetter
from app.models.meeting import Meeting, MeetingState, Side
from app.models.organisation import Organisation, OrganisationKind
from app.models.person import Membership, Person, PersonIdentity, PersonSession, RecoveryCode, Role
from app.models.pilot import Pilot, PilotApplication, PilotState
from app.models.profile_proposal import ProfileProposal, ProposalOrigin, ProposalState
from app.models.push import PushCall, PushDelivery, PushSender, PushState
from app.models.raw_notice import RawNotice
from app.models.saved_search import SavedSearch, SearchList
from app.models.source import Source
from app.models.source_state import SourceHalt, SourceState
from app.models.startup import Startup
from app.models.startup_claim import StartupClaim
from app.models.startup_evidence import EvidenceFile, EvidenceVersion, StartupEvidence
from app.models.startup_version import StartupVersion
from app.models.startup_win import StartupWin
from app.models.support_offer import SupportKind, SupportOffer
from app.models.tender import Tender, TenderStatus
from app.models.tender_link import LinkState, LinkStrength, TenderKey, TenderLink
from app.models.tender_requirement import (
    DocumentState,
    RequirementCorrection,
    TenderDocument,
    TenderReading,
    TenderRequirement,
)
from app.models.tender_version import TenderVersion
from app.models.webhook import (
    DeliveryState,
    WebhookAttempt,
    WebhookBudget,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookOutbox,
    WebhookState,
)

__all__ = [
    "ApiKey",
    "AttemptCount",
    "Attestation",
    "AuditAction",
    "AuditEntry",
    "Award",
    "AwardOutcome",
    "AwardWinner",
    "CrawlKind",
    "CrawlOutcome",
    "CrawlRejection",
    "CrawlRun",
    "Decision",
    "DecisionKind",
    "DeliveryState",
    "DigestEntry",
    "DigestEvery",
    "DigestState",
    "DigestSubscription",
    "DocumentState",
    "Event",
    "EventAudience",
    "EvidenceFile",
    "EvidenceVersion",
    "Feed",
    "FeedSelection",
    "Feedback",
    "FeedbackVerdict",
    "IdempotencyKey",
    "ImportChunk",
    "ImportKind",
    "ImportPreview",
    "ImportRun",
    "ImportState",
    "Invitation",
    "KeptBody",
    "KeptBundle",
    "Letter",
    "LetterKind",
    "LetterState",
    "LinkPurpose",
    "LinkState",
    "LinkStrength",
    "ListedNotice",
    "MailAddress",
    "Match",
    "MatchState",
    "Matter",
    "MatterGroup",
    "MatterLetter",
    "Meeting",
    "MeetingState",
    "Membership",
    "OneTimeLink",
    "Organisation",
    "OrganisationKind",
    "Person",
    "PersonIdentity",
    "PersonSession",
    "Pilot",
    "PilotApplication",
    "PilotState",
    "ProfileProposal",
    "ProposalOrigin",
    "ProposalState",
    "PushCall",
    "PushDelivery",
    "PushSender",
    "PushState",
    "RawNotice",
    "RecoveryCode",
    "RejectedRecord",
    "RequirementCorrection",
    "Role",
    "SavedSearch",
    "SearchList",
    "Side",
    "Source",
    "SourceHalt",
    "SourceState",
    "Startup",
    "StartupClaim",
    "StartupEvidence",
    "StartupVersion",
    "StartupWin",
    "SupportKind",
    "SupportOffer",
    "Tender",
    "TenderDocument",
    "TenderKey",
    "TenderLink",
    "TenderReading",
    "TenderRequirement",
    "TenderStatus",
    "TenderVersion",
    "WebhookAttempt",
    "WebhookBudget",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookOutbox",
    "WebhookState",
]
