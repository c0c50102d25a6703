"""meetings, support offers

Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "support_offer",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mentor",
                "expert",
                "training",
                "fund",
                name="supportkind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("gaps", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("regions", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("languages", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["organisation.id"], name=op.f("fk_support_offer_provider_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_offer")),
    )
    op.create_index("ix_support_offer_gaps", "support_offer", ["gaps"], unique=False, postgresql_using="gin")
    op.create_index("ix_support_offer_provider", "support_offer", ["provider_id", "id"], unique=False)
    op.create_table(
        "meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("startup_side_id", sa.Uuid(), nullable=False),
        sa.Column("buyer_id", sa.Uuid(), nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("pilot_id", sa.Uuid(), nullable=True),
        sa.Column(
            "asked_by",
            sa.Enum("startup", "buyer", name="side", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("startups_turn", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "asked",
                "accepted",
                "declined",
                "withdrawn",
                name="meetingstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("startup_contact", sa.String(), nullable=True),
        sa.Column("buyer_contact", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("(tender_id IS NULL) <> (pilot_id IS NULL)", name=op.f("ck_meeting_one_subject")),
        sa.ForeignKeyConstraint(["buyer_id"], ["organisation.id"], name=op.f("fk_meeting_buyer_id_organisation")),
        sa.ForeignKeyConstraint(["pilot_id"], ["pilot.id"], name=op.f("fk_meeting_pilot_id_pilot"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.id"], name=op.f("fk_meeting_startup_id_startup"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["startup_side_id"], ["organisation.id"], name=op.f("fk_meeting_startup_side_id_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_meeting_tender_id_tender"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meeting")),
    )
    op.create_index("ix_meeting_buyer", "meeting", ["buyer_id", "id"], unique=False)
    op.create_index(op.f("ix_meeting_pilot_id"), "meeting", ["pilot_id"], unique=False)
    op.create_index("ix_meeting_startup_side", "meeting", ["startup_side_id", "id"], unique=False)
    op.create_index(op.f("ix_meeting_tender_id"), "meeting", ["tender_id"], unique=False)
    op.create_index(
        "uq_meeting_pilot",
        "meeting",
        ["startup_id", "pilot_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'accepted')"),
    )
    op.create_index(
        "uq_meeting_tender",
        "meeting",
        ["startup_id", "tender_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('asked', 'accepted')"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("uq_meeting_tender", table_name="meeting", postgresql_where=sa.text("state IN ('asked', 'accepted')"))
    op.drop_index("uq_meeting_pilot", table_name="meeting", postgresql_where=sa.text("state IN ('asked', 'accepted')"))
    op.drop_index(op.f("ix_meeting_tender_id"), table_name="meeting")
    op.drop_index("ix_meeting_startup_side", table_name="meeting")
    op.drop_index(op.f("ix_meeting_pilot_id"), table_name="meeting")
    op.drop_index("ix_meeting_buyer", table_name="meeting")
    op.drop_table("meeting")
    op.drop_index("ix_support_offer_provider", table_name="support_offer")
    op.drop_index("ix_support_offer_gaps", table_name="support_offer", postgresql_using="gin")
    op.drop_table("support_offer")
