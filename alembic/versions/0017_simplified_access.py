"""the simplified-access lane of calls; a job fills it for those that are there

Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO pgqueuer.pgqueuer (priority, status, entrypoint, payload, dedupe_key)
SELECT 0, 'queued', 'derive_lanes', '{}'::bytea, 'derive_lanes:None' WHERE EXISTS (SELECT FROM tender)
"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("tender", sa.Column("simplified_access", sa.Boolean(), nullable=True))
    op.add_column(
        "tender",
        sa.Column("simplified_grounds", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.execute(FILL)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("tender", "simplified_grounds")
    op.drop_column("tender", "simplified_access")
