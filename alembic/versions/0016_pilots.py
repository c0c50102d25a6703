"""pilots, applications for them, attestations

Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "pilot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "open",
                "running",
                "closed",
                "cancelled",
                name="pilotstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("criteria", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("trades", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("cpv", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("place", sa.String(), nullable=True),
        sa.Column("region", sa.String(), nullable=True),
        sa.Column("budget_amount", sa.Numeric(precision=24, scale=4), nullable=False),
        sa.Column("budget_currency", sa.String(), nullable=False),
        sa.Column("window_from", sa.Date(), nullable=False),
        sa.Column("window_until", sa.Date(), nullable=False),
        sa.Column("apply_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("startup_id", sa.Uuid(), nullable=True),
        sa.Column("verdicts", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("statement", sa.String(), nullable=True),
        sa.Column("paid_amount", sa.Numeric(precision=24, scale=4), nullable=True),
        sa.Column("paid_currency", sa.String(), nullable=True),
        sa.Column("cancelled_because", sa.String(), nullable=True),
        sa.Column("search_text", sa.String(), server_default="", nullable=False),
        sa.Column(
            "search",
            postgresql.TSVECTOR(),
            sa.Computed("to_tsvector('simple', search_text)", persisted=True),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_pilot_buyer_id_organisation")),
        sa.ForeignKeyConstraint(["startup_id"], ["startup.id"], name=op.f("fk_pilot_startup_id_startup")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pilot")),
    )
    op.create_index("ix_pilot_buyer", "pilot", ["buyer_id", "id"], unique=False)
    op.create_index("ix_pilot_open", "pilot", ["id"], unique=False, postgresql_where=sa.text("state = 'open'"))
    op.create_index("ix_pilot_search", "pilot", ["search"], unique=False, postgresql_using="gin")
    op.create_index(op.f("ix_pilot_startup_id"), "pilot", ["startup_id"], unique=False)
    op.create_table(
        "attestation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("pilot_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("jws", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.String(), nullable=True),
        sa.Column("referenced", sa.Boolean(), nullable=True),
        sa.Column("referenced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_attestation_buyer_id_organisation")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_attestation_pilot_id_pilot")),
        sa.ForeignKeyConstraint(["startup_id"], ["startup.id"], name=op.f("fk_attestation_startup_id_startup")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
        sa.UniqueConstraint("code", name=op.f("uq_attestation_code")),
        sa.UniqueConstraint("pilot_id", name=op.f("uq_attestation_pilot_id")),
    )
    op.create_index("ix_attestation_startup", "attestation", ["startup_id", "id"], unique=False)
    op.create_table(
        "pilot_application",
        sa.Column("pilot_id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["pilot_id"], ["pilot.id"], name=op.f("fk_pilot_application_pilot_id_pilot"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.id"], name=op.f("fk_pilot_application_startup_id_startup"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pilot_id", "startup_id", name=op.f("pk_pilot_application")),
    )
    op.create_index(op.f("ix_pilot_application_startup_id"), "pilot_application", ["startup_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_pilot_application_startup_id"), table_name="pilot_application")
    op.drop_table("pilot_application")
    op.drop_index("ix_attestation_startup", table_name="attestation")
    op.drop_table("attestation")
    op.drop_index(op.f("ix_pilot_startup_id"), table_name="pilot")
    op.drop_index("ix_pilot_search", table_name="pilot", postgresql_using="gin")
    op.drop_index("ix_pilot_open", table_name="pilot", postgresql_where=sa.text("state = 'open'"))
    op.drop_index("ix_pilot_buyer", table_name="pilot")
    op.drop_table("pilot")
