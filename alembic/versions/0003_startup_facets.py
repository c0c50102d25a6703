"""startups: order by folded name, filter by label and certificate; find the feedback about a startup

Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

FACETS = ("regions", "sectors", "languages", "labels", "certifications")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("startup", sa.Column("sort_name", sa.Text(collation="C"), server_default="", nullable=False))
    for name in ("labels", "certifications"):
        op.add_column("startup", sa.Column(name, postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.create_index(
        "ix_startup_by_name", "startup", ["sort_name", "id"], postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.create_index("ix_startup_facets", "startup", list(FACETS), postgresql_using="gin")
    op.create_index(op.f("ix_feedback_startup_id"), "feedback", ["startup_id"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_feedback_startup_id"), table_name="feedback")
    op.drop_index("ix_startup_facets", table_name="startup", postgresql_using="gin")
    op.drop_index("ix_startup_by_name", table_name="startup", postgresql_where=sa.text("deleted_at IS NULL"))
    for name in ("certifications", "labels", "sort_name"):
        op.drop_column("startup", name)
