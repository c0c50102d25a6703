"""calls pushed by portals and private buyers: senders, deliveries, how far each call is

Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STATES = ("queued", "created", "updated", "unchanged", "superseded", "rejected")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "push_sender",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=True),
        sa.Column("sector", sa.String(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("previous_secret", sa.LargeBinary(), nullable=True),
        sa.Column("previous_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["organisation.id"], name=op.f("fk_push_sender_owner_id_organisation")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("fk_push_sender_source_id_source")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_sender")),
        sa.UniqueConstraint("owner_id", "code", name=op.f("uq_push_sender_owner_id_code")),
    )
    op.create_table(
        "push_delivery",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("webhook_id", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(*STATES, name="pushstate", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("call_version", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(), nullable=True),
        sa.Column("record", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("faults", postgresql.JSONB(astext_type=sa.Text()), server_default="[]", nullable=False),
        sa.Column("tender_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["push_sender.id"], name=op.f("fk_push_delivery_sender_id_push_sender"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_push_delivery_tender_id_tender"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_push_delivery")),
        sa.UniqueConstraint("sender_id", "webhook_id", name=op.f("uq_push_delivery_sender_id_webhook_id")),
    )
    op.create_index("ix_push_delivery_newest", "push_delivery", ["sender_id", "id"])
    op.create_index("ix_push_delivery_received", "push_delivery", ["received_at"])
    op.create_index(op.f("ix_push_delivery_tender_id"), "push_delivery", ["tender_id"])
    op.create_table(
        "push_call",
        sa.Column("sender_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["sender_id"], ["push_sender.id"], name=op.f("fk_push_call_sender_id_push_sender"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sender_id", "external_id", name=op.f("pk_push_call")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("push_call")
    op.drop_table("push_delivery")
    op.drop_table("push_sender")
