"""people move to another address; who founds under an unconfirmed one is a member provisionally

Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_NAME = "ck_one_time_link_linkpurpose"
_BEFORE = "'sign-in', 'sign-up'"


def _allow(purposes: str) -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(_NAME), "one_time_link", type_="check")
    op.execute(f"ALTER TABLE one_time_link ADD CONSTRAINT {_NAME} CHECK (purpose IN ({purposes}))")


def upgrade() -> None:
    _allow(f"{_BEFORE}, 'move', 'take-back'")
    op.add_column("one_time_link", sa.Column("person_id", sa.Uuid(), nullable=True))
    op.add_column("one_time_link", sa.Column("second_factor", sa.Boolean(), server_default="false", nullable=False))
    op.create_foreign_key(
        op.f("fk_one_time_link_person_id_person"), "one_time_link", "person", ["person_id"], ["id"], ondelete="CASCADE"
    )
    op.create_index(op.f("ix_one_time_link_person_id"), "one_time_link", ["person_id"], unique=False)
    op.add_column("membership", sa.Column("provisional", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_column("membership", "provisional")
    op.execute(f"DELETE FROM one_time_link WHERE purpose NOT IN ({_BEFORE})")  # noqa: S608 (a constant)
    op.drop_column("one_time_link", "second_factor")
    op.drop_column("one_time_link", "person_id")
    _allow(_BEFORE)
