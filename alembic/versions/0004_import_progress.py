"""imports: attempts and a problem's code; refusals by position, as several may stand on one line

Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("import_run", sa.Column("problem_code", sa.String()))
    op.add_column("import_run", sa.Column("attempts", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rejected_record", sa.Column("position", sa.Integer()))
    op.add_column("rejected_record", sa.Column("unit", sa.String(), server_default="line", nullable=False))
    op.execute("UPDATE rejected_record SET position = line")
    op.alter_column("rejected_record", "position", nullable=False)
    op.drop_constraint("pk_rejected_record", "rejected_record", type_="primary")
    op.create_primary_key("pk_rejected_record", "rejected_record", ["run_id", "position"])


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint("pk_rejected_record", "rejected_record", type_="primary")
    op.execute(
        "DELETE FROM rejected_record AS later USING rejected_record AS first WHERE later.run_id = first.run_id "
        "AND later.line = first.line AND later.position > first.position"
    )
    op.create_primary_key("pk_rejected_record", "rejected_record", ["run_id", "line"])
    for name in ("unit", "position"):
        op.drop_column("rejected_record", name)
    for name in ("attempts", "problem_code"):
        op.drop_column("import_run", name)
