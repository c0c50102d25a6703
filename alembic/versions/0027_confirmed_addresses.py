"""whether an address was shown to be a person's own, and what was passed on by hand

Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("person", sa.Column("mail_confirmed_at", sa.DateTime(timezone=True), nullable=True))
    for table in ("one_time_link", "invitation"):
        op.add_column(table, sa.Column("handed", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in ("invitation", "one_time_link"):
        op.drop_column(table, "handed")
    op.drop_column("person", "mail_confirmed_at")
