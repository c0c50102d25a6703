"""The fictional sample set: invented tenders, startups and organisations, loaded at the first run."""

from app.sample.load import sample_evidence, sample_plan, sample_startups, sample_tenders
from app.sample.plan import CohortMember, SampleOrganisation, SamplePlan, SampleSource

__all__ = [
    "CohortMember",
    "SampleOrganisation",
    "SamplePlan",
    "SampleSource",
    "sample_evidence",
    "sample_plan",
    "sample_startups",
    "sample_tenders",
]
