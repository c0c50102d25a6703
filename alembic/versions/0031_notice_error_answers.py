"""errors in notices are answered

Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_PARTS = ("title", "buyer", "deadline", "value", "place", "description", "lots", "documents", "other")
_OUTCOMES = ("corrected", "as_published", "no_error")
_OPEN = "ix_feedback_notice_error_open"


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("feedback", sa.Column("part", _enum("noticepart", _PARTS), nullable=True))
    op.add_column("feedback", sa.Column("outcome", _enum("noticeerroroutcome", _OUTCOMES), nullable=True))
    op.add_column("feedback", sa.Column("answer", sa.String(), nullable=True))
    op.add_column("feedback", sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(op.f("ck_feedback_answered"), "feedback", "(outcome IS NULL) = (answered_at IS NULL)")
    op.execute(f"CREATE INDEX {_OPEN} ON feedback (id) WHERE verdict = 'notice_error' AND outcome IS NULL")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(_OPEN, table_name="feedback")
    op.drop_constraint(op.f("ck_feedback_answered"), "feedback", type_="check")
    for column in ("answered_at", "answer", "outcome", "part"):
        op.drop_column("feedback", column)
