"""decisions and feedback by tender: a draft that is deleted must not read those tables whole

Revises: 0005
"""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index("ix_decision_tender_id", "decision", ["tender_id"])
    op.create_index("ix_feedback_tender_id", "feedback", ["tender_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_feedback_tender_id", table_name="feedback")
    op.drop_index("ix_decision_tender_id", table_name="decision")
