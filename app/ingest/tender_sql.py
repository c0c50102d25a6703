"""How a staged batch of tenders becomes rows: a few statements, whatever the size of the batch.

Parameters: $1 owner, $2 source, $3 the instant of the run.
"""

from __future__ import annotations

STAGE = "stage_tender"

STAGED = (
    "n", "id", "external_id", "ocid", "status", "title", "buyer_name", "sector", "category", "country", "region",
    "value_amount", "value_currency", "reserved_sme", "simplified_access", "simplified_grounds", "published_at",
    "deadline_at", "record", "search_text", "content_hash",
)  # fmt: skip

# Rows stay here for a moment only: not worth being compressed, which costs more than staging them does.
CREATE = f"""
CREATE TEMP TABLE {STAGE} (
    n int, id uuid, external_id text, ocid text, status text, title text, buyer_name text, sector text, category text,
    country text, region text, value_amount numeric, value_currency text, reserved_sme boolean,
    simplified_access boolean, simplified_grounds text[],
    published_at timestamptz, deadline_at timestamptz, record jsonb, search_text text, content_hash bytea,
    raw_notice_id uuid
) WITH (toast_tuple_target = 8160) ON COMMIT DROP
"""

CREATE_NOTICES = """
CREATE TEMP TABLE stage_notice (n int, id uuid, digest bytea, payload bytea)
WITH (toast_tuple_target = 8160) ON COMMIT DROP
"""

# The publisher's own text of what is new or changed, kept once per content ($1 owner, $2 source). Flat formats have
# none: there the record itself, which keeps unknown fields and stands in every version, is the notice.
KEEP_NOTICES = f"""
INSERT INTO raw_notice (id, source_id, digest, media_type, payload)
SELECT DISTINCT ON (raw.digest) raw.id, $2::uuid, raw.digest, 'application/json', raw.payload
FROM stage_notice AS raw JOIN {STAGE} AS s USING (n)
CROSS JOIN LATERAL (
    SELECT count(*) AS same FROM tender
    WHERE owner_id = $1 AND external_id = s.external_id AND content_hash = s.content_hash
) AS known
WHERE known.same = 0
ON CONFLICT (digest) DO NOTHING
"""  # noqa: S608 (constants of this module only)

NAME_NOTICES = f"""
UPDATE {STAGE} AS s SET raw_notice_id = kept.id
FROM stage_notice AS raw JOIN raw_notice AS kept USING (digest) WHERE raw.n = s.n
"""  # noqa: S608 (constants of this module only)

# Only rows that will change are held against the API's writers; unchanged ones are not touched at all.
HOLD = f"""
SELECT count(*) FROM {STAGE} AS s
CROSS JOIN LATERAL (
    SELECT id FROM tender WHERE owner_id = $1 AND external_id = s.external_id
        AND content_hash <> s.content_hash
    FOR NO KEY UPDATE
) AS held
"""  # noqa: S608 (constants of this module only)

_COPIED = ", ".join(name for name in STAGED if name not in {"n", "id", "external_id", "ocid", "status", "published_at"})
_SET = ", ".join(f"{name} = s.{name}" for name in _COPIED.split(", "))

# A version says what changed as the API's own versions do: field to {"old": ..., "new": ...}.
_CHANGES = """
coalesce((
    SELECT jsonb_object_agg(key, jsonb_build_object('old', m.old -> key, 'new', s.record -> key))
    FROM (SELECT jsonb_object_keys(m.old) UNION SELECT jsonb_object_keys(s.record)) AS keys (key)
    WHERE m.old -> key IS DISTINCT FROM s.record -> key
), '{}') || CASE
    WHEN m.old_status = m.new_status THEN '{}'
    ELSE jsonb_build_object('status', jsonb_build_object('old', m.old_status, 'new', m.new_status))
END
"""

_ENDED = "t.status NOT IN ('draft', 'planned', 'published') AND s.status = 'published'"


def _merging(ended: str) -> str:
    """The statement; ``ended``: when a staged row may not replace the one that is there.

    LATERAL with OFFSET 0: one index probe per staged row, however the planner judges the sizes.
    """
    return f"""
WITH met AS MATERIALIZED (
    SELECT
        s.n, t.id, t.version + 1 AS version, t.record AS old, t.status AS old_status,
        CASE WHEN t.status = 'draft' AND s.status = 'published' THEN 'draft' ELSE s.status END AS new_status,
        t.content_hash = s.content_hash AS same,
        {ended} AS ended
    FROM {STAGE} AS s
    CROSS JOIN LATERAL (
        SELECT id, version, CASE WHEN content_hash = s.content_hash THEN NULL ELSE record END AS record, status,
               content_hash
        FROM tender WHERE owner_id = $1 AND external_id = s.external_id OFFSET 0
    ) AS t
), created AS (
    INSERT INTO tender (
        id, owner_id, source_id, raw_notice_id, external_id, ocid, status, published_at, created_at, updated_at,
        {_COPIED}
    )
    SELECT
        s.id, $1, $2, s.raw_notice_id, s.external_id, s.ocid, s.status, coalesce(s.published_at, $3), $3, $3,
        {_COPIED}
    FROM {STAGE} AS s WHERE s.n NOT IN (SELECT n FROM met)
    RETURNING id, status = 'published' AND (deadline_at IS NULL OR deadline_at > $3) AS open
), first_versions AS (
    INSERT INTO tender_version (tender_id, version, status, record, created_at, raw_notice_id)
    SELECT s.id, 1, s.status, s.record, $3, s.raw_notice_id FROM {STAGE} AS s WHERE s.n NOT IN (SELECT n FROM met)
), amended AS (
    UPDATE tender SET
        {_SET}, raw_notice_id = s.raw_notice_id, status = m.new_status,
        published_at = coalesce(s.published_at, tender.published_at, $3),
        version = m.version, updated_at = $3
    FROM met AS m JOIN {STAGE} AS s USING (n)
    WHERE tender.id = m.id AND NOT m.same AND NOT m.ended
    RETURNING tender.id, tender.status
), next_versions AS (
    INSERT INTO tender_version (tender_id, version, status, record, created_at, raw_notice_id, changes)
    SELECT m.id, m.version, m.new_status, s.record, $3, s.raw_notice_id, {_CHANGES}
    FROM met AS m JOIN {STAGE} AS s USING (n) WHERE NOT m.same AND NOT m.ended
)
SELECT
    (SELECT count(*) FROM created) AS created,
    (SELECT count(*) FROM amended) AS updated,
    (SELECT count(*) FROM met WHERE same) AS unchanged,
    ARRAY(SELECT n FROM met WHERE NOT same AND ended ORDER BY n) AS refused,
    ARRAY(SELECT id FROM created WHERE open UNION ALL SELECT id FROM amended WHERE status <> 'draft') AS to_rank,
    ARRAY(SELECT id FROM created UNION ALL SELECT id FROM amended WHERE status <> 'draft') AS to_link
"""  # noqa: S608 (constants of this module only)


MERGE = _merging(_ENDED)
MERGE_JUDGED = _merging("false")
"""For a portal's own calls, whose statuses were judged before they were staged."""

REFUSED = ("tender.ended", "the call is closed, withdrawn, cancelled or awarded here: a published one can't replace it")
