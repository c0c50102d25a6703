"""search and filters by index: the words of titles, and what lists are filtered by

Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_KEYS = ["status", "deadline_at", "id"]
_FILTERED = [
    "duplicate_of", "region", "category", "sector", "country", "reserved_sme", "simplified_access", "value_currency",
    "value_amount",
]  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    title = sa.text("to_tsvector('simple'::regconfig, left(search_text, char_length(title)))")
    op.create_index("ix_tender_title", "tender", [title], postgresql_using="gin")
    op.drop_index("ix_tender_open", table_name="tender")
    op.create_index("ix_tender_open", "tender", _KEYS, postgresql_include=_FILTERED)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index("ix_tender_open", table_name="tender")
    op.create_index("ix_tender_open", "tender", _KEYS)
    op.drop_index("ix_tender_title", table_name="tender")
