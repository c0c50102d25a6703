"""Parts of statements that make events inside the database: ``TenderBrief`` and ``FieldChange`` in SQL."""

from __future__ import annotations

_FIELDS = 15
_BYTES = 600
_NAME = 40


def _instant(column: str) -> str:
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""


BRIEF = f"""
jsonb_build_object(
    'id', tender.id, 'version', tender.version, 'status', tender.status, 'title', left(tender.title, 300),
    'buyer', left(tender.buyer_name, 300), 'country', left(tender.country, 100), 'region', left(tender.region, 100),
    'sector', left(tender.sector, 100), 'category', left(tender.category, 100),
    'value', CASE WHEN tender.value_amount IS NOT NULL AND tender.value_currency IS NOT NULL THEN
        jsonb_build_object(
            'amount', trim_scale(tender.value_amount), 'currency', left(tender.value_currency, 100)
        )
    END,
    'reserved_sme', tender.reserved_sme, 'simplified_access', tender.simplified_access,
    'published_at', {_instant("tender.published_at")}, 'deadline_at', {_instant("tender.deadline_at")}
)
"""
"""What an event shows of the row ``tender``: about 4 kB at most."""

# The fields that readers ask for come first where a version changed more than an event holds; a version that changes
# every field of a long record would not fit into one.
CHANGES = f"""
SELECT
    coalesce(jsonb_object_agg(key, value) FILTER (WHERE place <= {_FIELDS}), '{{}}') AS fields,
    greatest(count(*) - {_FIELDS}, 0) AS more
FROM (
    SELECT
        key,
        CASE WHEN octet_length(value::text) <= {_BYTES} THEN value || '{{"abridged": false}}'
            ELSE '{{"old": null, "new": null, "abridged": true}}' END AS value,
        row_number() OVER (ORDER BY key NOT IN ('status', 'deadline', 'title', 'value', 'lots'), key) AS place
    FROM (SELECT left(key, {_NAME}) AS key, value FROM jsonb_each(version.changes)) AS short
) AS changed
"""  # noqa: S608 (constants of this module only)
"""What the row ``version`` changed: about 13 kB at most. ``fields`` and ``more``."""
