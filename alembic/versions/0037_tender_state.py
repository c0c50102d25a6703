"""whether calls stand open, by their ids, from an index alone

Revises: 0036
"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_tender_state", "tender", ["id"], postgresql_include=["status", "deadline_at", "duplicate_of"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_tender_state", table_name="tender")
