"""Who owns what in the sample set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal


@dataclass(frozen=True, slots=True)
class SampleOrganisation:
    """A fictional tenant; ``slug`` names it inside the sample set, ``kind`` is one of ``OrganisationKind``'s values."""

    slug: str
    kind: Literal["operator", "buyer", "incubator", "startup"]
    name: str
    country: str = "MA"


@dataclass(frozen=True, slots=True)
class SampleSource:
    """The fictional portal that tenders without an owner of their own come from."""

    name: str
    title: str
    licence: str
    attribution: str


@dataclass(frozen=True, slots=True)
class CohortMember:
    """A startup that an incubator brought in; unlisted until it has ``agreed``."""

    startup_id: str
    agreed: bool


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """The organisations of the sample set and their belongings. Keys of the mappings are record ids.

    A tender absent from ``tender_owner`` was sourced: it comes from ``source`` and belongs to the operator.
    A startup absent from ``startup_owner`` and from every cohort was registered by the operator and has agreed.
    ``show`` names the three tenders whose ranking the first run prints.
    """

    organisations: tuple[SampleOrganisation, ...]
    source: SampleSource
    tender_owner: Mapping[str, str]
    startup_owner: Mapping[str, str]
    cohorts: Mapping[str, tuple[CohortMember, ...]]
    show: tuple[str, str, str]

    @property
    def operator(self) -> str:
        """Slug of the only operator."""
        (slug,) = (each.slug for each in self.organisations if each.kind == "operator")
        return slug

    def registrar_of(self, startup_id: str) -> str:
        """Slug of the organisation that brought the startup in: itself, its incubator, or the operator."""
        if startup_id in self.startup_owner:
            return self.startup_owner[startup_id]
        for incubator, members in self.cohorts.items():
            if any(member.startup_id == startup_id for member in members):
                return incubator
        return self.operator

    def has_agreed(self, startup_id: str) -> bool:
        """Whether the startup's profile may be listed."""
        return all(
            member.agreed for members in self.cohorts.values() for member in members if member.startup_id == startup_id
        )


ORGANISATIONS: Final = (
    SampleOrganisation("operator", "operator", "Plateforme de démonstration Safqa (fictive)"),
    SampleOrganisation("ain-zitoune", "buyer", "Commune d'Aïn Zitoune (fictive)"),
    SampleOrganisation("office-tamrirt", "buyer", "Office agricole de la plaine de Tamrirt (fictif)"),
    SampleOrganisation("detroit-fret", "buyer", "Détroit Fret Logistique (fictif)"),
    SampleOrganisation("pepiniere-targa", "incubator", "Pépinière Targa (fictive)"),
    SampleOrganisation("sensouss", "startup", "Sensouss (fictive)"),
    SampleOrganisation("noqtaqua", "startup", "Noqtaqua (fictive)"),
    SampleOrganisation("stoqia", "startup", "Stoqia (fictive)"),
)

SOURCE: Final = SampleSource(
    name="sample",
    title="Portail fictif des marchés",
    licence="Apache-2.0",
    attribution="Fictional notices written for Safqa",
)

TENDER_OWNER_BY_BUYER: Final = {
    "sample-buyer-ain-zitoune": "ain-zitoune",
    "sample-buyer-office-tamrirt": "office-tamrirt",
    "sample-buyer-detroit-fret": "detroit-fret",
}

STARTUP_OWNER: Final = {
    "sample-sensouss": "sensouss",
    "sample-noqtaqua": "noqtaqua",
    "sample-stoqia": "stoqia",
}

COHORT: Final = (
    CohortMember("sample-appouz", agreed=True),
    CohortMember("sample-bardtrack", agreed=True),
    CohortMember("sample-aynia", agreed=True),
    CohortMember("sample-rihlat-souira", agreed=True),
    CohortMember("sample-tajfif", agreed=True),
    CohortMember("sample-robozitoun", agreed=True),
    CohortMember("sample-farzia", agreed=True),
    CohortMember("sample-mouakaba-coop", agreed=True),
    CohortMember("sample-marsaplast", agreed=False),
    CohortMember("sample-tiraz-circulaire", agreed=False),
    CohortMember("sample-awalingo", agreed=False),
    CohortMember("sample-istibyan-lab", agreed=False),
)

SHOW: Final = ("sample-t-001", "sample-t-051", "sample-t-077")
"""French with lots, Arabic, private (in English)."""
