"""collected sources: where each stands, its runs, what it sent, what it lists, and awards

Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "source_halt",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("halted_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_halt")),
    )
    op.create_table(
        "crawl_run",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "regular", "window", "sample", name="crawlkind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "complete",
                "partial",
                "refused",
                name="crawloutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("parsed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rejected", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("requests", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("created", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("closed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("awards", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fills", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("drift", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("retry_after", sa.Double(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_crawl_run_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crawl_run")),
        sa.UniqueConstraint("source_id", "started_at", name=op.f("uq_crawl_run_source_id_started_at")),
    )
    op.create_index("ix_crawl_run_newest", "crawl_run", ["source_id", "id"], unique=False)
    op.create_table(
        "kept_body",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_kept_body_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "digest", name=op.f("pk_kept_body")),
    )
    op.create_index("ix_kept_body_age", "kept_body", ["source_id", "kept_at"], unique=False)
    op.create_table(
        "kept_bundle",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("parts", postgresql.JSONB(), nullable=False),
        sa.Column("position", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_kept_bundle_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_bundle")),
        sa.UniqueConstraint("source_id", "digest", name=op.f("uq_kept_bundle_source_id_digest")),
    )
    op.create_index("ix_kept_bundle_order", "kept_bundle", ["source_id", "position"], unique=False)
    op.create_table(
        "listed_notice",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), server_default="", nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("vanished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_listed_notice_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", "ref", name=op.f("pk_listed_notice")),
    )
    op.create_index(
        "ix_listed_notice_open",
        "listed_notice",
        ["source_id", "seen_at"],
        unique=False,
        postgresql_where=sa.text("vanished_at IS NULL"),
    )
    op.create_table(
        "source_state",
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("drift", postgresql.JSONB(), server_default="[]", nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trusted_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("restarted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_source_state_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_source_state_source_id_source")),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_source_state")),
        sa.UniqueConstraint("organisation_id", name=op.f("uq_source_state_organisation_id")),
    )
    op.create_table(
        "crawl_rejection",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("excerpt", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["crawl_run.id"], name=op.f("fk_crawl_rejection_run_id_crawl_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", "position", name=op.f("pk_crawl_rejection")),
    )
    op.create_table(
        "award",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("tender_ref", sa.String(), nullable=True),
        sa.Column("ocid", sa.String(), nullable=True),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("lot_id", sa.String(), nullable=True),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("buyer_id", sa.String(), nullable=True),
        sa.Column("buyer_name", sa.String(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "awarded",
                "unsuccessful",
                "cancelled",
                name="awardoutcome",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("value_amount", sa.Numeric(precision=24, scale=4), nullable=True),
        sa.Column("value_currency", sa.String(), nullable=True),
        sa.Column("offers", sa.Integer(), nullable=True),
        sa.Column("cpv", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("awarded_on", sa.Date(), nullable=True),
        sa.Column("record", postgresql.JSONB(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_award_source_id_source")),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_award_tender_id_tender"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("source_id", "external_id", name=op.f("uq_award_source_id_external_id")),
    )
    op.create_index(op.f("ix_award_buyer_name"), "award", ["buyer_name"], unique=False)
    op.create_index("ix_award_reference", "award", ["reference"], unique=False)
    op.create_index(op.f("ix_award_tender_id"), "award", ["tender_id"], unique=False)
    op.create_index(
        "ix_award_unlinked_ocid",
        "award",
        ["source_id", "ocid"],
        unique=False,
        postgresql_where=sa.text("tender_id IS NULL"),
    )
    op.create_index(
        "ix_award_unlinked_ref",
        "award",
        ["source_id", "tender_ref"],
        unique=False,
        postgresql_where=sa.text("tender_id IS NULL"),
    )
    op.create_table(
        "award_winner",
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("identifier", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_award_winner_award_id_award"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("award_id", "position", name=op.f("pk_award_winner")),
    )
    op.create_index(op.f("ix_award_winner_identifier"), "award_winner", ["identifier"], unique=False)
    op.create_index(op.f("ix_award_winner_name"), "award_winner", ["name"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_award_winner_name"), table_name="award_winner")
    op.drop_index(op.f("ix_award_winner_identifier"), table_name="award_winner")
    op.drop_table("award_winner")
    op.drop_index("ix_award_unlinked_ref", table_name="award", postgresql_where=sa.text("tender_id IS NULL"))
    op.drop_index("ix_award_unlinked_ocid", table_name="award", postgresql_where=sa.text("tender_id IS NULL"))
    op.drop_index(op.f("ix_award_tender_id"), table_name="award")
    op.drop_index("ix_award_reference", table_name="award")
    op.drop_index(op.f("ix_award_buyer_name"), table_name="award")
    op.drop_table("award")
    op.drop_table("crawl_rejection")
    op.drop_table("source_state")
    op.drop_index("ix_listed_notice_open", table_name="listed_notice", postgresql_where=sa.text("vanished_at IS NULL"))
    op.drop_table("listed_notice")
    op.drop_index("ix_kept_bundle_order", table_name="kept_bundle")
    op.drop_table("kept_bundle")
    op.drop_index("ix_kept_body_age", table_name="kept_body")
    op.drop_table("kept_body")
    op.drop_index("ix_crawl_run_newest", table_name="crawl_run")
    op.drop_table("crawl_run")
    op.drop_table("source_halt")
