"""who won what: names as they are compared, wins that a startup knows for its own; calls that are only planned

Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_BEFORE = ("draft", "published", "withdrawn", "cancelled", "closed", "awarded")
_STATUS = "ck_tender_tenderstatus"
_OUTCOME = "ck_award_awardoutcome"
_OUTCOMES = "'awarded', 'unsuccessful', 'cancelled'"


def _statuses(*names: str) -> str:
    return f"status IN ({', '.join(repr(name) for name in names)})"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(_STATUS), "tender", type_="check")
    # Not checked against rows that are there: every one of them passed the narrower list.
    op.execute(
        f"ALTER TABLE tender ADD CONSTRAINT {_STATUS} CHECK ({_statuses('draft', 'planned', *_BEFORE[1:])}) NOT VALID"
    )
    op.execute(f"ALTER TABLE tender VALIDATE CONSTRAINT {_STATUS}")
    op.drop_constraint(op.f(_OUTCOME), "award", type_="check")
    op.execute(f"ALTER TABLE award ADD CONSTRAINT {_OUTCOME} CHECK (outcome IN ({_OUTCOMES}, 'unknown'))")
    op.add_column("award", sa.Column("buyer_key", sa.String(), server_default="", nullable=False))
    op.create_index("ix_award_buyer_key", "award", ["buyer_key", "id"], unique=False)
    op.add_column("award_winner", sa.Column("name_key", sa.String(), server_default="", nullable=False))
    op.create_index("ix_award_winner_name_key", "award_winner", ["name_key"], unique=False)
    op.create_table(
        "startup_win",
        sa.Column("startup_id", sa.Uuid(), nullable=False),
        sa.Column("award_id", sa.Uuid(), nullable=False),
        sa.Column("mine", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["startup_id"], ["startup.id"], name=op.f("fk_startup_win_startup_id_startup"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["award_id"], ["award.id"], name=op.f("fk_startup_win_award_id_award"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("startup_id", "award_id", name=op.f("pk_startup_win")),
    )
    op.create_index(op.f("ix_startup_win_award_id"), "startup_win", ["award_id"], unique=False)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_index(op.f("ix_startup_win_award_id"), table_name="startup_win")
    op.drop_table("startup_win")
    op.drop_index("ix_award_winner_name_key", table_name="award_winner")
    op.drop_column("award_winner", "name_key")
    op.drop_index("ix_award_buyer_key", table_name="award")
    op.drop_column("award", "buyer_key")
    op.drop_constraint(op.f(_OUTCOME), "award", type_="check")
    op.execute("DELETE FROM award WHERE outcome = 'unknown'")
    op.execute(f"ALTER TABLE award ADD CONSTRAINT {_OUTCOME} CHECK (outcome IN ({_OUTCOMES}))")
    op.drop_constraint(op.f(_STATUS), "tender", type_="check")
    op.execute("UPDATE tender SET status = 'published' WHERE status = 'planned'")
    op.create_check_constraint(op.f(_STATUS), "tender", _statuses(*_BEFORE))
