"""people tell of errors in notices

Revises: 0028
"""

from __future__ import annotations

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_NAME = "ck_feedback_feedbackverdict"
_BEFORE = "'right', 'wrong', 'won', 'lost'"


def _allow(verdicts: str) -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(_NAME), "feedback", type_="check")
    op.execute(f"ALTER TABLE feedback ADD CONSTRAINT {_NAME} CHECK (verdict IN ({verdicts}))")


def upgrade() -> None:
    _allow(f"{_BEFORE}, 'notice_error'")
    op.execute("CREATE INDEX ix_feedback_notice_error ON feedback (id) WHERE verdict = 'notice_error'")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_feedback_notice_error", table_name="feedback")
    op.execute("DELETE FROM feedback WHERE verdict = 'notice_error'")
    _allow(_BEFORE)
