"""feeds of kept searches

Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_BEFORE = "'startup', 'cohort', 'simplified_access'"


def _allow(selections: str) -> None:
    op.drop_constraint(op.f("ck_feed_feedselection"), "feed", type_="check")
    op.create_check_constraint(op.f("ck_feed_feedselection"), "feed", f"selection IN ({selections})")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _allow(f"{_BEFORE}, 'search'")
    op.add_column("feed", sa.Column("search_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_feed_search_id_saved_search"), "feed", "saved_search", ["search_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_feed_search_id"), "feed", ["search_id"], unique=False)
    op.create_check_constraint(op.f("ck_feed_one_search"), "feed", "(selection = 'search') = (search_id IS NOT NULL)")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.execute("DELETE FROM feed WHERE selection = 'search'")
    op.drop_constraint(op.f("ck_feed_one_search"), "feed", type_="check")
    op.drop_index(op.f("ix_feed_search_id"), table_name="feed")
    op.drop_constraint(op.f("fk_feed_search_id_saved_search"), "feed", type_="foreignkey")
    op.drop_column("feed", "search_id")
    _allow(_BEFORE)
