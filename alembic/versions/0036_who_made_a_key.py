"""who made a key

Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("api_key", sa.Column("made_by_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_api_key_made_by_id_person"), "api_key", "person", ["made_by_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index(op.f("ix_api_key_made_by_id"), "api_key", ["made_by_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_api_key_made_by_id"), table_name="api_key")
    op.drop_constraint(op.f("fk_api_key_made_by_id_person"), "api_key", type_="foreignkey")
    op.drop_column("api_key", "made_by_id")
