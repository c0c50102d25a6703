"""startups say that they look for a partner, and that they handed a bid in

Revises: 0025
"""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_NAME = "ck_decision_decisionkind"
_BEFORE = "'shortlisted', 'invited', 'dismissed', 'saved'"


def _allow(kinds: str) -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.drop_constraint(op.f(_NAME), "decision", type_="check")
    op.execute(f"ALTER TABLE decision ADD CONSTRAINT {_NAME} CHECK (kind IN ({kinds}))")


def upgrade() -> None:
    _allow(f"{_BEFORE}, 'partner_wanted', 'bid'")


def downgrade() -> None:
    # Both kept the call: the older kind says that much.
    op.execute("UPDATE decision SET kind = 'saved' WHERE kind IN ('partner_wanted', 'bid')")
    _allow(_BEFORE)
