"""the event log that every channel is fed from

Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.db.base import XactId

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# PostgreSQL has uuidv7() from version 18; we support 16. The milliseconds go over the first 48 bits of a random UUID,
# and two bits make its version 4 a 7 (RFC 9562).
UUID7 = """
CREATE FUNCTION safqa_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(overlay(
            uuid_send(gen_random_uuid())
            PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
            FROM 1 FOR 6
        ), 52, 1), 53, 1),
        'hex'
    )::uuid
$$
"""
# Whoever delivers events is woken by the commit that makes them.
TELL = """
CREATE FUNCTION safqa_tell_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('safqa_event', '');
    RETURN NULL;
END $$
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute(UUID7)
    op.execute(TELL)
    op.create_table(
        "event",
        sa.Column("id", sa.Uuid(), server_default=sa.text("safqa_uuid7()"), nullable=False),
        sa.Column("sequence", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "everyone",
                "operators",
                "organisation",
                name="eventaudience",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("startup_id", sa.Uuid(), nullable=True),
        sa.Column("match_id", sa.Uuid(), nullable=True),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("import_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_tx", XactId(), server_default=sa.text("pg_current_xact_id()"), nullable=False),
        sa.CheckConstraint(
            "(audience = 'organisation') = (organisation_id IS NOT NULL)", name=op.f("ck_event_one_audience")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("key", name=op.f("uq_event_key")),
    )
    op.create_index(
        "ix_event_open",
        "event",
        ["audience", "type", "changed_tx", "sequence"],
        unique=False,
        postgresql_where=sa.text("organisation_id IS NULL"),
    )
    op.create_index(
        "ix_event_own",
        "event",
        ["organisation_id", "type", "changed_tx", "sequence"],
        unique=False,
        postgresql_where=sa.text("organisation_id IS NOT NULL"),
    )
    op.create_index(
        "ix_event_startup_id",
        "event",
        ["startup_id"],
        unique=False,
        postgresql_where=sa.text("startup_id IS NOT NULL"),
    )
    op.create_index("ix_event_occurred_at", "event", ["occurred_at"], unique=False, postgresql_using="brin")
    op.execute("CREATE TRIGGER tell AFTER INSERT ON event FOR EACH STATEMENT EXECUTE FUNCTION safqa_tell_event()")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_event_occurred_at", table_name="event", postgresql_using="brin")
    op.drop_index("ix_event_startup_id", table_name="event", postgresql_where=sa.text("startup_id IS NOT NULL"))
    op.drop_index("ix_event_own", table_name="event", postgresql_where=sa.text("organisation_id IS NOT NULL"))
    op.drop_index("ix_event_open", table_name="event", postgresql_where=sa.text("organisation_id IS NULL"))
    op.drop_table("event")
    op.execute("DROP FUNCTION safqa_tell_event()")
    op.execute("DROP FUNCTION safqa_uuid7()")
