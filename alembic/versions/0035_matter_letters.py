"""people are told by letter what waits for their organisation, and switch that off by group

Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_MATTERS = (
    "meeting-asked", "meeting-moved", "meeting-accepted", "meeting-declined", "meeting-withdrawn", "pilot-application",
    "pilot-chosen", "pilot-passed", "pilot-cancelled", "pilot-closed", "startup-invited", "notice-answered",
)  # fmt: skip
_STATES = ("queued", "sending", "sent", "failed", "uncertain", "dropped")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _to(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_matter_letter_{column}_{table}")
    return sa.ForeignKeyConstraint([column], [f"{table}.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("person", sa.Column("quiet", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_table(
        "matter_letter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("caused_by", sa.Uuid(), nullable=False),
        sa.Column("matter", _enum("matter", *_MATTERS), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=True),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", _enum("letterstate", *_STATES), server_default="queued", nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("claim", sa.Uuid(), nullable=True),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        _to("person_id", "person"),
        _to("organisation_id", "organisation"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_matter_letter")),
        sa.UniqueConstraint("person_id", "key", name=op.f("uq_matter_letter_person_id_key")),
    )
    op.create_index(op.f("ix_matter_letter_organisation_id"), "matter_letter", ["organisation_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("matter_letter")
    op.drop_column("person", "quiet")
