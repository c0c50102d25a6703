"""the same call on several portals: blocking keys, links with their evidence, and what they make of a tender

Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name in ("duplicate_of", "cancelled_by"):
        op.add_column("tender", sa.Column(name, sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f(f"fk_tender_{name}_tender"), "tender", "tender", [name], ["id"], ondelete="SET NULL")
        op.create_index(
            f"ix_tender_{name}", "tender", [name], unique=False, postgresql_where=sa.text(f"{name} IS NOT NULL")
        )
    op.create_table(
        "tender_link",
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column(
            "strength",
            sa.Enum(
                "exact",
                "strong",
                "possible",
                name="linkstrength",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("evidence", postgresql.JSONB(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "found",
                "confirmed",
                "unlinked",
                name="linkstate",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            server_default="found",
            nullable=False,
        ),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_tender_link_ordered")),
        sa.ForeignKeyConstraint(
            ["one_id"], ["tender.id"], name=op.f("fk_tender_link_one_id_tender"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["other_id"], ["tender.id"], name=op.f("fk_tender_link_other_id_tender"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["organisation.id"], name=op.f("fk_tender_link_decided_by_organisation")
        ),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_tender_link")),
    )
    op.create_index("ix_tender_link_other_id", "tender_link", ["other_id"], unique=False)
    op.create_index("ix_tender_link_review", "tender_link", ["state", "strength", "one_id", "other_id"], unique=False)
    op.create_table(
        "tender_key",
        sa.Column("tender_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tender_id"], ["tender.id"], name=op.f("fk_tender_key_tender_id_tender"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tender_id", "key", name=op.f("pk_tender_key")),
    )
    op.create_index("ix_tender_key_key", "tender_key", ["key"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_tender_key_key", table_name="tender_key")
    op.drop_table("tender_key")
    op.drop_index("ix_tender_link_review", table_name="tender_link")
    op.drop_index("ix_tender_link_other_id", table_name="tender_link")
    op.drop_table("tender_link")
    for name in ("cancelled_by", "duplicate_of"):
        op.drop_index(f"ix_tender_{name}", table_name="tender")
        op.drop_constraint(op.f(f"fk_tender_{name}_tender"), "tender", type_="foreignkey")
        op.drop_column("tender", name)
