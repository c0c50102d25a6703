"""what calls ask for: findings, readings, documents, corrections

Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# Calls that stand here already are read by the worker.
BACKLOG = """
INSERT INTO pgqueuer.pgqueuer (priority, status, entrypoint, payload, dedupe_key)
SELECT -1, 'queued', 'read_backlog', '{}'::bytea, 'read_backlog:None' WHERE EXISTS (SELECT FROM tender)
"""
STATES = ("pending", "read", "scanned", "unreadable", "too_large")


def _of_tender(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tender_id"], ["tender.id"], name=op.f(f"fk_{table}_tender_id_tender"), ondelete="CASCADE"
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "tender_document",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="documentstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        _of_tender("tender_document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_document")),
        sa.UniqueConstraint("tender_id", "sha256", name=op.f("uq_tender_document_tender_id_sha256")),
    )
    op.create_index("ix_tender_document_tender", "tender_document", ["tender_id", "id"])
    op.create_table(
        "tender_reading",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        _of_tender("tender_reading"),
        sa.PrimaryKeyConstraint("tender_id", name=op.f("pk_tender_reading")),
    )
    op.create_table(
        "tender_requirement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(), nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("start_at", sa.Integer(), nullable=False),
        sa.Column("end_at", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        _of_tender("tender_requirement"),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["tender_document.id"],
            name=op.f("fk_tender_requirement_document_id_tender_document"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tender_requirement")),
    )
    op.create_index("ix_tender_requirement_tender", "tender_requirement", ["tender_id", "version"])
    op.create_index("ix_tender_requirement_document_id", "tender_requirement", ["document_id"])
    op.create_table(
        "requirement_correction",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("told", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        _of_tender("requirement_correction"),
        sa.ForeignKeyConstraint(
            ["author_id"], ["organisation.id"], name=op.f("fk_requirement_correction_author_id_organisation")
        ),
        sa.PrimaryKeyConstraint("tender_id", "kind", name=op.f("pk_requirement_correction")),
    )
    op.execute(BACKLOG)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("requirement_correction")
    op.drop_table("tender_requirement")
    op.drop_table("tender_reading")
    op.drop_table("tender_document")
