"""Our OCDS identifiers.

``ocds-safqa0`` is not registered with the Open Contracting Partnership: an installation that publishes its data
registers a prefix of its own there first (https://standard.open-contracting.org/latest/en/guidance/build/#register).
"""

from __future__ import annotations

import uuid

OCID_PREFIX = "ocds-safqa0"


def ocid_of(tender_id: uuid.UUID) -> str:
    """The OCDS identifier of the process that a call belongs to; stable, and ours even for imported notices."""
    return f"{OCID_PREFIX}-{tender_id.hex}"
