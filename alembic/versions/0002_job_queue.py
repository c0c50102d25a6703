"""job queue: the tables of PGQueuer 1.6, in a schema of their own

Revises: 0001

The SQL beside this file is what ``pgq --schema pgqueuer sql install`` of that release prints; an upgrade of the
library that changes its tables gets a revision with what ``pgq sql upgrade`` prints.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    sql = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    # Many statements at once need the simple protocol, which SQLAlchemy's prepared statements don't use.
    op.get_bind().connection.dbapi_connection.run_async(lambda connection: connection.execute(sql))


def downgrade() -> None:
    op.execute("DROP SCHEMA pgqueuer CASCADE")
