"""what startups can show: evidence, its versions and files

Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "startup_evidence",
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.id"], name=op.f("fk_startup_evidence_startup_id_startup"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("startup_id", name=op.f("pk_startup_evidence")),
    )
    op.create_table(
        "startup_evidence_version",
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["organisation.id"], name=op.f("fk_startup_evidence_version_author_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["startup_id"],
            ["startup.id"],
            name=op.f("fk_startup_evidence_version_startup_id_startup"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("startup_id", "version", name=op.f("pk_startup_evidence_version")),
    )
    op.create_table(
        "evidence_file",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.id"], name=op.f("fk_evidence_file_startup_id_startup"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["uploaded_by_id"], ["organisation.id"], name=op.f("fk_evidence_file_uploaded_by_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
    )
    # Scans are packed already: trying to pack them again only costs time.
    op.execute("ALTER TABLE evidence_file ALTER COLUMN content SET STORAGE EXTERNAL")
    op.create_index("ix_evidence_file_startup", "evidence_file", ["startup_id", "id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("evidence_file")
    op.drop_table("startup_evidence_version")
    op.drop_table("startup_evidence")
