"""How a staged batch of startups becomes rows: three statements, whatever the size of the batch.

Parameters: $1 registrar, $2 whether the startups have agreed to being listed, $3 the instant of the run.
"""

from __future__ import annotations

STAGE = "stage_startup"

STAGED = (
    "n", "id", "external_id", "name", "sort_name", "country", "city", "regions", "sectors", "languages", "labels",
    "certifications", "employees", "record", "search_text", "content_hash",
    "evidence", "evidence_hash",
)  # fmt: skip

# Rows stay here for a moment only: not worth being compressed, which costs more than staging them does.
CREATE = f"""
CREATE TEMP TABLE {STAGE} (
    n int, id uuid, external_id text, name text, sort_name text COLLATE "C", country text, city text, regions text[],
    sectors text[], languages text[], labels text[], certifications text[], employees int, record jsonb,
    search_text text, content_hash bytea, evidence jsonb, evidence_hash bytea
) WITH (toast_tuple_target = 8160) ON COMMIT DROP
"""

# Only rows that will change are held against the API's writers; unchanged ones are not touched at all.
HOLD = f"""
SELECT count(*) FROM {STAGE} AS s
CROSS JOIN LATERAL (
    SELECT id FROM startup WHERE registrar_id = $1 AND external_id = s.external_id
        AND (content_hash <> s.content_hash OR ($2 AND agreed_at IS NULL))
    FOR NO KEY UPDATE
) AS held
"""  # noqa: S608 (constants of this module only)

_COPIED = ", ".join(name for name in STAGED if name not in {"n", "id", "external_id", "evidence", "evidence_hash"})
_SET = ", ".join(f"{name} = s.{name}" for name in _COPIED.split(", "))

# A profile that its startup has taken over is the startup's own from then on, whatever its registrar sends.
# A word that has come meanwhile (``agrees``) lists a profile; it is no new version of what the profile says.
MERGE = f"""
WITH met AS MATERIALIZED (
    SELECT
        s.n, t.id, t.version + (t.content_hash <> s.content_hash)::int AS version,
        t.content_hash = s.content_hash AS same,
        $2 AND t.agreed_at IS NULL AS agrees,
        t.owner_id IS DISTINCT FROM $1 AND t.owner_id IS NOT NULL AS claimed
    FROM {STAGE} AS s
    CROSS JOIN LATERAL (
        SELECT id, version, content_hash, agreed_at, owner_id
        FROM startup WHERE registrar_id = $1 AND external_id = s.external_id OFFSET 0
    ) AS t
), created AS (
    INSERT INTO startup (id, registrar_id, external_id, listed, agreed_at, created_at, updated_at, {_COPIED})
    SELECT s.id, $1, s.external_id, $2, CASE WHEN $2 THEN $3::timestamptz END, $3, $3, {_COPIED}
    FROM {STAGE} AS s WHERE s.n NOT IN (SELECT n FROM met)
    RETURNING id
), first_versions AS (
    INSERT INTO startup_version (startup_id, version, record, author_id, created_at)
    SELECT s.id, 1, s.record, $1, $3 FROM {STAGE} AS s WHERE s.n NOT IN (SELECT n FROM met)
), amended AS (
    UPDATE startup SET
        {_SET}, version = m.version, updated_at = $3,
        listed = startup.listed OR m.agrees, agreed_at = CASE WHEN m.agrees THEN $3 ELSE startup.agreed_at END
    FROM met AS m JOIN {STAGE} AS s USING (n)
    WHERE startup.id = m.id AND NOT m.claimed AND (NOT m.same OR m.agrees)
    RETURNING startup.id
), next_versions AS (
    INSERT INTO startup_version (startup_id, version, record, author_id, created_at)
    SELECT m.id, m.version, s.record, $1, $3
    FROM met AS m JOIN {STAGE} AS s USING (n) WHERE NOT m.claimed AND NOT m.same
)
SELECT
    (SELECT count(*) FROM created) AS created,
    (SELECT count(*) FROM amended) AS updated,
    (SELECT count(*) FROM met WHERE same AND (claimed OR NOT agrees)) AS unchanged,
    ARRAY(SELECT n FROM met WHERE claimed AND NOT same ORDER BY n) AS refused,
    ARRAY(SELECT id FROM created UNION ALL SELECT id FROM amended) AS to_rank,
    ARRAY[]::uuid[] AS to_link
"""  # noqa: S608 (constants of this module only)

# Beside the profile: a registrar tells of it until the startup has taken over, and what is the same makes no version.
KEEP_EVIDENCE = f"""
WITH kept AS (
    INSERT INTO startup_evidence AS held (startup_id, version, document, content_hash, updated_at)
    SELECT t.id, 1, s.evidence, s.evidence_hash, $2
    FROM {STAGE} AS s
    CROSS JOIN LATERAL (
        SELECT id FROM startup WHERE registrar_id = $1 AND external_id = s.external_id
            AND (owner_id IS NULL OR owner_id = $1)
    ) AS t
    WHERE s.evidence IS NOT NULL
    ORDER BY t.id
    ON CONFLICT (startup_id) DO UPDATE SET
        version = held.version + 1, document = excluded.document, content_hash = excluded.content_hash, updated_at = $2
    WHERE held.content_hash <> excluded.content_hash
    RETURNING startup_id, version, document
)
INSERT INTO startup_evidence_version (startup_id, version, document, author_id, created_at)
SELECT startup_id, version, document, $1, $2 FROM kept
"""  # noqa: S608 (constants of this module only)

REFUSED = ("startup.claimed", "the startup has taken its profile over: only the startup itself may change it now")
