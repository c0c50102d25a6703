"""keys of tenders: an index that tells the newest tenders of a key without sorting all of them

Revises: 0013
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_tender_key_newest", "tender_key", ["key", "tender_id"])
    op.drop_index("ix_tender_key_key", table_name="tender_key")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_tender_key_key", "tender_key", ["key"])
    op.drop_index("ix_tender_key_newest", table_name="tender_key")
