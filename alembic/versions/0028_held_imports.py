"""uploads whose owner looks at what they hold before anything of it is stored

Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_STATE = "ck_import_run_importstate"
_BEFORE = "'queued', 'running', 'finished', 'failed'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(_STATE), "import_run", type_="check")
    # Not checked against rows that are there: every one of them passed the narrower list.
    op.execute(f"ALTER TABLE import_run ADD CONSTRAINT {_STATE} CHECK (state IN ('held', {_BEFORE})) NOT VALID")
    op.execute(f"ALTER TABLE import_run VALIDATE CONSTRAINT {_STATE}")
    op.create_table(
        "import_preview",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("found", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["import_run.id"], name=op.f("fk_import_preview_run_id_import_run"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_import_preview")),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_table("import_preview")
    op.execute("DELETE FROM import_run WHERE state = 'held'")
    op.drop_constraint(op.f(_STATE), "import_run", type_="check")
    op.execute(f"ALTER TABLE import_run ADD CONSTRAINT {_STATE} CHECK (state IN ({_BEFORE}))")
